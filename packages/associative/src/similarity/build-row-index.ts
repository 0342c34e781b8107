import type { CsrMatrix, CsrPattern } from '@catchword/math';
import type { AppendedRows } from './appended-rows.js';
import { BLOCK_ROWS, RowIndex } from './row-index.js';
import { encodeRows } from './scaled-rows.js';

/** A feature that fewer rows have is never kept by row: its postings are short. */
const LEAST_FREQUENT = 4096;
/** Positions of frequent features have 16 bits. */
const MOST_FREQUENT = 1 << 16;

/** Rows of codes: what an index is built from. */
export interface CodedRows extends CsrPattern {
  /** Shape (nnz), parallel to `indices`; 0 is no entry. */
  readonly codes: Uint8Array;
}

export interface RowIndexOptions {
  /** A feature that more than this share of the rows have is kept by row; 1: none. */
  readonly frequentShare: number;
}

/**
 * Indexes the rows of a matrix, each multiplied by the factors and scaled to unit length.
 *
 * Takes 1 byte a stored value besides the index itself: 3 bytes a stored value, 4 bytes a row, 4 bytes a feature for each
 * 65,536 rows.
 */
export function buildRowIndex(X: CsrMatrix, factors: Float32Array | undefined, options: RowIndexOptions): RowIndex {
  return indexRows({ ...X, codes: encodeRows(X, factors) }, options);
}

/** Indexes rows that are coded already, of whatever length. */
export function indexRows(coded: CodedRows, options: RowIndexOptions): RowIndex {
  return indexCodedRows(coded, frequentFeatures(coded, options.frequentShare));
}

/**
 * Indexes appended rows with those of an index, after them; the same features stay frequent. O(nnz) of both
 *
 * @returns a new index; the old one is unchanged
 */
export function extendRowIndex(index: RowIndex, appended: AppendedRows): RowIndex {
  const { starts, rows, codes, frequent, rowStarts, rowFeatures, rowCodes } = index.arrays;
  const { nFeatures } = index;
  const nRows = index.nRows + appended.length;
  const indptr = new Uint32Array(nRows + 1);
  const eachPosting = (visit: (row: number, feature: number, at: number) => void): void => {
    for (let place = 0; place + 1 < starts.length; place++) {
      const first = Math.floor(place / nFeatures) * BLOCK_ROWS;
      for (let at = starts[place]; at < starts[place + 1]; at++) visit(first + rows[at], place % nFeatures, at);
    }
  };
  eachPosting((row) => indptr[row + 1]++);
  for (let row = 0; row < nRows; row++) {
    const further =
      row < index.nRows ? rowStarts[row + 1] - rowStarts[row] : appended.row(row - index.nRows).codes.length;
    indptr[row + 1] += indptr[row] + further;
  }
  const next = indptr.slice(0, nRows);
  const indices = new Uint32Array(indptr[nRows]);
  const allCodes = new Uint8Array(indptr[nRows]);
  const put = (row: number, feature: number, code: number): void => {
    const at = next[row]++;
    indices[at] = feature;
    allCodes[at] = code;
  };
  eachPosting((row, feature, at) => put(row, feature, codes[at]));
  for (let row = 0; row < index.nRows; row++) {
    for (let at = rowStarts[row]; at < rowStarts[row + 1]; at++) put(row, frequent[rowFeatures[at]], rowCodes[at]);
  }
  for (let i = 0; i < appended.length; i++) {
    const row = appended.row(i);
    for (let k = 0; k < row.codes.length; k++) put(index.nRows + i, row.features[k], row.codes[k]);
  }
  return indexCodedRows({ nRows, nCols: nFeatures, indptr, indices, codes: allCodes }, frequent);
}

/** @param frequent the features to keep by row, ascending; in each row of `coded` they are in ascending order */
function indexCodedRows(coded: CodedRows, frequent: Uint32Array): RowIndex {
  const { nRows, nCols, indptr, indices, codes } = coded;
  const rankOf = new Int32Array(nCols).fill(-1);
  for (let rank = 0; rank < frequent.length; rank++) rankOf[frequent[rank]] = rank;
  const nBlocks = Math.ceil(nRows / BLOCK_ROWS);
  const starts = new Uint32Array(nBlocks * nCols + 1);
  const rowStarts = new Uint32Array(nRows + 1);
  let nByRow = 0;
  for (let row = 0; row < nRows; row++) {
    const base = Math.floor(row / BLOCK_ROWS) * nCols;
    for (let k = indptr[row]; k < indptr[row + 1]; k++) {
      if (codes[k] === 0) continue;
      if (rankOf[indices[k]] < 0) starts[base + indices[k] + 1]++;
      else nByRow++;
    }
    rowStarts[row + 1] = nByRow;
  }
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const nPostings = starts[starts.length - 1];
  const rows = new Uint16Array(nPostings);
  const postingCodes = new Uint8Array(nPostings);
  const rowFeatures = new Uint16Array(nByRow);
  const rowCodes = new Uint8Array(nByRow);
  const next = starts.slice();
  let at = 0;
  for (let row = 0; row < nRows; row++) {
    const base = Math.floor(row / BLOCK_ROWS) * nCols;
    for (let k = indptr[row]; k < indptr[row + 1]; k++) {
      if (codes[k] === 0) continue;
      const rank = rankOf[indices[k]];
      if (rank < 0) {
        const place = next[base + indices[k]]++;
        rows[place] = row % BLOCK_ROWS;
        postingCodes[place] = codes[k];
      } else {
        rowFeatures[at] = rank;
        rowCodes[at++] = codes[k];
      }
    }
  }
  return new RowIndex(nRows, nCols, {
    starts,
    rows,
    codes: postingCodes,
    frequent,
    rowStarts,
    rowFeatures,
    rowCodes,
  });
}

/** @returns the features that more than the share of the rows have, ascending; the most frequent 65,536 where they are more */
function frequentFeatures(X: CsrPattern, share: number): Uint32Array {
  const df = new Uint32Array(X.nCols);
  for (let k = 0; k < X.indices.length; k++) df[X.indices[k]]++;
  const least = Math.max(LEAST_FREQUENT, share * X.nRows);
  const found = Uint32Array.from({ length: X.nCols }, (_, feature) => feature).filter((feature) => df[feature] > least);
  if (found.length <= MOST_FREQUENT) return found;
  return found
    .sort((a, b) => df[b] - df[a] || a - b)
    .slice(0, MOST_FREQUENT)
    .sort();
}
