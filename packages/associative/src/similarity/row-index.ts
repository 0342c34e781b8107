import type { NumericArray } from '@catchword/math';
import { NearestRows } from './nearest-rows.js';
import { type SparseVector, scaleVector } from './scaled-rows.js';
import { QUERY_UNITS, SUM_SHIFT } from './weight-codes.js';

/** Rows of one block; a posting names a row of its block in 16 bits, and the block's sums fit into the second-level cache. */
export const BLOCK_ROWS = 1 << 16;
/** A query whose rare features have less than this share of its squared length is compared with every row. */
const LEAST_RARE_SHARE = 0.25;

/** What a RowIndex consists of; all but the factors as they are stored. */
export interface RowIndexArrays {
  /** Shape (nBlocks · nFeatures + 1): postings of feature f in block b begin at `starts[b · nFeatures + f]`. */
  readonly starts: Uint32Array;
  /** Shape (nPostings): row within its block, ascending within a feature. */
  readonly rows: Uint16Array;
  /** Shape (nPostings): see weight-codes.ts. */
  readonly codes: Uint8Array;
  /** Features that so many rows have that they are kept by row; ascending. */
  readonly frequent: Uint32Array;
  /** Shape (nRows + 1). */
  readonly rowStarts: Uint32Array;
  /** Positions in `frequent`, ascending within a row. */
  readonly rowFeatures: Uint16Array;
  readonly rowCodes: Uint8Array;
}

/**
 * Finds the rows of a matrix that are most similar to a vector (cosine), term at a time over an inverted index.
 *
 * A feature is kept in one of two ways: rare ones as postings; those that a large part of the rows have, by row. The
 * rare ones choose candidates, the frequent ones only refine the sums of these. So a query touches a hundredth of what
 * all its postings would be, and a stored value takes 3 bytes either way.
 */
export class RowIndex {
  readonly nRows: number;
  readonly nFeatures: number;
  readonly arrays: RowIndexArrays;
  /** Per feature its position in `frequent`, or -1. */
  private readonly rankOf: Int32Array;
  /** Per row of the block at hand; zero between searches. */
  private readonly sums: Int32Array;
  /** The query's weight of each frequent feature; zero between searches. */
  private readonly frequentWeights: Int32Array;
  private readonly candidates = new NearestRows();
  private scaled = new Float64Array(256);
  private weights = new Int32Array(256);

  /**
   * @throws {RangeError} if the arrays do not fit together
   */
  constructor(nRows: number, nFeatures: number, arrays: RowIndexArrays) {
    checkArrays(nRows, nFeatures, arrays);
    this.nRows = nRows;
    this.nFeatures = nFeatures;
    this.arrays = arrays;
    const { frequent } = arrays;
    this.rankOf = new Int32Array(nFeatures).fill(-1);
    for (let rank = 0; rank < frequent.length; rank++) this.rankOf[frequent[rank]] = rank;
    this.frequentWeights = new Int32Array(frequent.length);
    this.sums = new Int32Array(Math.min(nRows, BLOCK_ROWS));
  }

  /** @throws {RangeError} if an array is missing or has another type, or they do not fit together */
  static fromArrays(nRows: number, nFeatures: number, arrays: Readonly<Record<string, NumericArray>>): RowIndex {
    const { starts, rows, codes, frequent, rowStarts, rowFeatures, rowCodes } = arrays;
    if (
      !(starts instanceof Uint32Array && rows instanceof Uint16Array && codes instanceof Uint8Array) ||
      !(frequent instanceof Uint32Array && rowStarts instanceof Uint32Array) ||
      !(rowFeatures instanceof Uint16Array && rowCodes instanceof Uint8Array)
    ) {
      throw new RangeError('arrays of the index of rows are missing');
    }
    return new RowIndex(nRows, nFeatures, { starts, rows, codes, frequent, rowStarts, rowFeatures, rowCodes });
  }

  toArrays(): Record<string, NumericArray> {
    return { ...this.arrays };
  }

  /**
   * Offers the rows most similar to a query.
   *
   * @param factors shape (nFeatures): the ones that the rows were multiplied by
   * @param nearest receives rows and sums in units of `COSINE_UNITS`; it may hold rows already, and is not sorted yet
   * @param nCandidates how many rows are compared in full; all that can be found where no feature of the query is frequent
   */
  search(query: SparseVector, factors: Float32Array | undefined, nearest: NearestRows, nCandidates: number): void {
    const { frequent } = this.arrays;
    const { weights, rankOf } = this;
    const rareShare = this.weigh(query, factors);
    const { n, indices } = query;
    let nFrequent = 0;
    for (let k = 0; k < n; k++) {
      const rank = rankOf[indices[k]];
      if (rank < 0) continue;
      this.frequentWeights[rank] = weights[k];
      nFrequent++;
    }
    const all = nFrequent > 0 && rareShare < LEAST_RARE_SHARE;
    const found = nFrequent > 0 ? this.candidates : nearest;
    const isFinal = nFrequent === 0;
    const shift = isFinal ? SUM_SHIFT : 0;
    if (!all && !isFinal) found.begin(Math.min(nCandidates, this.nRows));
    for (let first = 0; first < this.nRows; first += BLOCK_ROWS) {
      const nRows = Math.min(BLOCK_ROWS, this.nRows - first);
      const nAdded = this.addBlock(query, first / BLOCK_ROWS);
      if (all) this.offerInFull(nRows, first, nearest);
      else if (nAdded < nRows / 4) this.offerTouched(query, first / BLOCK_ROWS, found, shift);
      else this.offerAll(nRows, first, found, shift);
    }
    if (!isFinal && !all) {
      for (let i = 0; i < found.n; i++) {
        const row = found.rows[i];
        nearest.offer(row, (found.sums[i] + this.frequentSum(row)) >> SUM_SHIFT);
      }
    }
    if (nFrequent > 0) this.frequentWeights.fill(0, 0, frequent.length);
  }

  /** @returns the query's cosine with a row feature by feature, parallel to the query: in units of `PRODUCT_UNITS` */
  parts(query: SparseVector, factors: Float32Array | undefined, row: number): Int32Array {
    const { starts, rows, codes, rowStarts, rowFeatures, rowCodes } = this.arrays;
    this.weigh(query, factors);
    const parts = new Int32Array(query.n);
    const block = Math.floor(row / BLOCK_ROWS);
    for (let k = 0; k < query.n; k++) {
      const feature = query.indices[k];
      const rank = this.rankOf[feature];
      const at =
        rank < 0
          ? find(
              rows,
              row % BLOCK_ROWS,
              starts[block * this.nFeatures + feature],
              starts[block * this.nFeatures + feature + 1],
            )
          : find(rowFeatures, rank, rowStarts[row], rowStarts[row + 1]);
      if (at < 0) continue;
      const code = rank < 0 ? codes[at] : rowCodes[at];
      parts[k] = Math.imul(this.weights[k], code * code);
    }
    return parts;
  }

  /** Fills `weights`, parallel to the query. @returns the share of the squared length that rare features have */
  private weigh(query: SparseVector, factors: Float32Array | undefined): number {
    const { n, indices } = query;
    if (this.weights.length < n) {
      this.weights = new Int32Array(n * 2);
      this.scaled = new Float64Array(n * 2);
    }
    const { weights, scaled, rankOf } = this;
    scaleVector(query, factors, scaled);
    let rare = 0;
    for (let k = 0; k < n; k++) {
      weights[k] = Math.round(scaled[k] * QUERY_UNITS);
      if (rankOf[indices[k]] < 0) rare += scaled[k] * scaled[k];
    }
    return rare;
  }

  /** Adds up the rare features of a block's rows in `sums`. @returns the number of postings added */
  private addBlock(query: SparseVector, block: number): number {
    const { starts, rows, codes } = this.arrays;
    const { sums, weights, nFeatures } = this;
    const { n, indices } = query;
    let nAdded = 0;
    for (let k = 0; k < n; k++) {
      const place = block * nFeatures + indices[k];
      addPostings(sums, rows, codes, starts[place], starts[place + 1], weights[k]);
      nAdded += starts[place + 1] - starts[place];
    }
    return nAdded;
  }

  /** Offers the rows of a block that have any feature of the query, by walking the postings again; clears the sums. */
  private offerTouched(query: SparseVector, block: number, nearest: NearestRows, shift: number): void {
    const { starts, rows } = this.arrays;
    const { sums, nFeatures } = this;
    const first = block * BLOCK_ROWS;
    let { least } = nearest;
    for (let k = 0; k < query.n; k++) {
      const place = block * nFeatures + query.indices[k];
      const end = starts[place + 1];
      for (let p = starts[place]; p < end; p++) {
        const row = rows[p];
        const sum = sums[row] >> shift;
        sums[row] = 0;
        if (sum < least) continue;
        nearest.offer(first + row, sum);
        least = nearest.least;
      }
    }
  }

  /** Offers all rows of a block; clears the sums. */
  private offerAll(nRows: number, first: number, nearest: NearestRows, shift: number): void {
    const { sums } = this;
    let { least } = nearest;
    for (let i = 0; i < nRows; i++) {
      const sum = sums[i] >> shift;
      if (sum < least) continue;
      nearest.offer(first + i, sum);
      least = nearest.least;
    }
    sums.fill(0, 0, nRows);
  }

  /** Offers all rows of a block with their frequent features added; clears the sums. */
  private offerInFull(nRows: number, first: number, nearest: NearestRows): void {
    const { sums } = this;
    for (let i = 0; i < nRows; i++) {
      nearest.offer(first + i, (sums[i] + this.frequentSum(first + i)) >> SUM_SHIFT);
    }
    sums.fill(0, 0, nRows);
  }

  private frequentSum(row: number): number {
    const { rowStarts, rowFeatures, rowCodes } = this.arrays;
    const { frequentWeights } = this;
    const end = rowStarts[row + 1];
    let sum = 0;
    for (let k = rowStarts[row]; k < end; k++) {
      const code = rowCodes[k];
      sum = (sum + Math.imul(frequentWeights[rowFeatures[k]], code * code)) | 0;
    }
    return sum;
  }
}

/** The hot loop: adds a feature's share to the sums of its rows. */
function addPostings(
  sums: Int32Array,
  rows: Uint16Array,
  codes: Uint8Array,
  from: number,
  to: number,
  weight: number,
): void {
  for (let k = from; k < to; k++) {
    const row = rows[k];
    const code = codes[k];
    sums[row] = (sums[row] + Math.imul(weight, code * code)) | 0;
  }
}

/** @returns where a value stands in an ascending stretch of an array, or -1 */
function find(values: Uint16Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low < to && values[low] === value ? low : -1;
}

function checkArrays(nRows: number, nFeatures: number, arrays: RowIndexArrays): void {
  const { starts, rows, codes, frequent, rowStarts, rowFeatures, rowCodes } = arrays;
  const nBlocks = Math.ceil(nRows / BLOCK_ROWS);
  if (starts.length !== nBlocks * nFeatures + 1 || rowStarts.length !== nRows + 1) {
    throw new RangeError(`the index of rows is not one of ${nRows} rows and ${nFeatures} features`);
  }
  if (starts[starts.length - 1] !== rows.length || codes.length !== rows.length) {
    throw new RangeError(`${starts[starts.length - 1]} postings, but ${rows.length} rows and ${codes.length} codes`);
  }
  if (rowStarts[nRows] !== rowFeatures.length || rowCodes.length !== rowFeatures.length) {
    throw new RangeError(`${rowStarts[nRows]} values by row, but ${rowFeatures.length} and ${rowCodes.length} stored`);
  }
  if (frequent.some((feature) => feature >= nFeatures)) throw new RangeError('a frequent feature is none');
  // Damage within the arrays is found by the checksum of the folder; what follows keeps a wrong array from being read as one.
  if (rowFeatures.length > 0 && frequent.length === 0) throw new RangeError('the frequent features are missing');
}
