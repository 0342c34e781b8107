import { type CsrMatrix, Random } from '@catchword/math';
import { expect, test } from 'vitest';
import { AppendedRows } from './appended-rows.js';
import { buildRowIndex, extendRowIndex } from './build-row-index.js';
import { NearestRows } from './nearest-rows.js';
import { BLOCK_ROWS, RowIndex } from './row-index.js';
import type { SparseVector } from './scaled-rows.js';
import { COSINE_UNITS, SUM_SHIFT } from './weight-codes.js';

/** A matrix in which the first features are in most rows, and the others in few. */
function randomMatrix(nRows: number, nCols: number, seed: number): CsrMatrix {
  const random = new Random(seed);
  const indptr = new Uint32Array(nRows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < nRows; row++) {
    for (let f = 0; f < nCols; f++) {
      if (random.uniform() > (f < 3 ? 0.8 : 0.1)) continue;
      indices.push(f);
      values.push(random.uniform() * (f < 3 ? 0.3 : 1));
    }
    indptr[row + 1] = indices.length;
  }
  return { nRows, nCols, indptr, indices: Uint32Array.from(indices), values: Float32Array.from(values) };
}

function vectorOf(X: CsrMatrix, row: number): SparseVector {
  const indices = X.indices.subarray(X.indptr[row], X.indptr[row + 1]);
  return { n: indices.length, indices, values: X.values.subarray(X.indptr[row], X.indptr[row + 1]) };
}

/** Cosines the straightforward way. */
function cosines(X: CsrMatrix, query: SparseVector, factors: Float32Array | undefined): number[] {
  const dense = ({ n, indices, values }: SparseVector) => {
    const v = new Float64Array(X.nCols);
    for (let k = 0; k < n; k++) v[indices[k]] = values[k] * (factors ? factors[indices[k]] : 1);
    return v;
  };
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const q = dense(query);
  return Array.from({ length: X.nRows }, (_, row) => {
    const v = dense(vectorOf(X, row));
    const norms = Math.sqrt(dot(q, q) * dot(v, v));
    return norms > 0 ? dot(q, v) / norms : 0;
  });
}

function search(index: RowIndex, query: SparseVector, factors: Float32Array | undefined, k: number, nCandidates = 1e6) {
  const nearest = new NearestRows();
  nearest.begin(k);
  index.search(query, factors, nearest, nCandidates);
  nearest.sort();
  return Array.from({ length: nearest.n }, (_, i) => [nearest.rows[i], nearest.sums[i]]);
}

test('RowIndex.search gives cosines, up to the width of the codes', () => {
  const X = randomMatrix(300, 60, 1);
  const factors = Float32Array.from({ length: 60 }, (_, f) => 0.5 + f / 60);
  for (const used of [undefined, factors]) {
    const index = buildRowIndex(X, used, { frequentShare: 1 });
    for (const row of [0, 7, 299]) {
      const expected = cosines(X, vectorOf(X, row), used);
      const found = search(index, vectorOf(X, row), used, 300);
      expect(found[0][0]).toBe(row);
      expect(found).toHaveLength(expected.filter((cosine) => cosine > 0).length);
      for (const [r, sum] of found) expect(sum / COSINE_UNITS).toBeCloseTo(expected[r], 1.7);
    }
  }
});

test('RowIndex.search gives the same whether features are kept by row or as postings, in one block or two', () => {
  const X = randomMatrix(BLOCK_ROWS + 500, 12, 2);
  const plain = buildRowIndex(X, undefined, { frequentShare: 1 });
  const split = buildRowIndex(X, undefined, { frequentShare: 0.5 });
  expect(plain.arrays.frequent).toHaveLength(0);
  expect([...split.arrays.frequent]).toEqual([0, 1, 2]);
  const onlyFrequent: SparseVector = { n: 2, indices: Uint32Array.of(0, 2), values: Float32Array.of(0.6, 0.8) };
  for (const query of [vectorOf(X, 3), vectorOf(X, BLOCK_ROWS + 7), onlyFrequent]) {
    const expected = search(plain, query, undefined, 40);
    expect(expected).toHaveLength(40);
    expect(search(split, query, undefined, 40)).toEqual(expected);
    const [[row, sum]] = expected;
    for (const index of [plain, split]) {
      const total = index.parts(query, undefined, row).reduce((parts, part) => parts + part, 0);
      expect(total >> SUM_SHIFT).toBe(sum);
    }
  }
});

test('rows that were appended are found as if they had been indexed, before and after they are', () => {
  const X = randomMatrix(5000, 20, 3);
  const nIndexed = 4800;
  const first = { ...X, nRows: nIndexed, indptr: X.indptr.slice(0, nIndexed + 1) };
  const index = buildRowIndex(first, undefined, { frequentShare: 0.5 });
  const appended = new AppendedRows(X.nCols);
  for (let row = nIndexed; row < X.nRows; row++) appended.push(vectorOf(X, row), undefined);
  const whole = buildRowIndex(X, undefined, { frequentShare: 1 });
  const extended = extendRowIndex(index, appended);
  for (const row of [5, 4900]) {
    const query = vectorOf(X, row);
    const expected = search(whole, query, undefined, 30);
    expect(search(extended, query, undefined, 30)).toEqual(expected);
    const nearest = new NearestRows();
    nearest.begin(30);
    index.search(query, undefined, nearest, 1e6);
    appended.search(query, undefined, nearest, nIndexed);
    nearest.sort();
    expect(Array.from({ length: nearest.n }, (_, i) => [nearest.rows[i], nearest.sums[i]])).toEqual(expected);
  }
});

test('NearestRows keeps the best in any order of offering, ties by ascending row', () => {
  const random = new Random(4);
  const offers = Array.from({ length: 200 }, (_, row) => [row, random.below(20)]);
  const expected = offers
    .filter(([, sum]) => sum > 0)
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, 30);
  random.shuffle(offers as unknown as number[]);
  const nearest = new NearestRows();
  nearest.begin(30);
  for (const [row, sum] of offers) nearest.offer(row, sum);
  nearest.sort();
  expect(Array.from({ length: nearest.n }, (_, i) => [nearest.rows[i], nearest.sums[i]])).toEqual(expected);
});

test('NearestRows passes over rows that are left out', () => {
  const nearest = new NearestRows();
  nearest.begin(2, Uint8Array.of(0, 1, 0, 0));
  for (const row of [0, 1, 2, 3]) nearest.offer(row, 10 + row);
  nearest.sort();
  expect([...nearest.rows.subarray(0, nearest.n)]).toEqual([3, 2]);
});

test('rows without features are never found, and an index without rows finds none', () => {
  const X: CsrMatrix = {
    nRows: 2,
    nCols: 3,
    indptr: Uint32Array.of(0, 0, 1),
    indices: Uint32Array.of(2),
    values: Float32Array.of(1),
  };
  const query: SparseVector = { n: 1, indices: Uint32Array.of(2), values: Float32Array.of(1) };
  expect(search(buildRowIndex(X, undefined, { frequentShare: 1 }), query, undefined, 5)).toEqual([[1, COSINE_UNITS]]);
  const none = buildRowIndex({ ...X, nRows: 0, indptr: Uint32Array.of(0) }, undefined, { frequentShare: 1 });
  expect(search(none, query, undefined, 5)).toEqual([]);
  expect(() => new RowIndex(3, 3, none.arrays)).toThrow(RangeError);
});
