import type { CsrMatrix } from '@catchword/math';
import { encodeWeight } from './weight-codes.js';

/** A vector: `n` features, ascending, and their values. */
export interface SparseVector {
  readonly n: number;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** @returns what weights are multiplied by so that idf counts to another power than 1; undefined for 1 */
export function idfFactors(idf: Float32Array, idfExponent: number): Float32Array | undefined {
  return idfExponent === 1 ? undefined : idf.map((each) => each ** (idfExponent - 1));
}

/**
 * Multiplies a vector by a factor for each feature and scales it to unit length.
 *
 * @param factors shape (nFeatures); absent: all 1
 * @param out written to, at least `n` long
 */
export function scaleVector(vector: SparseVector, factors: Float32Array | undefined, out: Float64Array): void {
  const { n, indices, values } = vector;
  let squares = 0;
  for (let k = 0; k < n; k++) {
    const value = factors ? values[k] * factors[indices[k]] : values[k];
    out[k] = value;
    squares += value * value;
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let k = 0; k < n; k++) out[k] *= scale;
}

/**
 * Codes of a matrix's values after each row was multiplied by the factors and scaled to unit length.
 *
 * @param factors shape (nFeatures); absent: all 1
 * @returns shape (nnz), parallel to `X.values`; 0 where a weight is next to nothing
 */
export function encodeRows(X: CsrMatrix, factors: Float32Array | undefined): Uint8Array {
  const codes = new Uint8Array(X.indices.length);
  let scaled = new Float64Array(256);
  for (let row = 0; row < X.nRows; row++) {
    const from = X.indptr[row];
    const n = X.indptr[row + 1] - from;
    if (scaled.length < n) scaled = new Float64Array(n * 2);
    const indices = X.indices.subarray(from, from + n);
    scaleVector({ n, indices, values: X.values.subarray(from, from + n) }, factors, scaled);
    for (let k = 0; k < n; k++) codes[from + k] = encodeWeight(scaled[k]);
  }
  return codes;
}
