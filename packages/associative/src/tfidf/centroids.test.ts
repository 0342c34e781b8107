import { csrFromPairs } from '@catchword/math';
import { expect, test } from 'vitest';
import { encodeWeight } from '../similarity/weight-codes.js';
import { subjectCentroids } from './centroids.js';

// Three records: (3, 4, 0), (0, 1, 0), (0, 0, 2); subject 0 has the first two, 1 the last, 2 all, 3 none.
const X = {
  nRows: 3,
  nCols: 3,
  indptr: Uint32Array.of(0, 2, 3, 4),
  indices: Uint32Array.of(0, 1, 1, 2),
  values: Float32Array.of(3, 4, 1, 2),
};
const Y = csrFromPairs(3, 4, [0, 1, 2, 0, 1, 2], [0, 0, 1, 2, 2, 2]);

function rowsOf(smoothing: number, coverage: number, factors?: Float32Array): [number, number][][] {
  const { nRows, indptr, indices, codes } = subjectCentroids(X, Y, factors, { smoothing, coverage });
  return Array.from({ length: nRows }, (_, row) =>
    Array.from(indices.subarray(indptr[row], indptr[row + 1]), (feature, k) => [feature, codes[indptr[row] + k]]),
  );
}

test('subjectCentroids adds up unit rows and divides by the length and the smoothing', () => {
  const norm = Math.hypot(0.6, 1.8);
  expect(rowsOf(0.5, 1)).toEqual([
    [
      [0, encodeWeight(0.6 / (norm + 0.5))],
      [1, encodeWeight(1.8 / (norm + 0.5))],
    ],
    [[2, encodeWeight(1 / 1.5)]],
    [
      [0, encodeWeight(0.6 / (Math.hypot(norm, 1) + 0.5))],
      [1, encodeWeight(1.8 / (Math.hypot(norm, 1) + 0.5))],
      [2, encodeWeight(1 / (Math.hypot(norm, 1) + 0.5))],
    ],
    [],
  ]);
});

test('subjectCentroids adds of each record as much as it counts', () => {
  const weights = Float32Array.of(0.5, 1, 1);
  const { indptr, indices, codes } = subjectCentroids(X, Y, undefined, { smoothing: 0.5, coverage: 1, weights });
  const norm = Math.hypot(0.3, 1.4);
  expect([...indices.subarray(0, indptr[1])]).toEqual([0, 1]);
  expect([...codes.subarray(0, indptr[1])]).toEqual([
    encodeWeight(0.3 / (norm + 0.5)),
    encodeWeight(1.4 / (norm + 0.5)),
  ]);
});

test('subjectCentroids keeps the largest weights only, and takes factors', () => {
  expect(rowsOf(0, 0.5).map((row) => row.map(([feature]) => feature))).toEqual([[1], [2], [1], []]);
  expect(rowsOf(0, 1, Float32Array.of(0, 1, 1))[0]).toEqual([[1, 255]]);
});

test('subjectCentroids counts a label row as part of a record', () => {
  const rows = {
    nRows: 4,
    nCols: 3,
    indptr: Uint32Array.of(0, 0, 1, 1, 2),
    indices: Uint32Array.of(0, 2),
    values: Float32Array.of(5, 2),
  };
  const { indptr, indices, codes } = subjectCentroids(X, Y, undefined, {
    smoothing: 0.5,
    coverage: 1,
    labels: { rows, weight: 0.3 },
  });
  const row = (i: number) => [...indices.subarray(indptr[i], indptr[i + 1])].map((f, k) => [f, codes[indptr[i] + k]]);
  const norm = Math.hypot(0.3, 1) + 0.5;
  expect(row(1)).toEqual([
    [0, encodeWeight(0.3 / norm)],
    [2, encodeWeight(1 / norm)],
  ]);
  expect(row(3)).toEqual([[2, encodeWeight(0.3 / 0.8)]]);
});
