/** The bin of a missing value. */
export const MISSING_BIN = 0;
const MOST_BINS = 63;
const BLOCK_ROWS = 2048;

/** A dense matrix whose columns are cut into at most 64 bins, for histogram-based trees. */
export interface BinnedMatrix {
  readonly nRows: number;
  readonly nFeatures: number;
  /** Shape (nFeatures, nRows): a column's bin numbers together; MISSING_BIN where the value is NaN. */
  readonly bins: Uint8Array;
  /** Per feature the upper bounds of bins 1, 2, …, ascending; the last bin has none. */
  readonly bounds: readonly Float32Array[];
  /** Per feature its commonest bin. */
  readonly commonBin: Uint8Array;
  /** Shape (nRows + 1) and its values: feature * N_BINS + bin wherever a row is not in the feature's commonest bin. */
  readonly entryPtr: Uint32Array;
  readonly entries: Uint16Array;
  /** The hessian of an average row; 0 where it changes from tree to tree. */
  readonly rowHessian: number;
}

/** How many bins a feature has room for. */
export const N_BINS = 64;

/**
 * Cuts each column into bins of about equal weight; columns of few distinct values get one bin each.
 *
 * @param X shape (nRows, nFeatures), row-major; NaN is missing
 * @param rowHessian what an average row weighs in a leaf
 * @param sampleRows bounds are found on at most so many evenly spaced rows
 * @returns bins over a SharedArrayBuffer, so that threads can share them
 * @throws {RangeError} if X does not have nRows x nFeatures values, or has more than 1,000 features
 */
export function binMatrix(X: Float32Array, nFeatures: number, rowHessian = 0.25, sampleRows = 50_000): BinnedMatrix {
  const nRows = nFeatures === 0 ? 0 : X.length / nFeatures;
  if (!Number.isInteger(nRows)) throw new RangeError(`${X.length} values do not fill rows of ${nFeatures}`);
  if (nFeatures > 1000) throw new RangeError(`${nFeatures} features; at most 1000 can be binned`);
  const step = Math.max(1, Math.ceil(nRows / sampleRows));
  const bounds: Float32Array[] = [];
  const column = new Float32Array(Math.ceil(nRows / step));
  for (let f = 0; f < nFeatures; f++) {
    let n = 0;
    for (let r = 0; r < nRows; r += step) {
      const v = X[r * nFeatures + f];
      if (!Number.isNaN(v)) column[n++] = v;
    }
    bounds.push(columnBounds(column.subarray(0, n).sort()));
  }
  const bins = new Uint8Array(new SharedArrayBuffer(nRows * nFeatures));
  // Some rows at a time, which the second-level cache holds while one column after the other is read from them.
  for (let from = 0; from < nRows; from += BLOCK_ROWS) {
    const to = Math.min(nRows, from + BLOCK_ROWS);
    for (let f = 0; f < nFeatures; f++) fillBins(X, nFeatures, f, from, to, bounds[f], bins, f * nRows);
  }
  return { nRows, nFeatures, bins, bounds, rowHessian, ...uncommonEntries(bins, nRows, nFeatures) };
}

/** Writes the bins of a feature's values in rows [from, to) to `bins[at + row]`. */
function fillBins(
  X: Float32Array,
  nFeatures: number,
  feature: number,
  from: number,
  to: number,
  bounds: Float32Array,
  bins: Uint8Array,
  at: number,
): void {
  let last = Number.NaN;
  let bin = MISSING_BIN;
  for (let r = from, k = from * nFeatures + feature; r < to; r++, k += nFeatures) {
    const value = X[k];
    if (value !== last) {
      bin = binOf(bounds, value);
      last = value; // rows have the value of the one before, most times
    }
    bins[at + r] = bin;
  }
}

/** Most values of most features are the same one: histograms count only the others. */
function uncommonEntries(bins: Uint8Array, nRows: number, nFeatures: number) {
  const commonBin = new Uint8Array(nFeatures);
  const rowEntries = new Uint16Array(nRows);
  const counts = new Uint32Array(N_BINS);
  for (let f = 0; f < nFeatures; f++) {
    const column = bins.subarray(f * nRows, (f + 1) * nRows);
    counts.fill(0);
    for (let r = 0; r < nRows; r++) counts[column[r]]++;
    for (let b = 1; b < N_BINS; b++) if (counts[b] > counts[commonBin[f]]) commonBin[f] = b;
    for (let r = 0; r < nRows; r++) if (column[r] !== commonBin[f]) rowEntries[r]++;
  }
  const entryPtr = new Uint32Array(new SharedArrayBuffer((nRows + 1) * 4));
  for (let r = 0; r < nRows; r++) entryPtr[r + 1] = entryPtr[r] + rowEntries[r];
  const entries = new Uint16Array(new SharedArrayBuffer(entryPtr[nRows] * 2));
  const next = entryPtr.slice(0, nRows);
  for (let f = 0; f < nFeatures; f++) {
    const column = bins.subarray(f * nRows, (f + 1) * nRows);
    for (let r = 0; r < nRows; r++) if (column[r] !== commonBin[f]) entries[next[r]++] = f * N_BINS + column[r];
  }
  return { commonBin, entryPtr, entries };
}

/** @returns the bin of a value: 1 + the number of bounds below it */
export function binOf(bounds: Float32Array, value: number): number {
  if (Number.isNaN(value)) return MISSING_BIN;
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (value <= bounds[mid]) high = mid;
    else low = mid + 1;
  }
  return low + 1;
}

function columnBounds(sorted: Float32Array): Float32Array {
  const values: number[] = [];
  const counts: number[] = [];
  for (const v of sorted) {
    if (values.length > 0 && values[values.length - 1] === v) counts[counts.length - 1]++;
    else {
      values.push(v);
      counts.push(1);
    }
  }
  const bounds: number[] = [];
  const bound = (i: number): number => {
    const middle = Math.fround((values[i] + values[i + 1]) / 2);
    return middle < values[i + 1] ? middle : values[i];
  };
  if (values.length <= MOST_BINS) {
    for (let i = 0; i + 1 < values.length; i++) bounds.push(bound(i));
  } else {
    // A value as heavy as a whole bin takes one of its own; the rest share the bins that are left.
    let restCount = sorted.length;
    let restBins = MOST_BINS;
    let filled = 0;
    for (let i = 0; i + 1 < values.length; i++) {
      filled += counts[i];
      const wanted = restCount / restBins;
      if (filled >= wanted || counts[i + 1] >= wanted) {
        bounds.push(bound(i));
        restCount -= filled;
        filled = 0;
        if (--restBins === 1) break;
      }
    }
  }
  return Float32Array.from(bounds);
}
