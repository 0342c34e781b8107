import type { Document } from '@catchword/core';
import { serveTasks, transferring } from '@catchword/math';
import { Suggester, type SuggesterParts, type SuggestionFilter } from './suggester.js';

/** A batch of documents on its way to a worker. */
export interface SuggestTask extends SuggestionFilter {
  readonly docs: readonly Document[];
}

/** A SuggestionBatch on its way back: its arrays are handed over. */
export interface SuggestAnswer {
  readonly nSubjects: number;
  readonly indptr: Uint32Array;
  readonly subjectIds: Uint32Array;
  readonly scores: Float32Array;
}

serveTasks<SuggesterParts, SuggestTask, SuggestAnswer>(async (parts) => {
  const suggester = await Suggester.open(parts);
  return async (task) => {
    const { nSubjects, indptr, subjectIds, scores } = await suggester.suggest(task.docs, task);
    const buffers = [indptr, subjectIds, scores].map((array) => array.buffer as ArrayBuffer);
    return transferring({ nSubjects, indptr, subjectIds, scores }, buffers);
  };
});
