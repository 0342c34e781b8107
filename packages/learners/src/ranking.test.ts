import { Random } from '@catchword/math';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trainBoosting } from './boosting.js';
import { LambdaGradients } from './lambda-gradients.js';
import { discount, nearestBorder, rankingData } from './ranking-groups.js';

/** Gradients of all pairs by the formula, ranks by a full sort. */
function naive(scores: number[], y: number[], weights: number[], inverseIdeal: number, truncation: number) {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
  const worth = (i: number) => (order.indexOf(i) < truncation ? discount(order.indexOf(i)) : 0);
  const gradients = scores.map(() => 0);
  const hessians = scores.map(() => 0);
  for (const [i, right] of y.entries()) {
    for (const [j, other] of y.entries()) {
      if (!(right === 1 && other === 0)) continue;
      const rho = 1 / (1 + Math.exp(scores[i] - scores[j]));
      const change = Math.abs(worth(i) - worth(j)) * inverseIdeal * weights[i] * weights[j];
      gradients[i] -= change * rho;
      gradients[j] += change * rho;
      hessians[i] += change * rho * (1 - rho);
      hessians[j] += change * rho * (1 - rho);
    }
  }
  return { gradients, hessians };
}

test('LambdaGradients are those of the formula over all pairs', () => {
  const row = fc.tuple(fc.integer({ min: -8, max: 8 }), fc.constantFrom(0, 1), fc.constantFrom(0.5, 1, 4));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 6 }), (rows, truncation) => {
      const [scores, y, weights] = [0, 1, 2].map((c) => rows.map((each) => each[c]));
      const gradients = new Float32Array(rows.length);
      const hessians = new Float32Array(rows.length);
      const lambdas = new LambdaGradients(truncation);
      lambdas.add(
        Float64Array.from(scores, (s) => s / 4),
        Uint8Array.from(y),
        Float32Array.from(weights),
        0.6,
        gradients,
        hessians,
      );
      const expected = naive(
        scores.map((s) => s / 4),
        y,
        weights,
        0.6,
        truncation,
      );
      expected.gradients.forEach((g, i) => {
        expect(gradients[i]).toBeCloseTo(g, 5);
        expect(hessians[i]).toBeCloseTo(expected.hessians[i], 5);
      });
    }),
  );
});

test('rankingData counts right answers that are no row in the ideal ranking, up to the truncation', () => {
  const { inverseIdeal } = rankingData(
    { groupPtr: Uint32Array.of(0, 2, 2, 5), nRight: Uint32Array.of(1, 0, 9), truncation: 2 },
    5,
  );
  expect([...inverseIdeal]).toEqual([1, 0, 1 / (1 + 1 / Math.log2(3))]);
  const groups = { groupPtr: Uint32Array.of(0, 3), nRight: Uint32Array.of(1), truncation: 5 };
  expect(() => rankingData(groups, 4)).toThrow('groups up to row 3 but 4 rows');
  expect(() => rankingData({ ...groups, nRight: Uint32Array.of(1, 1) }, 3)).toThrow(RangeError);
  expect(() => rankingData({ ...groups, truncation: 0 }, 3)).toThrow(RangeError);
});

test('nearestBorder is a border of groups', () => {
  const groupPtr = Uint32Array.of(0, 4, 4, 10, 12);
  expect([0, 1, 2, 3, 7, 8, 11, 12].map((row) => nearestBorder(groupPtr, row))).toEqual([0, 0, 0, 4, 4, 10, 10, 12]);
});

/** Groups of candidates: a feature that tells right from wrong within a group, another that tells easy groups from hard ones. */
function groups(nGroups: number, size: number, seed: number) {
  const random = new Random(seed);
  const X = new Float32Array(nGroups * size * 2);
  const y = new Uint8Array(nGroups * size);
  for (let g = 0; g < nGroups; g++) {
    const level = 3 * random.uniform();
    for (let k = 0; k < size; k++) {
      const row = g * size + k;
      y[row] = k < 2 ? 1 : 0;
      X[row * 2] = level + 0.5 * y[row] + 0.4 * random.uniform();
      X[row * 2 + 1] = level;
    }
  }
  const groupPtr = Uint32Array.from({ length: nGroups + 1 }, (_, g) => g * size);
  return { X, y, ranking: { groupPtr, nRight: new Uint32Array(nGroups).fill(2), truncation: 10 } };
}

const PARAMS = { maxLeaves: 15, minRows: 5, learningRate: 0.1, lambda: 1, rowShare: 0.8, featureShare: 1, seed: 3 };

test('trainBoosting with groups ranks the right rows of new groups first', async () => {
  const { X, y, ranking } = groups(300, 12, 1);
  const trees = await trainBoosting(X, y, new Float32Array(y.length).fill(1), 2, { ...PARAMS, nTrees: 30, ranking }, 1);
  const fresh = groups(100, 12, 2);
  let found = 0;
  for (let g = 0; g < 100; g++) {
    const scores = Array.from({ length: 12 }, (_, k) => trees.predict(fresh.X, g * 12 + k));
    const best = scores.map((_, k) => k).sort((a, b) => scores[b] - scores[a]);
    found += best.slice(0, 2).filter((k) => k < 2).length;
  }
  expect(trees.base).toBe(0);
  expect(found / 200).toBeGreaterThan(0.9);
});

test('trainBoosting with groups gives the same trees for one thread and two', async () => {
  const { X, y, ranking } = groups(1800, 12, 3);
  const weights = new Float32Array(y.length).fill(1);
  const params = { ...PARAMS, nTrees: 6, ranking };
  const one = await trainBoosting(X, y, weights, 2, params, 1);
  const two = await trainBoosting(X, y, weights, 2, params, 2);
  expect(two.toArrays()).toEqual(one.toArrays());
});

test('trainBoosting refuses groups that do not hold all rows', async () => {
  const { X, y, ranking } = groups(3, 4, 1);
  const params = { ...PARAMS, nTrees: 1, ranking: { ...ranking, groupPtr: ranking.groupPtr.slice(0, 3) } };
  await expect(trainBoosting(X, y, new Float32Array(12).fill(1), 2, params, 1)).rejects.toThrow(RangeError);
});
