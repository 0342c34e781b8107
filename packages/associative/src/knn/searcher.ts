import { AppendedRows } from '../similarity/appended-rows.js';
import { extendRowIndex } from '../similarity/build-row-index.js';
import { NearestRows } from '../similarity/nearest-rows.js';
import type { RowIndex } from '../similarity/row-index.js';
import type { SparseVector } from '../similarity/scaled-rows.js';
import { COSINE_UNITS, PRODUCT_UNITS } from '../similarity/weight-codes.js';
import type { LearntLimit } from './learnt-limit.js';
import { NEAR_DUPLICATE, type Neighbours } from './vote-count.js';

/** Candidates that are compared in full, as a multiple of the neighbours asked for, and at least. */
const CANDIDATES = 4;
const LEAST_CANDIDATES = 256;
/** Room for records that are left out. */
const SPARE = 16;
/** When so many rows were appended they are indexed: from then on comparing with all of them takes longer than the index. */
const MOST_APPENDED = 4096;

/** Which records are not to be found. */
export interface LeaveOut {
  readonly row?: number;
  readonly nearDuplicates?: boolean;
  /** Asked about each record, the nearest first. */
  readonly limit?: LearntLimit;
}

/** Finds the records nearest to a document, those just learnt included. One for each thread. */
export class RecordSearcher {
  private index_: RowIndex;
  private readonly factors: Float32Array | undefined;
  private appended: AppendedRows;
  private readonly nearest = new NearestRows();
  private rows = new Uint32Array(64);
  private similarities = new Float64Array(64);

  /** @param factors shape (nFeatures): what the index's rows were multiplied by */
  constructor(index: RowIndex, factors: Float32Array | undefined) {
    this.index_ = index;
    this.factors = factors;
    this.appended = new AppendedRows(index.nFeatures);
  }

  /** The index of all records; those appended are moved into it. */
  get index(): RowIndex {
    if (this.appended.length > 0) {
      this.index_ = extendRowIndex(this.index_, this.appended);
      this.appended = new AppendedRows(this.index_.nFeatures);
    }
    return this.index_;
  }

  /** Appends a record; its row is the number of those before. */
  append(vector: SparseVector): void {
    this.appended.push(vector, this.factors);
    if (this.appended.length >= MOST_APPENDED) this.index;
  }

  /** @returns at most k records; valid until the next search */
  search(query: SparseVector, k: number, leaveOut: LeaveOut = {}): Neighbours {
    const { nearest } = this;
    if (this.rows.length < k) {
      this.rows = new Uint32Array(k);
      this.similarities = new Float64Array(k);
    }
    const isFiltered = leaveOut.row !== undefined || leaveOut.nearDuplicates === true || leaveOut.limit !== undefined;
    for (let wanted = isFiltered ? k + SPARE : k; ; wanted *= 4) {
      this.find(query, wanted);
      const n = this.keep(k, leaveOut);
      if (n === k || nearest.n < wanted) return { n, rows: this.rows, similarities: this.similarities };
    }
  }

  /** Fills `nearest`, in order. */
  private find(query: SparseVector, wanted: number): void {
    const { nearest, index_, factors } = this;
    nearest.begin(wanted);
    index_.search(query, factors, nearest, Math.max(LEAST_CANDIDATES, CANDIDATES * wanted));
    this.appended.search(query, factors, nearest, index_.nRows);
    nearest.sort();
  }

  /** Takes the first k of `nearest` that are not left out. @returns how many there are */
  private keep(k: number, { row, nearDuplicates, limit }: LeaveOut): number {
    const { nearest } = this;
    limit?.begin();
    let n = 0;
    for (let i = 0; i < nearest.n && n < k; i++) {
      const similarity = Math.min(1, nearest.sums[i] / COSINE_UNITS);
      if (nearest.rows[i] === row || (nearDuplicates && similarity > NEAR_DUPLICATE)) continue;
      if (limit && !limit.take(nearest.rows[i])) continue;
      this.rows[n] = nearest.rows[i];
      this.similarities[n++] = similarity;
    }
    return n;
  }

  /** @returns a record's similarity to a query feature by feature, parallel to the query; together its similarity */
  parts(query: SparseVector, row: number): Float64Array {
    const { index_, appended, factors } = this;
    const parts =
      row < index_.nRows ? index_.parts(query, factors, row) : appended.parts(query, factors, row - index_.nRows);
    return Float64Array.from(parts, (part) => part / PRODUCT_UNITS);
  }
}
