import { Kernels } from '@catchword/math';
import type { CodeRows } from './code-rows.js';

/** The kernel takes queries in fours. */
const QUERIES = 4;

/** Compares queries with all rows, in WebAssembly SIMD: over rows that lie in memory for kernels as they are, or over a copy. */
export class CodeScan {
  readonly rows: CodeRows;
  private readonly kernels: Kernels;
  /** Bytes of the copy, which lies first. */
  private readonly copied: number;
  private readonly rowsAt: number;

  constructor(rows: CodeRows) {
    this.rows = rows;
    const { codes } = rows;
    const shared = Kernels.over(codes.buffer);
    this.kernels = shared ?? new Kernels();
    this.copied = shared ? 0 : codes.byteLength;
    const [copyAt = 0] = this.kernels.layOut([this.copied]);
    this.rowsAt = shared ? codes.byteOffset : copyAt;
    if (!shared) new Int8Array(this.kernels.buffer, copyAt, codes.length).set(codes);
  }

  /**
   * @param queries of the same dimensions
   * @returns shape (queries.n, rows.n), row-major: dot products of codes; overwritten by the next call
   * @throws {RangeError} if dimensions differ
   */
  dots(queries: CodeRows): Int32Array {
    const { rows, kernels } = this;
    if (queries.dimensions !== rows.dimensions) {
      throw new RangeError(`queries of ${queries.dimensions} dimensions and rows of ${rows.dimensions}`);
    }
    const nQueries = Math.ceil(queries.n / QUERIES) * QUERIES;
    const sizes = [this.copied, nQueries * rows.width, nQueries * rows.n * 4];
    const [, queriesAt = 0, outAt = 0] = kernels.layOut(sizes);
    const placed = new Int8Array(kernels.buffer, queriesAt, nQueries * rows.width);
    placed.set(queries.codes);
    placed.fill(0, queries.codes.length);
    kernels.run.dotCodes(this.rowsAt, rows.n, rows.width, queriesAt, nQueries, outAt);
    return new Int32Array(kernels.buffer, outAt, queries.n * rows.n);
  }
}
