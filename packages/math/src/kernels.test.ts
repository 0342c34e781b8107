import { describe, expect, test } from 'vitest';
import { Kernels } from './kernels.js';
import { Random } from './random.js';

describe('Kernels', () => {
  test.each([4, 12, 16, 20, 36])('multiplySparse with %i columns is what loops give', (width) => {
    const random = new Random(width);
    const rows = [[], [0], [1, 4, 5], [0, 1, 2, 3, 4, 5, 6]];
    const nnz = rows.flat().length;
    const kernels = new Kernels();
    const [p, i, v, b, o] = kernels.layOut([20, nnz * 4, nnz * 4, 7 * width * 4, 4 * width * 4]) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const indptr = new Uint32Array(kernels.buffer, p, 5);
    const indices = new Uint32Array(kernels.buffer, i, nnz);
    const values = new Float32Array(kernels.buffer, v, nnz).map(() => 0);
    const dense = new Float32Array(kernels.buffer, b, 7 * width);
    rows.forEach((row, r) => {
      indices.set(row, indptr[r]);
      indptr[r + 1] = indptr[r] + row.length;
    });
    for (let k = 0; k < nnz; k++) values[k] = random.uniform();
    new Float32Array(kernels.buffer, v, nnz).set(values);
    for (let k = 0; k < dense.length; k++) dense[k] = random.uniform() - 0.5;
    kernels.run.multiplySparse(4, 7, p, i, v, b, width, o);
    const out = new Float32Array(kernels.buffer, o, 4 * width);
    rows.forEach((row, r) => {
      for (let c = 0; c < width; c++) {
        const block = c - (c % 16);
        const at = 7 * block + (c % 16); // blocks of 16 columns, the last one narrower
        const expected = row.reduce(
          (sum, f, k) => sum + values[indptr[r] + k] * dense[at + f * Math.min(16, width - block)],
          0,
        );
        expect(out[r * width + c]).toBeCloseTo(expected, 5);
      }
    });
  });

  test.each([16, 48, 384])('dotCodes of %i bytes is what loops give', (width) => {
    const random = new Random(width);
    const [nRows, nQueries] = [7, 8];
    const kernels = new Kernels();
    const places = kernels.layOut([nRows * width, nQueries * width, nRows * nQueries * 4]) as [number, number, number];
    const rows = new Int8Array(kernels.buffer, places[0], nRows * width);
    const queries = new Int8Array(kernels.buffer, places[1], nQueries * width);
    for (let k = 0; k < rows.length; k++) rows[k] = random.below(255) - 127;
    for (let k = 0; k < queries.length; k++) queries[k] = random.below(255) - 127;
    rows.fill(127, 0, width); // the largest sums
    queries.fill(127, 0, width).fill(-127, width, 2 * width);
    kernels.run.dotCodes(places[0], nRows, width, places[1], nQueries, places[2]);
    const expected = Array.from({ length: nQueries * nRows }, (_, k) => {
      const [q, r] = [Math.floor(k / nRows), k % nRows];
      let sum = 0;
      for (let c = 0; c < width; c++) sum += (queries[q * width + c] as number) * (rows[r * width + c] as number);
      return sum;
    });
    expect([...new Int32Array(kernels.buffer, places[2], nQueries * nRows)]).toEqual(expected);
  });

  test('compactColumns keeps columns and fills with zeros', () => {
    const kernels = new Kernels();
    const [m, f, s] = kernels.layOut([48, 64, 64]) as [number, number, number];
    const matrix = new Float32Array(kernels.buffer, m, 12);
    matrix.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    new Uint8Array(kernels.buffer, f, 4).set([3, 5, 255, 255]);
    kernels.run.compactColumns(m, 2, 6, 4, f, s);
    expect([...matrix.subarray(0, 8)]).toEqual([4, 6, 0, 0, 10, 12, 0, 0]);
  });

  test('shuffle permutes, and goes on from its state', () => {
    const kernels = new Kernels();
    const [at] = kernels.layOut([400]) as [number];
    const order = new Uint32Array(kernels.buffer, at, 100).map((_, i) => i);
    new Uint32Array(kernels.buffer, at, 100).set(order);
    const state = kernels.run.shuffle(at, 100, 1, 1) >>> 0;
    const first = [...new Uint32Array(kernels.buffer, at, 100)];
    expect(first).not.toEqual([...order]);
    expect([...first].sort((a, b) => a - b)).toEqual([...order]);
    expect(kernels.run.shuffle(at, 100, 1, state) >>> 0).not.toBe(state);
  });

  test('shuffle keeps neighbours near each other, not beside each other', () => {
    const kernels = new Kernels();
    const [at] = kernels.layOut([4000]) as [number];
    const numbers = new Uint32Array(kernels.buffer, at, 1000);
    numbers.set(numbers.map((_, i) => i));
    kernels.run.shuffle(at, 1000, 8, 1);
    const found = [...numbers];
    expect(found.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    for (let run = 0; run < 1000; run += 8) {
      const places = Array.from({ length: 8 }, (_, i) => found.indexOf(run + i));
      expect(new Set(places.map((place) => Math.floor(place / 64))).size).toBe(1); // a window holds whole runs
    }
    const beside = found.filter((v, i) => i > 0 && Math.floor(v / 8) === Math.floor((found[i - 1] as number) / 8));
    expect(beside.length).toBeLessThan(250); // 7 of 63 others in a window: 109 expected
  });

  test('memory that no pointer reaches is refused', () => {
    expect(() => new Kernels().layOut([2 ** 32 + 1])).toThrow(RangeError);
  });
});
