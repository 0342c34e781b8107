import { Kernels, Random, transposePattern } from '@catchword/math';
import { describe, expect, test } from 'vitest';
import { assignBalanced, assignByMedian } from './assignments.js';
import { KMeans } from './k-means.js';
import { topicalData, unitRows } from './label-tree.test.data.js';
import { labelVectors } from './label-vectors.js';

const all = (n: number) => Uint32Array.from({ length: n }, (_, i) => i);

describe('labelVectors', () => {
  test('a label is the direction of the sum of its documents', () => {
    const X = unitRows([[[0, 1]], [[0, 3], [1, 4]], []], 3); // biome-ignore format: rows
    const postings = { nRows: 3, nCols: 3, indptr: Uint32Array.of(0, 2, 3, 3), indices: Uint32Array.of(0, 1, 2) };
    const Z = labelVectors(X, postings, 10);
    expect([...Z.indptr]).toEqual([0, 2, 2, 2]);
    const norm = Math.hypot(1.6, 0.8);
    expect(Z.values[0]).toBeCloseTo(1.6 / norm, 6);
    expect(Z.values[1]).toBeCloseTo(0.8 / norm, 6);
  });

  test('keeps the greatest entries', () => {
    const X = unitRows([[[0, 1], [2, 3], [4, 2]]], 5); // biome-ignore format: rows
    const postings = { nRows: 1, nCols: 1, indptr: Uint32Array.of(0, 1), indices: Uint32Array.of(0) };
    const Z = labelVectors(X, postings, 2);
    expect([...Z.indices]).toEqual([2, 4]);
    expect(Math.hypot(...Z.values)).toBeCloseTo(1, 6);
  });
});

describe('KMeans', () => {
  const groups = unitRows(
    Array.from({ length: 60 }, (_, i) => [[i % 3, 5], [3 + (i % 5), 1]] as const), // biome-ignore format: pairs
    8,
  );

  test('finds what belongs together, whatever the start', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const parts = new KMeans(groups, new Kernels()).split(
        all(60),
        { clusterK: 6, clusterBalanced: false },
        new Random(seed),
      );
      for (const part of parts ?? []) expect(new Set([...part].map((row) => row % 3)).size).toBe(1);
      expect(parts?.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual([...all(60)]);
    }
  });

  test.each([
    [2, 30, 30],
    [7, 1, 9],
  ])('balanced: %i parts of %i to %i rows', (k, least, most) => {
    const parts = new KMeans(groups, new Kernels()).split(
      all(60),
      { clusterK: k, clusterBalanced: true },
      new Random(1),
    );
    const sizes = (parts ?? []).map((part) => part.length);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(60);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(most);
  });

  test('rows that are all alike, or empty, are dealt out in turn', () => {
    for (const rows of [Array.from({ length: 7 }, () => [[1, 1]] as const), Array.from({ length: 7 }, () => [])]) {
      const kMeans = new KMeans(unitRows(rows, 3), new Kernels());
      const parts = kMeans.split(all(7), { clusterK: 3, clusterBalanced: false }, new Random(1));
      expect(parts?.map((part) => [...part])).toEqual([[0, 3, 6], [1, 4], [2, 5]]); // biome-ignore format: parts
    }
  });

  test('fewer rows than clusters, one row, no row', () => {
    const kMeans = new KMeans(groups, new Kernels());
    const params = { clusterK: 100, clusterBalanced: false };
    expect(kMeans.split(all(3), params, new Random(1))?.flatMap((part) => [...part])).toHaveLength(3);
    expect(kMeans.split(all(1), params, new Random(1))).toBeUndefined();
    expect(kMeans.split(all(0), params, new Random(1))).toBeUndefined();
  });

  test('no part is a single row where there are others to join', () => {
    const { X, Y } = topicalData(300, 60, 10, 2);
    const Z = labelVectors(X, transposePattern(Y), 50);
    const parts = new KMeans(Z, new Kernels()).split(all(60), { clusterK: 30, clusterBalanced: false }, new Random(1));
    expect(Math.min(...(parts ?? []).map((part) => part.length))).toBeGreaterThanOrEqual(2);
  });
});

describe('assignments', () => {
  test('the median cuts rows in halves by the difference of similarities', () => {
    const similarities = Float32Array.of(0.9, 0.1, 0.2, 0.8, 0.6, 0.5, 0.1, 0.1);
    expect([...assignByMedian(similarities, 2, 4)]).toEqual([0, 1, 0, 1]);
  });

  test('a full cluster puts out its least similar row', () => {
    const similarities = Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.7, 0.6, 0.95, 0);
    expect([...assignBalanced(similarities, 2, 4, 2)]).toEqual([0, 1, 1, 0]);
  });
});
