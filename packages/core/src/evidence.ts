/**
 * What a backend knows of its suggestions besides the score: shape (nnz, nColumns), row k belongs to suggestion k of the
 * batch. NaN stands for what is not known.
 */
export interface Evidence {
  /** One for each column, the same for every batch of a backend. */
  readonly names: readonly string[];
  /** Row-major. */
  readonly values: Float32Array;
}
