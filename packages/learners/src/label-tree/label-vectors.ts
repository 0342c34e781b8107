import type { CsrMatrix, CsrPattern } from '@catchword/math';
import { Uint32List } from '@catchword/math';

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
  const most = mostEntries(X, postings, size); // what is not written to takes no memory
  const indices = new Uint32Array(new SharedArrayBuffer(most * 4));
  const values = new Float32Array(new SharedArrayBuffer(most * 4));
  const indptr = new Uint32Array(new SharedArrayBuffer((postings.nRows + 1) * 4));
  let n = 0;
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
    const kept = keepGreatest(touched, sums, size);
    let square = 0;
    for (let i = 0; i < kept.length; i++) square += sums[kept[i]] ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let i = 0; i < kept.length; i++) {
      indices[n] = kept[i];
      values[n++] = sums[kept[i]] * scale;
    }
    for (let i = 0; i < touched.length; i++) sums[touched.data[i]] = 0;
    indptr[label + 1] = n;
  }
  return {
    nRows: postings.nRows,
    nCols: X.nCols,
    indptr,
    indices: indices.subarray(0, n),
    values: values.subarray(0, n),
  };
}

function mostEntries(X: CsrMatrix, postings: CsrPattern, size: number): number {
  let most = 0;
  for (let label = 0; label < postings.nRows; label++) {
    let entries = 0;
    for (let k = postings.indptr[label]; k < postings.indptr[label + 1] && entries < size; k++) {
      entries += X.indptr[postings.indices[k] + 1] - X.indptr[postings.indices[k]];
    }
    most += Math.min(size, entries);
  }
  return most;
}

/** @returns about `size` of the features or fewer, those of the greatest sums, ascending */
function keepGreatest(touched: Uint32List, sums: Float32Array, size: number): Uint32Array {
  let least = 0;
  if (touched.length > size) {
    let greatest = 0;
    for (let i = 0; i < touched.length; i++) greatest = Math.max(greatest, Math.abs(sums[touched.data[i]]));
    least = edgeOf(touched, sums, size, greatest);
  }
  const kept = new Uint32Array(Math.min(touched.length, size));
  let n = 0;
  for (let i = 0; i < touched.length && n < kept.length; i++) {
    const f = touched.data[i];
    if (Math.abs(sums[f]) > least) kept[n++] = f;
  }
  return kept.subarray(0, n).sort();
}

/** The least of 1,024 steps up to the greatest sum above which at most `size` sums lie; 0 where so many share the last step. */
function edgeOf(touched: Uint32List, sums: Float32Array, size: number, greatest: number): number {
  STEPS.fill(0);
  const scale = (STEPS.length - 1) / greatest;
  for (let i = 0; i < touched.length; i++) STEPS[Math.floor(Math.abs(sums[touched.data[i]]) * scale)]++;
  let above = 0;
  let step = STEPS.length;
  while (step > 0 && above + STEPS[step - 1] <= size) above += STEPS[--step];
  return step === STEPS.length ? 0 : step / scale;
}

const STEPS = new Uint32Array(1024);
