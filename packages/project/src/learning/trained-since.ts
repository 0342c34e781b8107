import type { SubjectId } from '@catchword/core';
import { contentHash, firstPlace } from '@catchword/math';
import type { SuggesterParts } from '../suggester.js';
import type { SourceParts } from '../suggester-source.js';
import { recordHash } from '../training-corpus.js';
import type { LearntEntry } from './project-journal.js';

/** When a model was trained, and on which records. */
export interface TrainedOn {
  /** ISO 8601, UTC. */
  readonly created: string;
  /** Content hashes of the texts, ascending. */
  readonly documents: Float64Array;
  /** `recordHash`es of the same, ascending; empty where a model tells none: then no entry counts as trained. */
  readonly records: Float64Array;
}

/**
 * Entries that a model need not learn: it was trained since on their texts, everywhere with the subjects that the text was
 * given last. Where the corpus has other subjects the journal is right.
 *
 * @param subjectsOf an entry's subjects in the model's vocabulary, those that may be suggested
 */
export function trainedSince(
  { created, documents, records }: TrainedOn,
  entries: readonly LearntEntry[],
  subjectsOf: (entry: LearntEntry) => readonly SubjectId[],
): Set<LearntEntry> {
  const latest = new Map<number, LearntEntry>();
  const before = entries
    .filter(({ time }) => time < created)
    .map((entry) => ({ entry, hash: contentHash(entry.text) }));
  for (const { entry, hash } of before) latest.set(hash, entry);
  const known = new Set<number>();
  for (const [hash, entry] of latest) {
    const nTrained = occurrences(documents, hash);
    if (nTrained === 0) continue;
    if (occurrences(records, recordHash(hash, subjectsOf(entry))) === nTrained) known.add(hash);
  }
  return new Set(before.filter(({ hash }) => known.has(hash)).map(({ entry }) => entry));
}

/**
 * @param entries of the ensemble's journal
 * @param rest those of them that it is to learn; the others it has learnt
 * @param subjectsOf an entry's subjects in the ensemble's vocabulary
 * @returns the parts of the ensemble: no source learns what it was trained on since
 */
export function skippingTrained(
  parts: SuggesterParts,
  entries: readonly LearntEntry[],
  rest: readonly LearntEntry[],
  subjectsOf: (entry: LearntEntry) => readonly SubjectId[],
): SuggesterParts {
  const sources = parts.sources.map((source): SourceParts => {
    if (!source.trained) return source;
    const known = trainedSince(source.trained, entries, (entry) => sourceSubjects(source, subjectsOf(entry)));
    const skipped = rest.filter((entry) => known.has(entry));
    return { ...source, skip: Float64Array.from(skipped, ({ text }) => contentHash(text)) };
  });
  return { ...parts, sources };
}

/** @returns an ensemble's subjects as a source learns them */
export function sourceSubjects(
  { parts, subjectMap }: Pick<SourceParts, 'parts' | 'subjectMap'>,
  subjects: readonly SubjectId[],
): SubjectId[] {
  if ('failure' in parts) return [];
  return subjects
    .map((id) => (subjectMap ? subjectMap.indexOf(id) : id))
    .filter((id) => id >= 0 && parts.allowed?.[id] !== 0);
}

function occurrences(sorted: Float64Array, value: number): number {
  const first = firstPlace(sorted, value);
  let end = first;
  while (sorted[end] === value) end++;
  return end - first;
}
