import {
  type Document,
  type Explanation,
  type IndexingError,
  type SimilarRecord,
  type Source,
  type SubjectId,
  SuggestionBatch,
  SuggestionBatchBuilder,
  type SuggestOptions,
} from '@catchword/core';
import { type CsrPattern, contentHash, csrFromPairs } from '@catchword/math';
import type { LearntRecord } from './learning/learnt-records.js';
import type { LearntModel } from './learning/suggester-learning.js';
import { sourceSubjects, type TrainedOn } from './learning/trained-since.js';
import type { Suggester, SuggesterParts } from './suggester.js';

/** In `SourceParts.subjectMap`: the ensemble's vocabulary has no such subject. */
export const NO_SUBJECT = 0xffffffff;

/** One source of an ensemble as data, for every thread. */
export interface SourceParts {
  readonly projectId: string;
  readonly backend: string;
  readonly weight: number;
  readonly exponent: number;
  /** What the source suggests with, or why it cannot and what can be done. */
  readonly parts: SuggesterParts | { readonly failure: string; readonly hint?: string };
  /** The source's own limit. */
  readonly limit: number;
  /** Shape (nSubjects of the ensemble), shared memory. */
  readonly trainFrequency: Uint32Array;
  readonly nTrainDocs: number;
  readonly modelId: string;
  /** Shape (nSubjects of the source), shared memory: the ensemble's subject with the same URI; absent where ids are the same. */
  readonly subjectMap: Uint32Array | undefined;
  /** Names what the source has learnt of its own journal; empty for nothing. */
  readonly learntKey: string;
  /** Content hashes, ascending, of texts that it was trained on or has learnt, its sources included. */
  readonly known: readonly Float64Array[];
  /** When it was trained, and on what; absent for an ensemble. */
  readonly trained?: TrainedOn | undefined;
  /** Content hashes of records that the ensemble is to learn again, and that the source was trained on since. */
  readonly skip?: Float64Array;
}

/** A source that cannot be used, and why. */
export interface BrokenSource {
  readonly projectId: string;
  readonly failure: IndexingError;
}

/** A project as the source of an ensemble, in one thread. */
export class SuggesterSource implements Source {
  readonly projectId: string;
  readonly backend: string;
  readonly weight: number;
  readonly exponent: number;
  readonly nTrainDocs: number;
  readonly modelId: string;
  /** Absent where its backend cannot learn. */
  readonly learn?: (docs: readonly Document[]) => Promise<void>;
  /** Absent where its backend compares no records. */
  readonly similar?: NonNullable<Source['similar']>;
  /** Absent where its backend keeps no records. */
  readonly assignments?: NonNullable<Source['assignments']>;
  private trainFrequency_: Uint32Array;
  /** By content hash how many records are not to be learnt. */
  private readonly skip = new Map<number, number>();
  private readonly parts: SourceParts;
  private readonly suggester: Suggester | undefined;
  private readonly nSubjects: number;
  private readonly failure: IndexingError | undefined;

  /**
   * @param nSubjects of the ensemble
   * @param suggester absent where it could not be opened: `failure` is thrown whenever something is asked of the source
   */
  constructor(parts: SourceParts, nSubjects: number, suggester: Suggester | undefined, failure?: IndexingError) {
    this.parts = parts;
    this.projectId = parts.projectId;
    this.backend = parts.backend;
    this.weight = parts.weight;
    this.exponent = parts.exponent;
    this.nTrainDocs = parts.nTrainDocs;
    this.modelId = parts.modelId;
    this.nSubjects = nSubjects;
    this.suggester = suggester;
    this.failure = failure;
    this.trainFrequency_ = parts.trainFrequency;
    for (const hash of parts.skip ?? []) this.skip.set(hash, (this.skip.get(hash) ?? 0) + 1);
    if (!suggester) return;
    if (suggester.learning.hasLearnt) this.updateFrequency(suggester);
    if (suggester.findsSimilar) this.similar = (doc, n) => this.similarRecords(suggester, doc, n);
    if (suggester.keepsAssignments) this.assignments = () => this.mappedAssignments(suggester);
    if (suggester.learning.canLearn) this.learn = (docs) => this.learnRecords(suggester, docs);
  }

  /** Shape (nSubjects of the ensemble): those learnt included; another array after each learning. */
  get trainFrequency(): Uint32Array {
    return this.trainFrequency_;
  }

  /** Why it cannot be used, or a source of it cannot; undefined where all can. */
  get broken(): BrokenSource | undefined {
    const { projectId, failure, suggester } = this;
    return failure ? { projectId, failure } : suggester?.learning.broken;
  }

  /** @returns its model as learning has left it; undefined where it has learnt nothing */
  learntModel(): LearntModel | undefined {
    return this.suggester?.learning.models();
  }

  async suggest(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const { subjectMap, limit } = this.parts;
    const batch = await this.ready().raw(docs, {
      ...options,
      limit: Math.min(options.limit, limit),
      ...(options.hidden && subjectMap ? { hidden: sourceHidden(options.hidden, subjectMap) } : undefined),
    });
    return subjectMap ? mapped(batch, subjectMap, this.nSubjects) : sameSubjects(batch, this.nSubjects);
  }

  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<readonly Explanation[]> {
    const suggester = this.ready();
    const { subjectMap } = this.parts;
    const own = subjectMap ? subjectIds.map((id) => subjectMap.indexOf(id)) : subjectIds;
    const known = own.filter((id) => id >= 0 && id < suggester.nSubjects);
    const { text, explanations } = await suggester.explain(doc, known);
    // Places in a text that the source's transforms made say nothing about the document's.
    const samePlaces = doc.text.startsWith(text);
    let k = 0;
    return own.map((id, i) => {
      const subjectId = subjectIds[i] as SubjectId;
      const explanation = id >= 0 && id < suggester.nSubjects ? explanations[k++] : undefined;
      if (!explanation) return { subjectId, score: 0, evidence: [], contributions: [] };
      return { ...explanation, subjectId, evidence: samePlaces ? explanation.evidence : [] };
    });
  }

  get isCalibrated(): boolean {
    return this.suggester?.isCalibrated ?? false;
  }

  get findsNewTerms(): boolean {
    return this.suggester?.findsNewTerms ?? false;
  }

  /** @returns as `Suggester.newTerms`; none where the source could not be opened */
  async newTerms(doc: Document): Promise<readonly string[]> {
    return (await this.suggester?.newTerms(doc)) ?? [];
  }

  get canExplain(): boolean {
    return this.suggester?.canExplain ?? false;
  }

  async close(): Promise<void> {
    await this.suggester?.close();
  }

  /** The ensemble's journal has the records; the source keeps them in memory only. */
  private async learnRecords(suggester: Suggester, docs: readonly Document[]): Promise<void> {
    const records: LearntRecord[] = [];
    for (const doc of docs) {
      const hash = contentHash(doc.text);
      const nSkipped = this.skip.get(hash) ?? 0;
      if (nSkipped > 0) {
        this.skip.set(hash, nSkipped - 1);
        continue;
      }
      const subjects = sourceSubjects(this.parts, doc.subjects ?? []);
      if (subjects.length > 0) records.push({ doc: { ...doc, subjects }, note: null });
    }
    await suggester.learning.replay(records);
    this.updateFrequency(suggester);
  }

  private async similarRecords(suggester: Suggester, doc: Document, n: number): Promise<SimilarRecord[]> {
    const { subjectMap } = this.parts;
    const records = await suggester.similar(doc, n);
    return records.map((record) => {
      const subjects = subjectMap ? record.subjects.map((id) => subjectMap[id] as number) : record.subjects;
      return { ...record, subjects: subjects.filter((id) => id !== NO_SUBJECT) };
    });
  }

  private mappedAssignments(suggester: Suggester): CsrPattern {
    const { subjectMap } = this.parts;
    const own = suggester.assignments() as CsrPattern;
    const { nRows, indptr, indices } = own;
    if (!subjectMap) return { ...own, nCols: this.nSubjects };
    const rows: number[] = [];
    const subjects: number[] = [];
    for (let row = 0; row < nRows; row++) {
      for (let k = indptr[row] as number; k < (indptr[row + 1] as number); k++) {
        const subject = subjectMap[indices[k] as number] as number;
        if (subject === NO_SUBJECT) continue;
        rows.push(row);
        subjects.push(subject);
      }
    }
    return csrFromPairs(nRows, this.nSubjects, rows, subjects);
  }

  private updateFrequency({ learning }: Suggester): void {
    const { subjectMap } = this.parts;
    const own = learning.trainFrequency;
    const frequency = new Uint32Array(this.nSubjects);
    if (!subjectMap) frequency.set(own.subarray(0, this.nSubjects));
    else {
      for (const [id, n] of own.entries()) {
        const subject = subjectMap[id] as number;
        if (subject !== NO_SUBJECT && n > (frequency[subject] as number)) frequency[subject] = n;
      }
    }
    this.trainFrequency_ = frequency;
  }

  private ready(): Suggester {
    if (this.suggester) return this.suggester;
    throw this.failure;
  }
}

function sameSubjects(batch: SuggestionBatch, nSubjects: number): SuggestionBatch {
  if (batch.nSubjects === nSubjects) return batch;
  const { indptr, subjectIds, scores, evidence, warnings, usage } = batch;
  return new SuggestionBatch(nSubjects, indptr, subjectIds, scores, { evidence, warnings, usage });
}

function sourceHidden(hidden: Uint8Array, subjectMap: Uint32Array): Uint8Array {
  return Uint8Array.from(subjectMap, (id) => (id === NO_SUBJECT ? 0 : (hidden[id] as number)));
}

/** The batch in the ensemble's subjects; equal scores are in the order of its ids. */
function mapped(batch: SuggestionBatch, subjectMap: Uint32Array, nSubjects: number): SuggestionBatch {
  const builder = new SuggestionBatchBuilder(nSubjects, batch.evidence?.names);
  builder.warn(batch.warnings);
  builder.charge(batch.usage);
  for (let i = 0; i < batch.nDocs; i++) {
    const from = batch.indptr[i] as number;
    const to = batch.indptr[i + 1] as number;
    const order = Array.from({ length: to - from }, (_, k) => from + k)
      .filter((k) => subjectMap[batch.subjectIds[k] as number] !== NO_SUBJECT)
      .sort(
        (a, b) =>
          (batch.scores[b] as number) - (batch.scores[a] as number) ||
          (subjectMap[batch.subjectIds[a] as number] as number) - (subjectMap[batch.subjectIds[b] as number] as number),
      );
    for (const k of order) {
      builder.push(subjectMap[batch.subjectIds[k] as number] as number, batch.scores[k] as number);
      if (batch.evidence) builder.pushEvidence(batch.evidence.values, k);
    }
    builder.endRow();
  }
  return builder.build();
}
