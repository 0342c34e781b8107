import type { SubjectId, SuggestionBatch } from '@catchword/core';
import { Float32List, Uint32List } from '@catchword/math';

/** What a network reads of one document. */
export interface ScoreRow {
  /** Per input its subject. */
  readonly ids: Uint32Array;
  /** Per input the place of its source. */
  readonly sources: Uint32Array;
  /** Per input √score times the source's share of the weights times the number of sources. */
  readonly values: Float32Array;
}

/** @param weights one for each source; absent batches are left out @returns the row of document i */
export function scoreRow(
  batches: readonly (SuggestionBatch | undefined)[],
  i: number,
  weights: readonly number[],
): ScoreRow {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const ids = new Uint32List();
  const sources = new Uint32List();
  const values = new Float32List();
  batches.forEach((batch, s) => {
    if (!batch) return;
    const factor = total > 0 ? (weights[s] / total) * weights.length : 0;
    for (let k = batch.indptr[i]; k < batch.indptr[i + 1]; k++) {
      ids.push(batch.subjectIds[k]);
      sources.push(s);
      values.push(Math.sqrt(batch.scores[k]) * factor);
    }
  });
  return { ids: ids.toArray(), sources: sources.toArray(), values: values.toArray() };
}

/** A document that a network is trained on. */
export interface TrainingRow extends ScoreRow {
  /** Each once. */
  readonly gold: readonly SubjectId[];
}
