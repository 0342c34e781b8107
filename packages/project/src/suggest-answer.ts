import { SuggestionBatch, type Usage } from '@catchword/core';
import { transferring } from '@catchword/math';

/** A SuggestionBatch on its way from a thread: its arrays are handed over. */
export interface SuggestAnswer {
  readonly nSubjects: number;
  readonly indptr: Uint32Array;
  readonly subjectIds: Uint32Array;
  readonly scores: Float32Array;
  readonly warnings: readonly string[];
  readonly confidence: Float32Array | undefined;
  readonly usage: Usage | undefined;
}

/** @returns the batch as a thread's answer; evidence stays behind */
export function answerOf(batch: SuggestionBatch): SuggestAnswer {
  const { nSubjects, indptr, subjectIds, scores, warnings, confidence, usage } = batch;
  const arrays = [indptr, subjectIds, scores, ...(confidence ? [confidence] : [])];
  const buffers = arrays.map((array) => array.buffer as ArrayBuffer);
  return transferring({ nSubjects, indptr, subjectIds, scores, warnings, confidence, usage }, buffers);
}

export function batchOf({ nSubjects, indptr, subjectIds, scores, ...further }: SuggestAnswer): SuggestionBatch {
  return new SuggestionBatch(nSubjects, indptr, subjectIds, scores, further);
}
