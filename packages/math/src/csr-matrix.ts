/** The sparsity pattern of a matrix in compressed sparse row form. */
export interface CsrPattern {
  readonly nRows: number;
  readonly nCols: number;
  /** Shape (nRows + 1): row i owns `indices[indptr[i]..indptr[i + 1])`. */
  readonly indptr: Uint32Array;
  /** Column numbers, ascending within a row. */
  readonly indices: Uint32Array;
}

/** A sparse matrix in compressed sparse row form; a stored value may be zero. */
export interface CsrMatrix extends CsrPattern {
  /** Shape (nnz), parallel to `indices`. */
  readonly values: Float32Array;
}

/**
 * Builds a pattern from unordered pairs by counting sort; repeated pairs are stored once.
 *
 * @param rows row numbers, each below nRows
 * @param cols column numbers, each below nCols, parallel to `rows`
 * @returns indices ascending in each row, without repetition; O(nnz + nRows + nCols)
 * @throws {RangeError} if `rows` and `cols` differ in length
 */
export function csrFromPairs(
  nRows: number,
  nCols: number,
  rows: ArrayLike<number>,
  cols: ArrayLike<number>,
): CsrPattern {
  if (rows.length !== cols.length) throw new RangeError(`${rows.length} row numbers but ${cols.length} column numbers`);
  const byColumn = countingSort(cols, nCols, undefined);
  const byRow = countingSort(rows, nRows, byColumn.order);
  const indices = new Uint32Array(rows.length);
  const indptr = new Uint32Array(nRows + 1);
  let n = 0;
  for (let r = 0; r < nRows; r++) {
    let last = -1;
    for (let k = byRow.starts[r]; k < byRow.starts[r + 1]; k++) {
      const c = cols[byRow.order[k]];
      if (c !== last) indices[n++] = last = c;
    }
    indptr[r + 1] = n;
  }
  return { nRows, nCols, indptr, indices: indices.slice(0, n) };
}

/**
 * Transposes a pattern.
 *
 * @returns shape (nCols, nRows); O(nnz)
 */
export function transposePattern(a: CsrPattern): CsrPattern {
  const indptr = new Uint32Array(a.nCols + 1);
  for (let k = 0; k < a.indices.length; k++) indptr[a.indices[k] + 1]++;
  for (let c = 0; c < a.nCols; c++) indptr[c + 1] += indptr[c];
  const next = indptr.slice(0, a.nCols);
  const indices = new Uint32Array(a.indices.length);
  for (let r = 0; r < a.nRows; r++) {
    for (let k = a.indptr[r]; k < a.indptr[r + 1]; k++) indices[next[a.indices[k]]++] = r;
  }
  return { nRows: a.nCols, nCols: a.nRows, indptr, indices };
}

function countingSort(keys: ArrayLike<number>, nKeys: number, previous: Uint32Array | undefined) {
  const starts = new Uint32Array(nKeys + 1);
  for (let i = 0; i < keys.length; i++) starts[keys[i] + 1]++;
  for (let k = 0; k < nKeys; k++) starts[k + 1] += starts[k];
  const next = starts.slice(0, nKeys);
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) {
    const j = previous ? previous[i] : i;
    order[next[keys[j]]++] = j;
  }
  return { starts, order };
}
