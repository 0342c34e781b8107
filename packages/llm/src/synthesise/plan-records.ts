import { createHash } from 'node:crypto';
import { type BackendContext, type Corpus, LABEL_ALT, type SubjectId, type Vocabulary } from '@catchword/core';
import { Random } from '@catchword/math';
import { languageRanks, RANK_NONE } from '@catchword/vocabulary';
import { CandidateLines } from '../reader/candidate-lines.js';
import type { RecordTask } from './record-request.js';

/** Real records that examples are taken from, chosen by chance, and how much of each is kept. */
const MOST_EXAMPLES = 5000;
const EXAMPLE_CHARACTERS = 2000;
/** Further subjects that a made-up record takes over from its example. */
const MOST_FURTHER = 3;
const MOST_OTHER_LABELS = 5;
const DEFINITION_CHARACTERS = 300;

export interface RecordPlanOptions {
  /** Subjects with at most so many records are rare. */
  readonly atMost: number;
  /** Records to write in all. */
  readonly records: number;
  readonly seed: number;
  readonly isAllowed: (id: SubjectId) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** One record that is to be written. */
export interface PlannedRecord {
  /** The same for equal corpora, options and subjects. */
  readonly id: string;
  /** The rare one first, then those taken over from the example. */
  readonly subjects: readonly SubjectId[];
  readonly task: RecordTask;
  readonly seed: number;
}

export interface RecordPlan {
  readonly planned: readonly PlannedRecord[];
  /** Subjects with a record, but few. */
  readonly nRare: number;
  /** Subjects without. */
  readonly nUnseen: number;
}

/** How subjects are described. */
export type Described = Pick<BackendContext, 'vocabulary' | 'language' | 'definitions'>;

interface Example {
  readonly text: string;
  readonly subjects: readonly SubjectId[];
}

/**
 * Chooses rare and unseen subjects by chance, and for each a real record that is near to it: one of its own, or one of a
 * neighbour in the thesaurus. Where there is none, the labels have to do.
 */
export async function planRecords(
  described: Described,
  corpus: Corpus,
  options: RecordPlanOptions,
): Promise<RecordPlan> {
  const { vocabulary } = described;
  const { atMost, records, seed, isAllowed } = options;
  const random = new Random(seed);
  const { frequency, examples } = await readCorpus(vocabulary.nSubjects, corpus, random, options.signal);
  const bySubject = new Map<SubjectId, Example[]>();
  for (const example of examples) {
    for (const id of example.subjects) bySubject.set(id, [...(bySubject.get(id) ?? []), example]);
  }
  const rare: SubjectId[] = [];
  for (let id = 0; id < vocabulary.nSubjects; id++) {
    if (isAllowed(id) && (frequency[id] as number) <= atMost) rare.push(id);
  }
  const nUnseen = rare.filter((id) => frequency[id] === 0).length;
  random.shuffle(rare);
  const lines = new SubjectLines(described);
  const planned = rare.slice(0, records).map((id): PlannedRecord => {
    const near = [id, ...neighbours(vocabulary, id)].find((each) => bySubject.has(each));
    const choice = near === undefined ? [] : (bySubject.get(near) ?? []);
    const example = choice[random.below(Math.max(1, choice.length))];
    const further = (example?.subjects ?? []).filter((each) => each !== id && isAllowed(each)).slice(0, MOST_FURTHER);
    const subjects = [id, ...further];
    const task = {
      subjects: subjects.map((each) => lines.of(each)),
      ...(example ? { example: example.text } : undefined),
    };
    const hash = createHash('sha256')
      .update(JSON.stringify([seed, vocabulary.uri(id), task]))
      .digest('hex');
    return { id: `synthetic-${hash.slice(0, 16)}`, subjects, task, seed };
  });
  return { planned, nRare: rare.length - nUnseen, nUnseen };
}

async function readCorpus(nSubjects: number, corpus: Corpus, random: Random, signal: AbortSignal | undefined) {
  const frequency = new Uint32Array(nSubjects);
  const examples: Example[] = [];
  let n = 0;
  for await (const { text, subjects = [], weight } of corpus.documents()) {
    signal?.throwIfAborted();
    if (subjects.length === 0 || weight !== undefined) continue; // what was made up is no example
    for (const id of subjects) frequency[id] = (frequency[id] as number) + 1;
    const place = n < MOST_EXAMPLES ? n : random.below(n + 1);
    n++;
    if (place < MOST_EXAMPLES) examples[place] = { text: text.slice(0, EXAMPLE_CHARACTERS), subjects };
  }
  return { frequency, examples };
}

/** Narrower, related, broader subjects and those beside it, in this order. */
function neighbours({ broader, narrower, related }: Vocabulary, id: SubjectId): SubjectId[] {
  const row = (pattern: typeof broader, s: SubjectId) =>
    Array.from(pattern.indices.subarray(pattern.indptr[s] as number, pattern.indptr[s + 1] as number));
  const above = row(broader, id);
  const beside = above.flatMap((each) => row(narrower, each)).filter((each) => each !== id);
  return [...row(narrower, id), ...row(related, id), ...beside, ...above];
}

/** Describes subjects with their other labels: `bees < insects [Insects that …]; also: honey bees, bumblebees`. */
class SubjectLines {
  private readonly vocabulary: Vocabulary;
  private readonly lines: CandidateLines;
  private readonly ranks: Uint8Array;

  constructor(described: Described) {
    const { vocabulary, language } = described;
    this.vocabulary = vocabulary;
    this.lines = new CandidateLines(described, DEFINITION_CHARACTERS);
    this.ranks = languageRanks(vocabulary.languages, language);
  }

  of(id: SubjectId): string {
    const { labels } = this.vocabulary;
    const others: string[] = [];
    for (let l = labels.indptr[id] as number; l < (labels.indptr[id + 1] as number); l++) {
      const isOther = labels.kind[l] === LABEL_ALT && this.ranks[labels.language[l] as number] !== RANK_NONE;
      if (isOther && others.length < MOST_OTHER_LABELS) others.push(labels.texts.get(l).replace(/\s+/g, ' '));
    }
    return others.length === 0 ? this.lines.line(id) : `${this.lines.line(id)}; also: ${others.join(', ')}`;
  }
}
