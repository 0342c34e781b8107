import type { SubjectId, SuggestionBatch } from '@catchword/core';
import { toFixedEven } from '@catchword/math';
import { ratio } from './annif-metrics.js';

/** Limits from 1 to this are tried. */
export const GRID_LIMIT = 15;
const N_THRESHOLDS = 20;
const METRICS = ['Precision (doc avg)', 'Recall (doc avg)', 'F1 score (doc avg)'] as const;

/** One limit with one threshold: means over the documents. */
export interface GridPoint {
  readonly limit: number;
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface GridBest {
  readonly metric: (typeof METRICS)[number];
  readonly value: number;
  readonly limit: number;
  readonly threshold: number;
}

/** The whole grid: limits ascending, with each limit thresholds ascending. */
export interface GridResult {
  readonly nDocs: number;
  readonly points: readonly GridPoint[];
  /** For each metric the best point; of equal ones the last. */
  readonly best: readonly GridBest[];
}

/**
 * Compares suggestions with gold subjects under each of 15 limits and 20 thresholds, as `annif optimize` does; what it keeps
 * does not grow with the number of documents.
 *
 * @see Annif 1.4.3, annif/cli.py: thresholds are compared as float32, ties go to the last point
 */
export class LimitGrid {
  private nDocs = 0;
  /** Shape (GRID_LIMIT, N_THRESHOLDS, 3): sums of precision, recall and F1. */
  private readonly sums = new Float64Array(GRID_LIMIT * N_THRESHOLDS * 3);

  /**
   * @param batch suggestions, a row for each document, by falling score; more than GRID_LIMIT are not looked at
   * @param gold gold subjects of each document, each once
   * @throws {RangeError} if the two differ in the number of documents
   */
  add(batch: SuggestionBatch, gold: readonly ArrayLike<SubjectId>[]): void {
    if (batch.nDocs !== gold.length) {
      throw new RangeError(`suggestions for ${batch.nDocs} documents but gold subjects for ${gold.length}`);
    }
    const { sums } = this;
    const hits = new Uint32Array(GRID_LIMIT + 1);
    for (let i = 0; i < gold.length; i++) {
      this.nDocs++;
      const right = new Set(Array.from(gold[i]));
      const from = batch.indptr[i];
      const n = Math.min(GRID_LIMIT, batch.indptr[i + 1] - from);
      for (let k = 0; k < n; k++) hits[k + 1] = hits[k] + (right.has(batch.subjectIds[from + k]) ? 1 : 0);
      let above = n;
      for (let t = 0; t < N_THRESHOLDS; t++) {
        const threshold = Math.fround(thresholdOf(t));
        while (above > 0 && !(batch.scores[from + above - 1] >= threshold)) above--;
        for (let limit = 1; limit <= GRID_LIMIT; limit++) {
          const kept = Math.min(limit, above);
          const o = ((limit - 1) * N_THRESHOLDS + t) * 3;
          sums[o] += ratio(hits[kept], kept);
          sums[o + 1] += ratio(hits[kept], right.size);
          sums[o + 2] += ratio(2 * hits[kept], kept + right.size);
        }
      }
    }
  }

  finish(): GridResult {
    const { nDocs } = this;
    const points = Array.from({ length: GRID_LIMIT * N_THRESHOLDS }, (_, p): GridPoint => {
      const [precision, recall, f1] = Array.from(this.sums.subarray(p * 3, p * 3 + 3), (sum) => ratio(sum, nDocs));
      const limit = 1 + Math.floor(p / N_THRESHOLDS);
      return { limit, threshold: thresholdOf(p % N_THRESHOLDS), precision, recall, f1 };
    });
    const best = METRICS.map((metric, m): GridBest => {
      const value = ({ precision, recall, f1 }: GridPoint) => [precision, recall, f1][m];
      const point = points.reduce((a, b) => (value(b) >= value(a) ? b : a));
      return { metric, value: value(point), limit: point.limit, threshold: point.threshold };
    });
    return { nDocs, points, best };
  }
}

/** The output of `annif optimize`: a header, a row for each point, an empty line, the best points. @returns lines without line ends */
export function gridLines({ nDocs, points, best }: GridResult): string[] {
  const row = ({ limit, threshold, precision, recall, f1 }: GridPoint) =>
    [limit, toFixedEven(threshold, 2), ...[precision, recall, f1].map((value) => toFixedEven(value, 4))].join('\t');
  return [
    'Limit\tThresh.\tPrec.\tRec.\tF1',
    ...points.map(row),
    '',
    ...best.map(
      ({ metric, value, limit, threshold }) =>
        `Best ${metric.padStart(19)}: ${toFixedEven(value, 4)}\tLimit: ${limit}\tThreshold: ${toFixedEven(threshold, 2)}`,
    ),
    `Documents evaluated:\t${nDocs}`,
  ];
}

/** As Python multiplies: the third is 0.15000000000000002. */
function thresholdOf(t: number): number {
  return t * 0.05;
}
