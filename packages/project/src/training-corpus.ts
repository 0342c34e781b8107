import { type Corpus, type Document, OperationError, type SubjectId, type Transform } from '@catchword/core';
import { contentHash } from '@catchword/math';

/** What one whole pass over a training corpus came upon. */
export interface TrainingCounts {
  /** Documents that the backend was given. */
  readonly nDocuments: number;
  /** Documents left out because none of their subjects may be suggested. */
  readonly nWithoutUsableSubject: number;
  /** Shape (nSubjects): documents that each subject stands on. */
  readonly frequency: Uint32Array;
  /** Shape (nDocuments), ascending: `contentHash` of each document's text before the transforms. */
  readonly contentHashes: Float64Array;
}

/**
 * A number that a text with the same subjects shares.
 *
 * @param hash the text's `contentHash`
 * @param subjects in any order, each any number of times
 */
export function recordHash(hash: number, subjects: readonly SubjectId[]): number {
  return contentHash(`${hash} ${[...new Set(subjects)].sort((a, b) => a - b).join(' ')}`);
}

/** @returns the counts of several corpora together */
export function joinCounts(all: readonly TrainingCounts[], nSubjects: number): TrainingCounts {
  const frequency = new Uint32Array(nSubjects);
  for (const counts of all) {
    counts.frequency.forEach((n, id) => {
      frequency[id] = (frequency[id] as number) + n;
    });
  }
  return {
    nDocuments: all.reduce((n, counts) => n + counts.nDocuments, 0),
    nWithoutUsableSubject: all.reduce((n, counts) => n + counts.nWithoutUsableSubject, 0),
    frequency,
    contentHashes: Float64Array.from(all.flatMap((counts) => [...counts.contentHashes])).sort(),
  };
}

/**
 * A corpus as a backend learns from it: texts transformed, gold subjects only those that may be suggested, documents
 * without any left out and counted.
 */
export class TrainingCorpus implements Corpus {
  readonly name: string;
  private readonly corpus: Corpus;
  private readonly transform: Transform;
  private readonly nSubjects: number;
  private readonly isUsable: (id: SubjectId) => boolean;
  private readonly signal: AbortSignal | undefined;
  private latest: TrainingCounts | undefined;
  private latestRecords = new Float64Array(0);

  constructor(
    corpus: Corpus,
    transform: Transform,
    nSubjects: number,
    isUsable: (id: SubjectId) => boolean,
    signal: AbortSignal | undefined,
  ) {
    this.name = corpus.name;
    this.corpus = corpus;
    this.transform = transform;
    this.nSubjects = nSubjects;
    this.isUsable = isUsable;
    this.signal = signal;
  }

  /** The counts of the latest pass that was finished; they are set where what was made of such a pass is known already. */
  get counts(): TrainingCounts {
    return this.latest ?? joinCounts([], this.nSubjects);
  }

  set counts(counts: TrainingCounts) {
    this.latest = counts;
  }

  /** Of the latest pass that was finished, shape (nDocuments), ascending: `recordHash` of each document. */
  get recordHashes(): Float64Array {
    return this.latestRecords;
  }

  /** @throws {OperationError} `corpus-empty` at the end of a pass that gave no document; the signal's reason after an abort */
  async *documents(): AsyncGenerator<Document, void, undefined> {
    const frequency = new Uint32Array(this.nSubjects);
    let nDocuments = 0;
    let nWithoutUsableSubject = 0;
    const hashes: number[] = [];
    const records: number[] = [];
    for await (const doc of this.corpus.documents()) {
      this.signal?.throwIfAborted();
      const subjects = doc.subjects?.filter(this.isUsable) ?? [];
      if (subjects.length === 0) {
        nWithoutUsableSubject++;
        continue;
      }
      // What was made up does not make a subject a known one.
      if (doc.weight === undefined) for (const id of subjects) frequency[id] = (frequency[id] as number) + 1;
      nDocuments++;
      const hash = contentHash(doc.text);
      hashes.push(hash);
      records.push(recordHash(hash, subjects));
      yield { ...doc, text: this.transform.apply(doc.text, doc.metadata), subjects };
    }
    if (nDocuments === 0) throw this.emptyError(nWithoutUsableSubject);
    const contentHashes = Float64Array.from(hashes).sort();
    this.latest = { nDocuments, nWithoutUsableSubject, frequency, contentHashes };
    this.latestRecords = Float64Array.from(records).sort();
  }

  private emptyError(nWithoutUsableSubject: number): OperationError {
    const why = nWithoutUsableSubject > 0 ? ` (${nWithoutUsableSubject} without a subject that may be suggested)` : '';
    const message =
      this.name === ''
        ? 'Not supported: Cannot train a project with no documents; no corpus was named'
        : `Not supported: Cannot train a project with no documents; ${this.name} holds none with a known subject${why}`;
    return new OperationError('corpus-empty', message, {
      hint: 'Give documents that are indexed with subjects of the vocabulary, by URI.',
      context: { corpus: this.name, nWithoutUsableSubject },
    });
  }
}
