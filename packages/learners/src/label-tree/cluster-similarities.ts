import type { CsrMatrix, Kernels } from '@catchword/math';

/** How similar rows are to the clusters that they are in; updated as rows move. */
export interface ClusterSimilarities {
  /**
   * @param of shape (nRows): the cluster of each row; a number that is no cluster for rows that are in none
   * @returns cosines of each row, if it is of unit length, and the sum of each cluster's rows; shape (nRows, width), row-major;
   *   0 to an empty cluster. The next call overwrites it
   */
  compute(of: Uint32Array): Float32Array;
}

/** Rows in the memory of kernels. */
export interface KernelRows extends CsrMatrix {
  readonly at: { readonly indptr: number; readonly indices: number; readonly values: number };
}

/** Columns of a block of the kernel `multiplySparse`. */
const BLOCK = 16;

/**
 * Keeps the sum of each cluster's rows, feature by feature, so that one walk over a row gives its similarity to all. What a row that
 * moves adds is taken away again: the sums stay right to the rounding of single precision. Costs nnz · width for each
 * `compute`, and nFeatures · width · 4 bytes.
 */
export class CentroidSimilarities implements ClusterSimilarities {
  private readonly rows: KernelRows;
  private readonly k: number;
  private readonly width: number;
  private readonly kernels: Kernels;
  private readonly sumsAt: number;
  private readonly outAt: number;
  private readonly sums: Float32Array;
  private readonly out: Float32Array;
  private readonly before: Uint32Array;

  /**
   * @param sumsAt room for (nCols, width) numbers, which lie as the kernel `multiplySparse` reads them
   * @param outAt room for (nRows, width) numbers
   * @param width k or more, a multiple of four
   */
  constructor(rows: KernelRows, k: number, width: number, kernels: Kernels, sumsAt: number, outAt: number) {
    this.rows = rows;
    this.k = k;
    this.width = width;
    this.kernels = kernels;
    this.sumsAt = sumsAt;
    this.outAt = outAt;
    this.sums = new Float32Array(kernels.buffer, sumsAt, rows.nCols * width).fill(0);
    this.out = new Float32Array(kernels.buffer, outAt, rows.nRows * width);
    this.before = new Uint32Array(rows.nRows).fill(k);
  }

  compute(of: Uint32Array): Float32Array {
    const { rows, before, k, width, sumsAt, outAt, out } = this;
    for (let i = 0; i < of.length; i++) {
      if (of[i] === before[i]) continue;
      if (before[i] < k) this.add(i, before[i], -1);
      if (of[i] < k) this.add(i, of[i], 1);
      before[i] = of[i];
    }
    const { indptr, indices, values } = rows.at;
    this.kernels.run.multiplySparse(rows.nRows, rows.nCols, indptr, indices, values, sumsAt, width, outAt);
    scaleToCosines(out, out, width, of, k);
    return out;
  }

  private add(row: number, cluster: number, sign: number): void {
    const { rows, sums, width } = this;
    const { nCols, indptr, indices, values } = rows;
    const block = cluster - (cluster % BLOCK);
    const blockWidth = Math.min(BLOCK, width - block);
    const at = nCols * block + cluster - block;
    for (let e = indptr[row]; e < indptr[row + 1]; e++) sums[at + indices[e] * blockWidth] += sign * values[e];
  }
}

/**
 * Computes all rows' products with each other once and adds these up: less work where rows are few, as clusters of some rows each
 * are. Costs nRows for each row that moves, and nRows² · 4 bytes.
 */
export class PairSimilarities implements ClusterSimilarities {
  private readonly nRows: number;
  private readonly k: number;
  private readonly width: number;
  /** Products of rows, shape (nRows, nRows). */
  private readonly products: Float32Array;
  private readonly sums: Float32Array;
  private readonly out: Float32Array;
  private readonly before: Uint32Array;

  constructor(rows: CsrMatrix, k: number, width: number) {
    this.nRows = rows.nRows;
    this.k = k;
    this.width = width;
    this.products = productsOf(rows);
    this.sums = new Float32Array(rows.nRows * width);
    this.out = new Float32Array(rows.nRows * width);
    this.before = new Uint32Array(rows.nRows).fill(k);
  }

  compute(of: Uint32Array): Float32Array {
    const { before, k, width, sums, out } = this;
    for (let i = 0; i < of.length; i++) {
      if (of[i] === before[i]) continue;
      if (before[i] < k) this.add(i, before[i], -1);
      if (of[i] < k) this.add(i, of[i], 1);
      before[i] = of[i];
    }
    scaleToCosines(sums, out, width, of, k);
    return out;
  }

  private add(row: number, cluster: number, sign: number): void {
    const { products, sums, width, nRows } = this;
    const from = row * nRows;
    for (let i = 0, p = cluster; i < nRows; i++, p += width) sums[p] += sign * products[from + i];
  }
}

function productsOf({ nRows, nCols, indptr, indices, values }: CsrMatrix): Float32Array {
  const ends = new Uint32Array(nCols + 1);
  const n = indptr[nRows];
  for (let e = 0; e < n; e++) ends[indices[e] + 1]++;
  for (let f = 0; f < nCols; f++) ends[f + 1] += ends[f];
  const rowOf = new Uint32Array(n);
  const valuesOf = new Float32Array(n);
  const next = ends.slice(0, nCols);
  const products = new Float32Array(nRows * nRows);
  // rows come one after the other: a posting list holds those before the one that is multiplied, and that itself
  for (let i = 0; i < nRows; i++) {
    const row = i * nRows;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      const f = indices[e];
      const v = values[e];
      rowOf[next[f]] = i;
      valuesOf[next[f]++] = v;
      for (let p = ends[f]; p < next[f]; p++) products[row + rowOf[p]] += v * valuesOf[p];
    }
    for (let j = 0; j < i; j++) products[j * nRows + i] = products[row + j];
  }
  return products;
}

/** Divides by the length of each cluster's sum: its square is the sum of its own rows' products with it. */
function scaleToCosines(sums: Float32Array, out: Float32Array, width: number, of: Uint32Array, k: number): void {
  const scales = new Float64Array(width);
  for (let i = 0; i < of.length; i++) if (of[i] < k) scales[of[i]] += sums[i * width + of[i]];
  for (let c = 0; c < k; c++) scales[c] = scales[c] > 0 ? 1 / Math.sqrt(scales[c]) : 0;
  for (let i = 0, p = 0; i < of.length; i++) for (let c = 0; c < width; c++, p++) out[p] = sums[p] * scales[c];
}
