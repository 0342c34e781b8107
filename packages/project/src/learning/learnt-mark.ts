import type { Document, JsonValue } from '@catchword/core';
import { contentHash, holds } from '@catchword/math';
import { learntKey } from './learnt-records.js';
import type { LearntEntry, NotedDocument } from './project-journal.js';

/** Which entries of the journal a model has learnt. */
export interface LearntMark {
  /** See `learntKey`; empty where nothing was learnt. */
  key: string;
  n: number;
  /** Content hashes of their texts. */
  readonly hashes: Set<number>;
  /** Content hashes, ascending, of texts that the model or one of its sources knows besides: trained on, or learnt by a source. */
  readonly known: readonly Float64Array[];
}

/** A document with what was noted of it: nothing where its text is known already, since that would tell of memory only. */
interface Assessed extends NotedDocument {
  /** Whether its text was learnt before. */
  readonly isAgain: boolean;
  /** Whether the model or one of its sources was trained on its text. */
  readonly isKnown: boolean;
}

/** Has those documents assessed whose text is new to the model and its sources. */
export async function assessNew(
  docs: readonly Document[],
  { hashes, known }: Pick<LearntMark, 'hashes' | 'known'>,
  assess: (fresh: readonly Document[]) => Promise<readonly JsonValue[]>,
): Promise<Assessed[]> {
  const seen = new Set(hashes);
  const states = docs.map((doc) => {
    const hash = contentHash(doc.text);
    const state = { doc, isAgain: seen.has(hash), isKnown: known.some((each) => holds(each, hash)) };
    seen.add(hash);
    return state;
  });
  const isFresh = (state: (typeof states)[number]) => !state.isAgain && !state.isKnown;
  const notes = await assess(states.filter(isFresh).map(({ doc }) => doc));
  let next = 0;
  return states.map((state) => ({ ...state, note: isFresh(state) ? (notes[next++] ?? null) : null }));
}

/** Counts entries in as learnt. */
export function markLearnt(learnt: LearntMark, entries: readonly LearntEntry[]): void {
  learnt.key = learntKey(learnt.key, entries);
  learnt.n += entries.length;
  for (const { text } of entries) learnt.hashes.add(contentHash(text));
}
