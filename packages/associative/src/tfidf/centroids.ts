import { type CsrMatrix, type CsrPattern, transposePattern, Uint32List } from '@catchword/math';
import type { CodedRows } from '../similarity/build-row-index.js';
import { scaleVector } from '../similarity/scaled-rows.js';
import { encodeWeight } from '../similarity/weight-codes.js';

export interface CentroidOptions {
  /** Added to the length of a centroid, in records, before it is divided by it. */
  readonly smoothing: number;
  /** Of a centroid the largest weights are kept that make up this share of its squared length. */
  readonly coverage: number;
  /** A further row for each subject, shape (nSubjects, nFeatures), and how much of a record it counts. */
  readonly labels?: { readonly rows: CsrMatrix; readonly weight: number };
  /** Shape (nDocs): how much of a record each one counts; absent: all are whole. */
  readonly weights?: Float32Array;
  /** Called now and then; may throw. */
  readonly onSubject?: (subject: number) => void;
}

/**
 * Adds up the records of each subject: S_l is the sum of its rows of X, each multiplied by the factors and scaled to unit
 * length. The centroid is S_l / (|S_l| + smoothing), so its product with a document is the cosine, lowered for subjects
 * with few records.
 *
 * @param X shape (nDocs, nFeatures)
 * @param Y shape (nDocs, nSubjects)
 * @param factors shape (nFeatures); absent: all 1
 * @returns shape (nSubjects, nFeatures); a subject without records has an empty row. O(sum over records of subjects · nnz)
 * @see Rocchio 1971; Annif's tfidf backend, which weighs the joined text of a subject's records instead
 */
export function subjectCentroids(
  X: CsrMatrix,
  Y: CsrPattern,
  factors: Float32Array | undefined,
  options: CentroidOptions,
): CodedRows {
  const { smoothing, coverage, labels, weights, onSubject } = options;
  const { nCols } = X;
  const unit = unitRows(X, factors);
  const records = transposePattern(Y);
  const labelUnit = labels ? unitRows(labels.rows, factors) : new Float32Array(0);
  const sums = new Float64Array(nCols);
  const touched = new Uint32List(1 << 10);
  const indptr = new Uint32Array(Y.nCols + 1);
  const indices = new Uint32List(1 << 16);
  let codes = new Uint8Array(1 << 16);
  const addRow = (rows: CsrMatrix, row: number, values: Float32Array, weight: number): void => {
    for (let k = rows.indptr[row]; k < rows.indptr[row + 1]; k++) {
      const feature = rows.indices[k];
      if (values[k] === 0) continue;
      if (sums[feature] === 0) touched.push(feature);
      sums[feature] += weight * values[k];
    }
  };
  for (let subject = 0; subject < Y.nCols; subject++) {
    if (subject % 256 === 0) onSubject?.(subject);
    for (let r = records.indptr[subject]; r < records.indptr[subject + 1]; r++) {
      const record = records.indices[r];
      addRow(X, record, unit, weights ? weights[record] : 1);
    }
    if (labels) addRow(labels.rows, subject, labelUnit, labels.weight);
    const features = touched.data.subarray(0, touched.length).sort();
    let squares = 0;
    for (const feature of features) squares += sums[feature] * sums[feature];
    const least = leastWeight(features, sums, coverage * squares);
    const scale = 1 / (Math.sqrt(squares) + smoothing);
    for (const feature of features) {
      const code = sums[feature] < least ? 0 : encodeWeight(sums[feature] * scale);
      sums[feature] = 0;
      if (code === 0) continue;
      if (codes.length === indices.length) codes = doubled(codes);
      codes[indices.length] = code;
      indices.push(feature);
    }
    touched.clear();
    indptr[subject + 1] = indices.length;
  }
  return { nRows: Y.nCols, nCols, indptr, indices: indices.toArray(), codes: codes.slice(0, indices.length) };
}

/** The values of X with each row multiplied by the factors and scaled to unit length. */
function unitRows(X: CsrMatrix, factors: Float32Array | undefined): Float32Array {
  const values = new Float32Array(X.values.length);
  let scaled = new Float64Array(256);
  for (let row = 0; row < X.nRows; row++) {
    const from = X.indptr[row];
    const to = X.indptr[row + 1];
    if (scaled.length < to - from) scaled = new Float64Array((to - from) * 2);
    const vector = { n: to - from, indices: X.indices.subarray(from, to), values: X.values.subarray(from, to) };
    scaleVector(vector, factors, scaled);
    for (let k = from; k < to; k++) values[k] = scaled[k - from];
  }
  return values;
}

/** @returns the weight of the last feature that is needed, the largest first, for squares of this sum */
function leastWeight(features: Uint32Array, sums: Float64Array, wanted: number): number {
  const weights = Float64Array.from(features, (feature) => sums[feature]).sort();
  let squares = 0;
  for (let k = weights.length - 1; k >= 0; k--) {
    squares += weights[k] * weights[k];
    if (squares >= wanted) return weights[k];
  }
  return 0;
}

function doubled(codes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(codes.length * 2);
  larger.set(codes);
  return larger;
}
