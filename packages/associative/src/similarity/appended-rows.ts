import { Uint32List } from '@catchword/math';
import type { NearestRows } from './nearest-rows.js';
import { type SparseVector, scaleVector } from './scaled-rows.js';
import { encodeWeight, QUERY_UNITS, SUM_SHIFT } from './weight-codes.js';

/**
 * Rows that came after an index was built: kept by row and all compared with a query, so that adding one takes no longer
 * than writing it down. Sums are those that an index would give.
 */
export class AppendedRows {
  private readonly starts = new Uint32List();
  private readonly features = new Uint32List();
  private readonly codes = new Uint32List();
  /** The query's weights by feature; zero between searches. */
  private readonly queryWeights: Int32Array;
  private scaled = new Float64Array(256);

  constructor(nFeatures: number) {
    this.queryWeights = new Int32Array(nFeatures);
    this.starts.push(0);
  }

  get length(): number {
    return this.starts.length - 1;
  }

  push(vector: SparseVector, factors: Float32Array | undefined): void {
    const scaled = this.scale(vector, factors);
    for (let k = 0; k < vector.n; k++) {
      const code = encodeWeight(scaled[k]);
      if (code === 0) continue;
      this.features.push(vector.indices[k]);
      this.codes.push(code);
    }
    this.starts.push(this.features.length);
  }

  /** Offers all rows; row i has number `first + i`. */
  search(query: SparseVector, factors: Float32Array | undefined, nearest: NearestRows, first: number): void {
    if (this.length === 0) return;
    const { queryWeights } = this;
    this.weigh(query, factors);
    const features = this.features.data;
    const codes = this.codes.data;
    const starts = this.starts.data;
    for (let row = 0; row < this.length; row++) {
      let sum = 0;
      for (let k = starts[row]; k < starts[row + 1]; k++) {
        sum = (sum + Math.imul(queryWeights[features[k]], codes[k] * codes[k])) | 0;
      }
      nearest.offer(first + row, sum >> SUM_SHIFT);
    }
    for (let k = 0; k < query.n; k++) queryWeights[query.indices[k]] = 0;
  }

  /** @returns a row's sum with a query feature by feature, parallel to the query */
  parts(query: SparseVector, factors: Float32Array | undefined, i: number): Int32Array {
    this.weigh(query, factors);
    const { features, codes } = this.row(i);
    const parts = new Int32Array(query.n);
    for (let k = 0; k < query.n; k++) {
      const at = features.indexOf(query.indices[k]);
      if (at >= 0) parts[k] = Math.imul(this.queryWeights[query.indices[k]], codes[at] * codes[at]);
    }
    for (let k = 0; k < query.n; k++) this.queryWeights[query.indices[k]] = 0;
    return parts;
  }

  /** @returns features and codes of a row */
  row(i: number): { readonly features: Uint32Array; readonly codes: Uint32Array } {
    const from = this.starts.data[i];
    const to = this.starts.data[i + 1];
    return { features: this.features.data.subarray(from, to), codes: this.codes.data.subarray(from, to) };
  }

  private weigh(query: SparseVector, factors: Float32Array | undefined): void {
    const scaled = this.scale(query, factors);
    for (let k = 0; k < query.n; k++) this.queryWeights[query.indices[k]] = Math.round(scaled[k] * QUERY_UNITS);
  }

  private scale(vector: SparseVector, factors: Float32Array | undefined): Float64Array {
    if (this.scaled.length < vector.n) this.scaled = new Float64Array(vector.n * 2);
    scaleVector(vector, factors, this.scaled);
    return this.scaled;
  }
}
