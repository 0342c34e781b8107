import type { CsrMatrix, Kernels, Random } from '@catchword/math';
import { Uint32List } from '@catchword/math';
import { assignBalanced, assignByMedian, assignNearest } from './assignments.js';

export interface ClusterParams {
  /** Number of clusters that a set is split into, 2 or more. */
  readonly clusterK: number;
  /** Clusters of (almost) equal size. */
  readonly clusterBalanced: boolean;
}

/** Iteration ends when the mean similarity to the own centroid grows by less. */
const EPS = 1e-4;
/** A safeguard; ten to twenty are usual. */
const MOST_ITERATIONS = 50;
/** Smaller clusters are disbanded. */
const MIN_SIZE = 2;

/**
 * Spherical k-means over sparse rows; one of it serves a thread.
 *
 * @see Omikuji 0.5.2, `cluster.rs`; centroids lie feature by feature so that one walk over a row gives its similarity to all
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
    const { Z, kernels, local, touched } = this;
    const width = Math.ceil(k / 4) * 4;
    const nRows = rows.length;
    this.mapFeatures(rows);
    let nnz = 0;
    for (const row of rows) for (let e = Z.indptr[row]; e < Z.indptr[row + 1]; e++) if (local[Z.indices[e]] > 0) nnz++;
    const nLocal = touched.length;
    const places = kernels.layOut([(nRows + 1) * 4, nnz * 4, nnz * 4, nLocal * width * 4, nRows * width * 4]);
    const [indptrAt, indicesAt, valuesAt, denseAt, outAt] = places;
    const { buffer } = kernels;
    const indptr = new Uint32Array(buffer, indptrAt, nRows + 1);
    const indices = new Uint32Array(buffer, indicesAt, nnz);
    const values = new Float32Array(buffer, valuesAt, nnz);
    const centroids = new Float32Array(buffer, denseAt, nLocal * width);
    const similarities = new Float32Array(buffer, outAt, nRows * width);
    indptr[0] = 0;
    let n = 0;
    for (let i = 0; i < nRows; i++) {
      for (let e = Z.indptr[rows[i]]; e < Z.indptr[rows[i] + 1]; e++) {
        const f = local[Z.indices[e]];
        if (f === 0) continue;
        indices[n] = f - 1;
        values[n++] = Z.values[e];
      }
      indptr[i + 1] = n;
    }
    for (let i = 0; i < nLocal; i++) local[touched.data[i]] = 0;

    let of: Uint32Array = new Uint32Array(nRows).fill(k);
    const first = sample(nRows, k, random);
    for (let c = 0; c < k; c++) of[first[c]] = c;
    let before = -2;
    for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
      setCentroids(centroids, width, indptr, indices, values, of, k);
      kernels.run.multiplySparse(nRows, indptrAt, indicesAt, valuesAt, denseAt, width, outAt);
      of = balanced
        ? k === 2
          ? assignByMedian(similarities, width, nRows)
          : assignBalanced(similarities, width, nRows, k)
        : assignNearest(similarities, width, nRows, k);
      let sum = 0;
      for (let i = 0; i < nRows; i++) sum += similarities[i * width + of[i]];
      if (sum / nRows - before < EPS) break;
      before = sum / nRows;
    }
    disbandSmall(similarities, width, of, k);
    return of;
  }

  /** Numbers the features that two of the rows or more have, from 1; what one row has alone brings it near no other. */
  private mapFeatures(rows: Uint32Array): void {
    const { Z, local, touched } = this;
    touched.clear();
    const seen = touched;
    for (const row of rows) {
      for (let e = Z.indptr[row]; e < Z.indptr[row + 1]; e++) if (local[Z.indices[e]]++ === 0) seen.push(Z.indices[e]);
    }
    let n = 0;
    for (let i = 0; i < seen.length; i++) {
      const f = seen.data[i];
      if (local[f] < 2) local[f] = 0;
      else {
        seen.data[n++] = f;
        local[f] = n;
      }
    }
    seen.length = n;
  }
}

function setCentroids(
  centroids: Float32Array,
  width: number,
  indptr: Uint32Array,
  indices: Uint32Array,
  values: Float32Array,
  of: Uint32Array,
  k: number,
): void {
  centroids.fill(0);
  for (let i = 0; i < of.length; i++) {
    if (of[i] >= k) continue;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) centroids[indices[e] * width + of[i]] += values[e];
  }
  const scales = new Float64Array(width);
  for (let p = 0; p < centroids.length; p += width) for (let c = 0; c < k; c++) scales[c] += centroids[p + c] ** 2;
  for (let c = 0; c < k; c++) scales[c] = scales[c] > 0 ? 1 / Math.sqrt(scales[c]) : 0;
  for (let p = 0; p < centroids.length; p += width) for (let c = 0; c < k; c++) centroids[p + c] *= scales[c];
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
