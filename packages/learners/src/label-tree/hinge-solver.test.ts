import { Kernels } from '@catchword/math';
import { describe, expect, test } from 'vitest';
import { HingeSolver } from './hinge-solver.js';
import { topicalData } from './label-tree.test.data.js';

/** LIBLINEAR's algorithm without shrinking, in double precision; returns weights with the constant's first. */
function oracle(
  rows: readonly Map<number, number>[],
  y: readonly number[],
  nColumns: number,
  costOf: (row: number) => number,
): Float64Array {
  const w = new Float64Array(nColumns);
  const alpha = new Float64Array(rows.length);
  for (let epoch = 0; epoch < 500; epoch++) {
    rows.forEach((row, i) => {
      const ridge = 0.5 / costOf(i);
      let margin = w[0];
      let q = 1 + ridge;
      for (const [f, v] of row) {
        margin += w[f] * v;
        q += v * v;
      }
      const before = alpha[i];
      alpha[i] = Math.max(0, before - (y[i] * margin - 1 + before * ridge) / q);
      const change = (alpha[i] - before) * y[i];
      w[0] += change;
      for (const [f, v] of row) w[f] += change * v;
    });
  }
  return w;
}

const { X, Y } = topicalData(150, 40, 12, 1);
const rows = Array.from({ length: X.nRows }, (_, i) => {
  const row = new Map<number, number>();
  for (let e = X.indptr[i]; e < X.indptr[i + 1]; e++) row.set(X.indices[e] + 1, X.values[e]);
  return row;
});
const isPositive = (doc: number, label: number) => Y.indices.subarray(Y.indptr[doc], Y.indptr[doc + 1]).includes(label);

/** @param ownColumns leaves out the entries of features that one document has alone, as nodes do */
function solveAll(nProblems: number, ownColumns: boolean, eps: number, maxEpochs: number, costOf = (_: number) => 1) {
  const count = new Map<number, number>();
  for (const row of rows) for (const f of row.keys()) count.set(f, (count.get(f) ?? 0) + 1);
  const hasColumn = (f: number) => !ownColumns || (count.get(f) as number) > 1;
  const entries = rows.map((row) => [...row].filter(([f]) => hasColumn(f)));
  const params = { eps, maxEpochs };
  const nColumns = X.nCols + 1;
  const solver = new HingeSolver(new Kernels(), rows.length, entries.flat().length, nColumns, nProblems, params);
  let n = 0;
  solver.indptr[0] = 0;
  entries.forEach((row, i) => {
    for (const [f, v] of row) {
      solver.indices[n] = f;
      solver.values[n++] = v;
    }
    solver.indptr[i + 1] = n;
    const all = [...(rows[i] as Map<number, number>)];
    solver.own[i] = all.filter(([f]) => !hasColumn(f)).reduce((sum, [, v]) => sum + v * v, 0);
    solver.ridges[i] = 0.5 / costOf(i);
    solver.inverse[i] = 1 / (all.reduce((sum, [, v]) => sum + v * v, 1) + (solver.ridges[i] as number));
  });
  const weights: Float64Array[] = [];
  let state = 7;
  for (let first = 0; first < nProblems; first += solver.blockSize) {
    const size = Math.min(solver.blockSize, nProblems - first);
    for (let i = 0; i < rows.length; i++) {
      solver.classes[i] = 0;
      for (let p = 0; p < size; p++) if (isPositive(i, first + p)) solver.classes[i] |= 1 << p;
    }
    state = solver.solve(size, state, (problems, lanes, width, w, beta) => {
      problems.forEach((problem, j) => {
        const lane = lanes[j] as number;
        const own = new Float64Array(nColumns);
        for (let c = 0; c < nColumns; c++) own[c] = w[c * width + lane] as number;
        rows.forEach((row, i) => {
          for (const [f, v] of row) if (!hasColumn(f)) own[f] = (beta[i * width + lane] as number) * v;
        });
        weights[first + problem] = own;
      });
    });
  }
  return weights;
}

describe('HingeSolver', () => {
  test.each([1, 4, 5, 9, 20, 27, 40])('%i problems at once come to what each comes to alone', (nProblems) => {
    const weights = solveAll(nProblems, false, 1e-4, 400);
    expect(weights.length).toBe(nProblems);
    for (const p of [0, nProblems - 1]) {
      const y = rows.map((_, i) => (isPositive(i, p) ? 1 : -1));
      const expected = oracle(rows, y, X.nCols + 1, () => 1);
      const difference = Math.max(...expected.map((v, c) => Math.abs(v - (weights[p] as Float64Array)[c])));
      expect(difference).toBeLessThan(0.01);
    }
  });

  test('each row has its own cost', () => {
    const costOf = (row: number) => [0.2, 1, 4][row % 3] as number;
    const weights = solveAll(6, false, 1e-4, 400, costOf);
    const y = rows.map((_, i) => (isPositive(i, 3) ? 1 : -1));
    const expected = oracle(rows, y, X.nCols + 1, costOf);
    const difference = Math.max(...expected.map((v, c) => Math.abs(v - (weights[3] as Float64Array)[c])));
    expect(difference).toBeLessThan(0.01);
  });

  test('columns of one row alone need no entries', () => {
    const withColumns = solveAll(12, false, 1e-4, 400);
    const without = solveAll(12, true, 1e-4, 400);
    without.forEach((w, p) => {
      const difference = Math.max(...w.map((v, c) => Math.abs(v - (withColumns[p] as Float64Array)[c])));
      expect(difference).toBeLessThan(0.01);
    });
  });

  test('problems of one class and rows without features', () => {
    const solver = new HingeSolver(new Kernels(), 3, 0, 1, 2, { eps: 0.1, maxEpochs: 20 });
    solver.indptr.fill(0);
    solver.own.fill(0);
    solver.ridges.fill(0.5);
    solver.inverse.fill(1 / 1.5);
    solver.classes.set([1, 1, 1]);
    const bias: number[] = [];
    solver.solve(2, 1, (problems, lanes, _, w) => {
      problems.forEach((problem, j) => {
        bias[problem] = w[lanes[j] as number] as number;
      });
    });
    // minimum of ½b² + 3(1 − b)²: b = 6/7
    expect(bias[0]).toBeCloseTo(6 / 7, 1);
    expect(bias[1]).toBeCloseTo(-6 / 7, 1);
  });
});
