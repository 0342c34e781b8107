import type { CsrMatrix, CsrPattern } from '@catchword/math';
import { Float32List, Uint32List } from '@catchword/math';

/**
 * Embeds labels by the sum of their positive documents (PIFA), each row cut to its greatest entries and scaled to unit length.
 *
 * @param X features, shape (nDocs, nFeatures), rows of unit length or empty
 * @param postings documents of each label, shape (nLabels, nDocs)
 * @param size so many entries of a row are kept
 * @returns shape (nLabels, nFeatures), over shared memory; a label without positives has an empty row. O(Σ entries of the
 *   labels' documents)
 * @throws {RangeError} if X and `postings` differ in nDocs
 * @see Prabhu et al. 2018 (Parabel), section 3; Omikuji 0.5.2 keeps whole rows
 */
export function labelVectors(X: CsrMatrix, postings: CsrPattern, size: number): CsrMatrix {
  if (X.nRows !== postings.nCols) throw new RangeError(`${X.nRows} rows of features but ${postings.nCols} of labels`);
  const sums = new Float32Array(X.nCols);
  const touched = new Uint32List(1024);
  const indices = new Uint32List(1024);
  const values = new Float32List(1024);
  const indptr = sharedUint32(postings.nRows + 1);
  const magnitudes = new Float32List(1024);
  for (let label = 0; label < postings.nRows; label++) {
    touched.clear();
    for (let k = postings.indptr[label]; k < postings.indptr[label + 1]; k++) {
      const doc = postings.indices[k];
      for (let e = X.indptr[doc]; e < X.indptr[doc + 1]; e++) {
        const f = X.indices[e];
        if (sums[f] === 0 && X.values[e] !== 0) touched.push(f);
        sums[f] += X.values[e];
      }
    }
    const kept = keepGreatest(touched, sums, size, magnitudes);
    let square = 0;
    for (let i = 0; i < kept.length; i++) square += sums[kept[i]] ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let i = 0; i < kept.length; i++) {
      indices.push(kept[i]);
      values.push(sums[kept[i]] * scale);
    }
    for (let i = 0; i < touched.length; i++) sums[touched.data[i]] = 0;
    indptr[label + 1] = indices.length;
  }
  const Z = { nRows: postings.nRows, nCols: X.nCols, indptr, indices: sharedUint32(indices.length) };
  Z.indices.set(indices.data.subarray(0, indices.length));
  const shared = new Float32Array(new SharedArrayBuffer(values.length * 4));
  shared.set(values.data.subarray(0, values.length));
  return { ...Z, values: shared };
}

/** @returns at most `size` of the features, those of the greatest sums, ascending; of equal sums at the cut all are left out */
function keepGreatest(touched: Uint32List, sums: Float32Array, size: number, magnitudes: Float32List): Uint32Array {
  let least = 0;
  if (touched.length > size) {
    magnitudes.clear();
    for (let i = 0; i < touched.length; i++) magnitudes.push(Math.abs(sums[touched.data[i]]));
    const sorted = magnitudes.data.subarray(0, magnitudes.length).sort();
    least = sorted[sorted.length - size - 1];
    if (sorted[sorted.length - 1] === least) least = 0; // all alike: nothing is greater than another
  }
  const kept = new Uint32Array(touched.length);
  let n = 0;
  for (let i = 0; i < touched.length; i++) {
    const f = touched.data[i];
    if (Math.abs(sums[f]) > least) kept[n++] = f;
  }
  return kept.subarray(0, Math.min(n, kept.length)).sort();
}

function sharedUint32(length: number): Uint32Array<SharedArrayBuffer> {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}
