import { Isotonic } from '@catchword/learners';
import type { FusionRows } from './fusion-table.js';

/** Parts of the documents: rows of one are read from curves of the others. */
const N_PARTS = 5;

/** Per source a monotone curve that tells how often suggestions with a score are right, the source's own scale put aside. */
export class SourceCurves {
  /** One for each source. */
  readonly curves: readonly Isotonic[];

  constructor(curves: readonly Isotonic[]) {
    this.curves = curves;
  }

  /** @param scores per source the column of its score */
  static fit(rows: FusionRows, scores: readonly number[], wanted?: (row: number) => boolean): SourceCurves {
    return new SourceCurves(scores.map((column) => calibrationOf(rows, column, wanted)));
  }

  /**
   * Fits curves, and fills each row's calibrated scores from curves that have not seen its document, as it will be with
   * documents that are suggested for.
   *
   * @param scores per source the column of its score
   * @param calibrated per source the column to be filled
   * @returns the curves of all rows
   */
  static fillOutOfFold(rows: FusionRows, scores: readonly number[], calibrated: readonly number[]): SourceCurves {
    const { X, nFeatures, doc } = rows;
    const parts = new Uint8Array(doc.length);
    for (let i = 1; i < doc.length; i++) parts[i] = doc[i] === doc[i - 1] ? parts[i - 1] : (parts[i - 1] + 1) % N_PARTS;
    for (let part = 0; part < N_PARTS; part++) {
      const others = SourceCurves.fit(rows, scores, (row) => parts[row] !== part);
      for (let i = 0; i < doc.length; i++) {
        if (parts[i] === part) others.fillRow(X, i * nFeatures, scores, calibrated);
      }
    }
    return SourceCurves.fit(rows, scores);
  }

  /** Fills the calibrated scores of the first n rows; missing where a score is. */
  fill(X: Float32Array, nFeatures: number, n: number, scores: readonly number[], calibrated: readonly number[]): void {
    for (let i = 0; i < n; i++) this.fillRow(X, i * nFeatures, scores, calibrated);
  }

  private fillRow(X: Float32Array, o: number, scores: readonly number[], calibrated: readonly number[]): void {
    for (let s = 0; s < scores.length; s++) {
      const score = X[o + scores[s]];
      X[o + calibrated[s]] = Number.isNaN(score) ? score : this.curves[s].value(score);
    }
  }
}

/**
 * @param column of the scores
 * @param wanted tells the rows that count; absent: all
 * @returns how often a row with a score is right, of those whose records are not hidden
 */
export function calibrationOf(rows: FusionRows, column: number, wanted?: (row: number) => boolean): Isotonic {
  const { X, nFeatures, y, weights, hidden } = rows;
  const kept: number[] = [];
  for (let i = 0; i < y.length; i++) {
    if (!hidden[i] && !Number.isNaN(X[i * nFeatures + column]) && (!wanted || wanted(i))) kept.push(i);
  }
  if (kept.length === 0) return new Isotonic(Float64Array.of(0), Float64Array.of(0));
  return Isotonic.fit(
    kept.map((i) => X[i * nFeatures + column]),
    kept.map((i) => y[i]),
    kept.map((i) => weights[i]),
  );
}
