import { SuggestionBatch } from '@catchword/core';
import type { SourceParts } from './suggester-source.js';

/** What a thread that asks sources is opened with. */
export interface PanelInit {
  readonly sources: readonly SourceParts[];
  readonly nSubjects: number;
}

/** A batch with its evidence on its way from a thread. */
export interface PanelBatch {
  readonly indptr: Uint32Array;
  readonly subjectIds: Uint32Array;
  readonly scores: Float32Array;
  readonly names: readonly string[];
  readonly values: Float32Array;
}

export interface PanelAnswer {
  readonly batches: readonly (PanelBatch | undefined)[];
  readonly warnings: readonly string[];
}

export function batchOfPanel(batch: PanelBatch, nSubjects: number): SuggestionBatch {
  const { indptr, subjectIds, scores, names, values } = batch;
  const evidence = names.length > 0 ? { names, values } : undefined;
  return new SuggestionBatch(nSubjects, indptr, subjectIds, scores, { evidence });
}
