import { allocateForKernels, Random } from '@catchword/math';
import { describe, expect, test } from 'vitest';
import { addRow, joinRows, quantise } from './code-rows.js';
import { CodeScan } from './code-scan.js';

function randomVectors(n: number, dimensions: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: n * dimensions }, () => random.uniform() + random.uniform() - 1);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('CodeScan', () => {
  test.each([1, 16, 50, 384])('gives cosines of %i dimensions, nearly', (dimensions) => {
    const [nRows, nQueries] = [9, 5];
    const values = randomVectors(nRows, dimensions, 1);
    const asked = randomVectors(nQueries, dimensions, 2);
    const rows = quantise(values, nRows, dimensions);
    const queries = quantise(asked, nQueries, dimensions);
    const dots = new CodeScan(rows).dots(queries);
    for (let q = 0; q < nQueries; q++) {
      for (let r = 0; r < nRows; r++) {
        const own = (dots[q * nRows + r] as number) * (rows.scales[r] as number) * (queries.scales[q] as number);
        const at = (array: Float32Array, i: number) => array.subarray(i * dimensions, (i + 1) * dimensions);
        expect(Math.abs(own - cosine(at(values, r), at(asked, q)))).toBeLessThan(0.01);
      }
    }
  });

  test('reads rows where they lie, and a second question leaves them as they are', () => {
    const rows = quantise(randomVectors(20, 32, 3), 20, 32);
    const codes = new Int8Array(allocateForKernels(1000), 8, rows.codes.length);
    codes.set(rows.codes);
    const [copied, placed] = [new CodeScan(rows), new CodeScan({ ...rows, codes })];
    for (const [seed, n] of [
      [4, 3],
      [5, 40],
      [6, 1],
    ] as const) {
      const queries = quantise(randomVectors(n, 32, seed), n, 32);
      expect([...placed.dots(queries)]).toEqual([...copied.dots(queries)]);
      expect([...copied.dots(queries)]).toEqual([...new CodeScan(rows).dots(queries)]);
    }
  });

  test('refuses queries of other dimensions', () => {
    const scan = new CodeScan(quantise([1, 2], 1, 2));
    expect(() => scan.dots(quantise([1, 2, 3], 1, 3))).toThrow('3 dimensions');
  });
});

describe('quantise', () => {
  test('zeros, infinities and what is no number become rows of zeros', () => {
    const rows = quantise([0, 0, 1, Number.NaN, Number.POSITIVE_INFINITY, 1, 3, 4], 4, 2);
    expect([...rows.scales]).toEqual([0, 0, 0, expect.any(Number)]);
    const sum = new Float64Array(2);
    addRow(rows, 3, sum);
    expect(sum[0]).toBeCloseTo(0.6, 2);
    expect(sum[1]).toBeCloseTo(0.8, 2);
  });

  test('joined rows keep their order', () => {
    const [a, b] = [quantise([1, 0], 1, 2), quantise([0, 1, 1, 1], 2, 2)];
    const joined = joinRows(2, [a, b]);
    expect(joined.n).toBe(3);
    expect([...joined.codes.subarray(16, 18)]).toEqual([0, 127]);
    expect(() => joinRows(3, [a])).toThrow(RangeError);
  });
});
