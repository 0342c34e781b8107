import { AppendedRows } from '../similarity/appended-rows.js';
import { extendRowIndex } from '../similarity/build-row-index.js';
import { NearestRows } from '../similarity/nearest-rows.js';
import type { RowIndex } from '../similarity/row-index.js';
import type { SparseVector } from '../similarity/scaled-rows.js';
import { COSINE_UNITS, PRODUCT_UNITS } from '../similarity/weight-codes.js';
import { NEAR_DUPLICATE, type Neighbours } from './vote-count.js';

/** Candidates that are compared in full, as a multiple of the neighbours asked for, and at least. */
const CANDIDATES = 8;
const LEAST_CANDIDATES = 256;
/** Room for records that are left out. */
const SPARE = 16;
/** When so many rows were appended they are indexed: from then on comparing with all of them takes longer than the index. */
const MOST_APPENDED = 4096;

/** Which records are not to be found. */
export interface LeaveOut {
  readonly row?: number;
  readonly nearDuplicates?: boolean;
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
    const { nearest, index_ } = this;
    const isFiltered = leaveOut.row !== undefined || leaveOut.nearDuplicates === true;
    const wanted = isFiltered ? k + SPARE : k;
    nearest.begin(wanted);
    index_.search(query, this.factors, nearest, Math.max(LEAST_CANDIDATES, CANDIDATES * k));
    this.appended.search(query, this.factors, nearest, index_.nRows);
    nearest.sort();
    if (this.rows.length < k) {
      this.rows = new Uint32Array(k);
      this.similarities = new Float64Array(k);
    }
    let n = 0;
    for (let i = 0; i < nearest.n && n < k; i++) {
      const similarity = Math.min(1, nearest.sums[i] / COSINE_UNITS);
      if (nearest.rows[i] === leaveOut.row || (leaveOut.nearDuplicates && similarity > NEAR_DUPLICATE)) continue;
      this.rows[n] = nearest.rows[i];
      this.similarities[n++] = similarity;
    }
    return { n, rows: this.rows, similarities: this.similarities };
  }

  /** @returns a record's similarity to a query feature by feature, parallel to the query; together its similarity */
  parts(query: SparseVector, row: number): Float64Array {
    return Float64Array.from(this.index.parts(query, this.factors, row), (part) => part / PRODUCT_UNITS);
  }
}
