/** Rows are padded with zeros to a multiple of so many bytes, as the kernel reads them. */
const LANES = 16;
const MOST_CODE = 127;

/**
 * Vectors of unit length as signed bytes. The cosine of row i of one and row j of another is the dot product of their codes times
 * both scales, right to about 0.005.
 */
export interface CodeRows {
  readonly n: number;
  readonly dimensions: number;
  /** Bytes of a row: the dimensions, padded. */
  readonly width: number;
  /** Shape (n, width), row-major, in [-127, 127]. */
  readonly codes: Int8Array;
  /** Shape (n); 0 where a vector is zero, or holds what is no number. */
  readonly scales: Float32Array;
}

/** @returns bytes of a row of so many dimensions */
export function rowWidth(dimensions: number): number {
  return Math.ceil(dimensions / LANES) * LANES;
}

/**
 * Rounds vectors to bytes, each after it was scaled to unit length.
 *
 * @param values shape (n, dimensions), row-major
 */
export function quantise(values: ArrayLike<number>, n: number, dimensions: number): CodeRows {
  const rows = emptyRows(n, dimensions);
  for (let i = 0; i < n; i++) {
    const from = i * dimensions;
    let squares = 0;
    let most = 0;
    for (let d = from; d < from + dimensions; d++) {
      const value = values[d] as number;
      squares += value * value;
      most = Math.max(most, Math.abs(value));
    }
    if (!(squares > 0 && squares < Number.POSITIVE_INFINITY)) continue;
    rows.scales[i] = most / Math.sqrt(squares) / MOST_CODE;
    for (let d = 0; d < dimensions; d++) {
      rows.codes[i * rows.width + d] = Math.round(((values[from + d] as number) / most) * MOST_CODE);
    }
  }
  return rows;
}

/** @returns rows of zeros */
export function emptyRows(n: number, dimensions: number): CodeRows {
  const width = rowWidth(dimensions);
  return { n, dimensions, width, codes: new Int8Array(n * width), scales: new Float32Array(n) };
}

/** @throws {RangeError} if the rows have different dimensions */
export function joinRows(dimensions: number, parts: readonly CodeRows[]): CodeRows {
  const joined = emptyRows(
    parts.reduce((sum, { n }) => sum + n, 0),
    dimensions,
  );
  let at = 0;
  for (const part of parts) {
    if (part.n > 0 && part.dimensions !== dimensions) {
      throw new RangeError(`rows of ${part.dimensions} dimensions among rows of ${dimensions}`);
    }
    joined.codes.set(part.codes, at * joined.width);
    joined.scales.set(part.scales, at);
    at += part.n;
  }
  return joined;
}

/** Adds the vector of row i to `sum`, shape (dimensions). */
export function addRow(rows: CodeRows, i: number, sum: Float64Array): void {
  const scale = rows.scales[i] as number;
  for (let d = 0; d < rows.dimensions; d++) {
    sum[d] = (sum[d] as number) + (rows.codes[i * rows.width + d] as number) * scale;
  }
}
