import { TreeEnsemble, trainBoosting } from '@catchword/learners';
import { Random } from '@catchword/math';
import { expect, test } from 'vitest';
import { MeanRanker } from './mean-ranker.js';
import { meanLogOdds, TreeRanker } from './tree-ranker.js';

const COLUMNS = { scores: [0, 1], frequency: 2, calibrated: [] };

async function sample() {
  const nRows = 400;
  const random = new Random(1);
  const X = Float32Array.from({ length: nRows * 3 }, () => random.uniform());
  const y = Uint8Array.from({ length: nRows }, (_, i) => (X[i * 3] * X[i * 3 + 1] > 0.3 ? 1 : 0));
  const settings = { nTrees: 6, maxLeaves: 8, minRows: 5, learningRate: 0.2, lambda: 1, rowShare: 1, featureShare: 1 };
  const grow = (seed: number) => trainBoosting(X, y, new Float32Array(nRows).fill(1), 3, { ...settings, seed }, 1);
  const trees = TreeEnsemble.sum([await grow(1), await grow(2)]);
  return { X, trees, mean: new MeanRanker('exponents', COLUMNS, [[0.6, 0.4]], [1, 2], []) };
}

test('TreeRanker adds the log odds of the mean to the sum of the trees', async () => {
  const { X, trees, mean } = await sample();
  X[5 * 3] = X[5 * 3 + 1] = Number.NaN;
  const scores = new TreeRanker(trees, { ranker: mean, weight: 0.5 }).score({ X, nFeatures: 3 });
  for (const row of [0, 5, 399]) {
    const [a, b] = [X[row * 3], X[row * 3 + 1]];
    const whole = Number.isNaN(a) ? 0 : 0.6 * a + 0.4 * b ** 2;
    const sum = trees.predict(X, row) + 0.5 * meanLogOdds(whole);
    expect(scores[row]).toBeCloseTo(1 / (1 + Math.exp(-sum)), 6);
  }
});

test('TreeRanker.scoreDocument gives the best candidates the scores that all trees do, and the others less', async () => {
  const nRows = 1500;
  const random = new Random(3);
  const X = Float32Array.from({ length: nRows * 3 }, () => random.uniform());
  const y = Uint8Array.from({ length: nRows }, (_, i) =>
    X[i * 3] * X[i * 3 + 1] + 0.3 * random.uniform() > 0.5 ? 1 : 0,
  );
  const params = { nTrees: 120, maxLeaves: 8, minRows: 5, learningRate: 0.06, lambda: 1, rowShare: 1, featureShare: 1 };
  const trees = await trainBoosting(X, y, new Float32Array(nRows).fill(1), 3, { ...params, seed: 1 }, 1);
  const ranker = new TreeRanker(trees, {
    ranker: new MeanRanker('exponents', COLUMNS, [[0.6, 0.4]], [1, 2], []),
    weight: 0.5,
  });
  const n = 200;
  const own = X.subarray(0, n * 3);
  const whole = ranker.score({ X: own, nFeatures: 3 });
  const document = ranker.scoreDocument(own, n, () => false);
  const byScore = (scores: Float64Array) => [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
  const best = byScore(document).slice(0, 20);
  expect(best).toEqual(byScore(whole).slice(0, 20));
  for (const row of best) expect(document[row]).toBeCloseTo(whole[row], 12);
  const refined = byScore(document).filter((row) => Math.abs(document[row] - whole[row]) < 1e-12);
  expect(refined.length).toBeGreaterThanOrEqual(40);
  expect(refined.length).toBeLessThan(n);
  const favoured = byScore(document)[refined.length];
  expect(Math.abs(document[favoured] - whole[favoured])).toBeGreaterThan(1e-12);
  expect(ranker.scoreDocument(own, n, (row) => row === favoured)[favoured]).toBeCloseTo(whole[favoured], 12);
  const least = Math.min(...refined.map((row) => document[row]));
  for (let row = 0; row < n; row++) if (!refined.includes(row)) expect(document[row]).toBeLessThan(least);
  const few = ranker.scoreDocument(own, 30, () => false);
  expect([...few]).toEqual([...whole.slice(0, 30)]);
});

test('TreeRanker.contributions hold the lift of the mean, shared by the sources', async () => {
  const { X, trees, mean } = await sample();
  const alone = new TreeRanker(trees).contributions(X, 7);
  const beside = new TreeRanker(trees, { ranker: mean, weight: 2 }).contributions(X, 7);
  const added = [...beside].map((part, f) => part - alone[f]);
  const whole = 0.6 * X[21] + 0.4 * X[22] ** 2;
  expect(added[0] + added[1]).toBeCloseTo(2 * (meanLogOdds(whole) - meanLogOdds(0)), 5);
  expect(added[0] / added[1]).toBeCloseTo((0.6 * X[21]) / (0.4 * X[22] ** 2), 5);
  expect(added[2]).toBe(0);
});
