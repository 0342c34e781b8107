import type { CsrMatrix, Kernels, Random } from '@catchword/math';
import { Uint32List } from '@catchword/math';
import { assignBalanced, assignByMedian, assignNearest } from './assignments.js';
import {
  CentroidSimilarities,
  type ClusterSimilarities,
  type KernelRows,
  PairSimilarities,
} from './cluster-similarities.js';

export interface ClusterParams {
  /** Number of clusters that a set is split into, 2 or more. */
  readonly clusterK: number;
  /** Clusters of (almost) equal size. */
  readonly clusterBalanced: boolean;
}

/** Iteration ends when the mean similarity to the own centroid grows by less. */
const EPS = 3e-4; // Omikuji's 1e-4 takes a third more iterations
/** A safeguard. */
const MOST_ITERATIONS = 50;
const USUAL_ITERATIONS = 10;
/** All pairs of more rows take too much memory. */
const MOST_PAIRED = 2000;
/** Products of SIMD kernels in the time of one here. */
const SIMD_GAIN = 8;
/** Smaller clusters are disbanded. */
const MIN_SIZE = 2;

/**
 * Spherical k-means over sparse rows; one of it serves a thread.
 *
 * @see Omikuji 0.5.2, `cluster.rs`
 */
export class KMeans {
  private readonly Z: CsrMatrix;
  private readonly kernels: Kernels;
  private readonly local: Uint32Array;
  private readonly touched = new Uint32List(1024);

  /** @param Z shape (nLabels, nFeatures), rows of unit length or empty */
  constructor(Z: CsrMatrix, kernels: Kernels) {
    this.Z = Z;
    this.kernels = kernels;
    this.local = new Uint32Array(Z.nCols);
  }

  /**
   * Splits a set of rows into at most `clusterK` parts, none of them empty.
   *
   * @param rows distinct, ascending
   * @returns the parts, rows ascending in each; where k-means leaves everything in one cluster (rows all alike, or empty)
   *   they are dealt out in turn. `undefined` for fewer than two rows
   */
  split(rows: Uint32Array, params: ClusterParams, random: Random): Uint32Array[] | undefined {
    const k = Math.min(params.clusterK, rows.length);
    if (k < 2) return undefined;
    const of = this.assign(rows, k, params.clusterBalanced, random);
    const parts = gather(rows, of, k);
    if (parts.length > 1) return parts;
    return gather(
      rows,
      rows.map((_, i) => i % k),
      k,
    );
  }

  private assign(rows: Uint32Array, k: number, balanced: boolean, random: Random): Uint32Array {
    const width = Math.ceil(k / 4) * 4;
    const nRows = rows.length;
    const similarities = this.similaritiesOf(rows, k, width);
    let of: Uint32Array = new Uint32Array(nRows).fill(k);
    const first = sample(nRows, k, random);
    for (let c = 0; c < k; c++) of[first[c]] = c;
    let before = -2;
    for (let iteration = 1; ; iteration++) {
      const cosines = similarities.compute(of);
      of = balanced
        ? k === 2
          ? assignByMedian(cosines, width, nRows)
          : assignBalanced(cosines, width, nRows, k)
        : assignNearest(cosines, width, nRows, k);
      let sum = 0;
      for (let i = 0; i < nRows; i++) sum += cosines[i * width + of[i]];
      if (sum / nRows - before < EPS || iteration === MOST_ITERATIONS) {
        disbandSmall(cosines, width, of, k);
        return of;
      }
      before = sum / nRows;
    }
  }

  private similaritiesOf(rows: Uint32Array, k: number, width: number): ClusterSimilarities {
    const { kernels } = this;
    const nRows = rows.length;
    const { nCols, nnz, nPairs } = this.mapFeatures(rows);
    const byPairs = nRows <= MOST_PAIRED && nPairs < (USUAL_ITERATIONS * nnz * width) / SIMD_GAIN;
    const places = kernels.layOut([
      (nRows + 1) * 4,
      nnz * 4,
      nnz * 4,
      ...(byPairs ? [] : [nCols * width * 4, nRows * width * 4]),
    ]);
    const [indptr, indices, values, sumsAt, outAt] = places;
    const { buffer } = kernels;
    const local: KernelRows = {
      nRows,
      nCols,
      indptr: new Uint32Array(buffer, indptr, nRows + 1),
      indices: new Uint32Array(buffer, indices, nnz),
      values: new Float32Array(buffer, values, nnz),
      at: { indptr, indices, values },
    };
    this.copyRows(rows, local);
    if (byPairs) return new PairSimilarities(local, k, width);
    return new CentroidSimilarities(local, k, width, kernels, sumsAt, outAt);
  }

  /** Numbers the features that two of the rows or more have, from 1; what one row has alone brings it near no other. */
  private mapFeatures(rows: Uint32Array): { nCols: number; nnz: number; nPairs: number } {
    const { Z, local, touched } = this;
    touched.clear();
    const seen = touched;
    for (const row of rows) {
      for (let e = Z.indptr[row]; e < Z.indptr[row + 1]; e++) if (local[Z.indices[e]]++ === 0) seen.push(Z.indices[e]);
    }
    let nCols = 0;
    let nnz = 0;
    let nPairs = 0;
    for (let i = 0; i < seen.length; i++) {
      const f = seen.data[i];
      const count = local[f];
      if (count < 2) {
        local[f] = 0;
        continue;
      }
      nnz += count;
      nPairs += (count * (count + 1)) / 2;
      seen.data[nCols++] = f;
      local[f] = nCols;
    }
    seen.length = nCols;
    return { nCols, nnz, nPairs };
  }

  /** Writes the entries whose features have a number, and takes the numbers back. */
  private copyRows(rows: Uint32Array, { indptr, indices, values }: CsrMatrix): void {
    const { Z, local, touched } = this;
    indptr[0] = 0;
    let n = 0;
    for (let i = 0; i < rows.length; i++) {
      for (let e = Z.indptr[rows[i]]; e < Z.indptr[rows[i] + 1]; e++) {
        const f = local[Z.indices[e]];
        if (f === 0) continue;
        indices[n] = f - 1;
        values[n++] = Z.values[e];
      }
      indptr[i + 1] = n;
    }
    for (let i = 0; i < touched.length; i++) local[touched.data[i]] = 0;
  }
}

function disbandSmall(similarities: Float32Array, width: number, of: Uint32Array, k: number): void {
  const sizes = new Uint32Array(k);
  for (const c of of) sizes[c]++;
  const open = new Uint8Array(k).fill(1);
  for (;;) {
    let smallest = -1;
    for (let c = 0; c < k; c++) if (sizes[c] > 0 && (smallest < 0 || sizes[c] < sizes[smallest])) smallest = c;
    if (sizes[smallest] >= MIN_SIZE || sizes[smallest] === of.length) return;
    open[smallest] = 0;
    for (let i = 0; i < of.length; i++) {
      if (of[i] !== smallest) continue;
      let best = -1;
      for (let c = 0; c < k; c++) {
        if (open[c] && (best < 0 || similarities[i * width + c] > similarities[i * width + best])) best = c;
      }
      of[i] = best;
      sizes[best]++;
    }
    sizes[smallest] = 0;
  }
}

/** @returns k distinct numbers below n (Floyd's method) */
function sample(n: number, k: number, random: Random): number[] {
  const chosen = new Set<number>();
  for (let j = n - k; j < n; j++) {
    const t = random.below(j + 1);
    chosen.add(chosen.has(t) ? j : t);
  }
  return [...chosen];
}

function gather(rows: Uint32Array, of: Uint32Array, k: number): Uint32Array[] {
  const parts: number[][] = Array.from({ length: k }, () => []);
  for (let i = 0; i < rows.length; i++) parts[of[i]].push(rows[i]);
  return parts.filter((part) => part.length > 0).map((part) => Uint32Array.from(part));
}
