import { Random } from '@catchword/math';
import { expect, test } from 'vitest';
import { trainBoosting } from './boosting.js';
import { TreeEnsemble } from './tree-ensemble.js';
import { TreeScorer } from './tree-scorer.js';

/** Rows whose answer depends on two features together, on a third one's absence, and on chance. */
export function sampleRows(nRows: number, seed: number) {
  const nFeatures = 6;
  const random = new Random(seed);
  const X = new Float32Array(nRows * nFeatures);
  const y = new Uint8Array(nRows);
  for (let r = 0; r < nRows; r++) {
    for (let f = 0; f < nFeatures; f++) {
      const v = random.uniform();
      X[r * nFeatures + f] = f === 2 && v < 0.3 ? Number.NaN : f === 3 ? Math.floor(v * 3) : v;
    }
    const o = r * nFeatures;
    const logit = 6 * X[o] * X[o + 1] - 2 + (Number.isNaN(X[o + 2]) ? 1.5 : 0);
    y[r] = random.uniform() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
  }
  return { X, y, nFeatures, weights: new Float32Array(nRows).fill(1) };
}

const params = {
  nTrees: 40,
  maxLeaves: 15,
  minRows: 5,
  learningRate: 0.1,
  lambda: 1,
  rowShare: 0.8,
  featureShare: 0.7,
  seed: 3,
};

test('TreeScorer gives the sums of walking the trees, missing values included', async () => {
  const { X, y, nFeatures, weights } = sampleRows(3000, 1);
  const trees = await trainBoosting(X, y, weights, nFeatures, params, 1);
  const rows = Uint32Array.from({ length: 3000 }, (_, i) => i);
  const walked = new Float64Array(3000);
  trees.addValues(X, rows, 3000, walked);
  const scored = new Float64Array(3000);
  const scorer = new TreeScorer(trees, [0, 10, trees.nTrees]);
  scorer.load(X, 7);
  scorer.load(X, 3000);
  scorer.addValues(0, rows, 3000, scored);
  scorer.addValues(1, rows, 3000, scored);
  expect(TreeScorer.fits(trees)).toBe(true);
  expect(scored).toEqual(walked);
  const some = Uint32Array.of(2999, 5, 17, 17, 0);
  const ofSome = new Float64Array(6);
  new TreeScorer(trees).addValues(0, some, 0, ofSome);
  scorer.addValues(0, some, 5, ofSome);
  scorer.addValues(1, some, 5, ofSome);
  expect([...ofSome]).toEqual([...Array.from(some, (row) => walked[row]), 0]);
});

test('TreeScorer gives the same sums of so many trees that they are cut into blocks', async () => {
  const { X, y, nFeatures, weights } = sampleRows(600, 5);
  const trees = await trainBoosting(X, y, weights, nFeatures, { ...params, nTrees: 300, learningRate: 0.02 }, 1);
  const rows = Uint32Array.from({ length: 600 }, (_, i) => i);
  const walked = new Float64Array(600).fill(trees.base);
  trees.addValues(X, rows, 600, walked);
  const scorer = new TreeScorer(trees, [0, 7, 200, trees.nTrees]);
  const scored = new Float64Array(600).fill(trees.base);
  scorer.load(X, 600);
  for (const part of [0, 1, 2]) scorer.addValues(part, rows, 600, scored);
  expect(scored).toEqual(walked);
});

test('TreeEnsemble.sum says what its parts say together', async () => {
  const { X, y, nFeatures, weights } = sampleRows(500, 1);
  const few = { ...params, nTrees: 5 };
  const one = await trainBoosting(X, y, weights, nFeatures, few, 1);
  const other = await trainBoosting(X, y, weights, nFeatures, { ...few, nTrees: 3, seed: 4 }, 1);
  const sum = TreeEnsemble.sum([one, other]);
  const again = TreeEnsemble.fromArrays(sum.toArrays(), nFeatures, sum.base);
  expect(sum.nTrees).toBe(one.nTrees + other.nTrees);
  for (const row of [0, 17, 499]) {
    expect(again.predict(X, row)).toBeCloseTo(one.predict(X, row) + other.predict(X, row), 10);
  }
  const firstOfBoth = new Float64Array(1);
  sum.addValues(X, Uint32Array.of(17), 1, firstOfBoth, 0, 4);
  const ofEach = new Float64Array(1);
  for (const each of [one, other]) each.addValues(X, Uint32Array.of(17), 1, ofEach, 0, 2);
  expect(firstOfBoth[0]).toBeCloseTo(ofEach[0], 10);
  expect(() => TreeEnsemble.sum([])).toThrow(RangeError);
});

test('trainBoosting learns, and the same trees for one thread and two', async () => {
  const { X, y, nFeatures, weights } = sampleRows(24_000, 2);
  const one = await trainBoosting(X, y, weights, nFeatures, { ...params, nTrees: 12 }, 1);
  const two = await trainBoosting(X, y, weights, nFeatures, { ...params, nTrees: 12 }, 2);
  expect(two.toArrays()).toEqual(one.toArrays());
  const fresh = sampleRows(4000, 9);
  const loss = (p: (r: number) => number): number => {
    let sum = 0;
    for (let r = 0; r < 4000; r++) sum -= Math.log(fresh.y[r] ? p(r) : 1 - p(r));
    return sum / 4000;
  };
  const share = y.reduce((a, b) => a + b, 0) / y.length;
  const learnt = loss((r) => 1 / (1 + Math.exp(-two.predict(fresh.X, r))));
  expect(learnt).toBeLessThan(0.9 * loss(() => share));
});

test('trainBoosting agrees with splitting exactly on a case worked by hand', async () => {
  // One feature, one split: 4 rows at 0 of which 1 is positive, 4 at 1 of which 3 are. Base 0, p = 1/2, h = 1/4 a row.
  const X = Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1);
  const y = Uint8Array.of(1, 0, 0, 0, 1, 1, 1, 0);
  const one = {
    nTrees: 1,
    maxLeaves: 2,
    minRows: 1,
    learningRate: 1,
    lambda: 1,
    rowShare: 1,
    featureShare: 1,
    seed: 1,
  };
  const trees = await trainBoosting(X, y, new Float32Array(8).fill(1), 1, one, 1);
  // Left: sum of gradients 4 * 1/2 - 1 = 1, hessian 1, value -1 / (1 + 1).
  expect(trees.predict(Float32Array.of(0), 0)).toBeCloseTo(-0.5, 6);
  expect(trees.predict(Float32Array.of(1), 0)).toBeCloseTo(0.5, 6);
  expect(trees.predict(Float32Array.of(0.4), 0)).toBeCloseTo(-0.5, 6);
});

test('trainBoosting refuses rows of one class and arrays that differ in length', async () => {
  const X = Float32Array.of(1, 2, 3);
  await expect(trainBoosting(X, Uint8Array.of(1, 1, 1), new Float32Array(3).fill(1), 1, params, 1)).rejects.toThrow(
    'both classes',
  );
  await expect(trainBoosting(X, Uint8Array.of(1, 0), new Float32Array(2).fill(1), 1, params, 1)).rejects.toThrow(
    '2 answers',
  );
  await expect(trainBoosting(X, Uint8Array.of(1, 0, 1), new Float32Array(2).fill(1), 1, params, 1)).rejects.toThrow(
    '2 weights',
  );
});

test('TreeEnsemble.contributions add up to the prediction', async () => {
  const { X, y, nFeatures, weights } = sampleRows(1000, 4);
  const trees = await trainBoosting(X, y, weights, nFeatures, params, 1);
  for (const row of [0, 17, 999]) {
    const sum = trees.contributions(X, row).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(trees.predict(X, row), 4);
  }
});

test('TreeEnsemble.fromArrays refuses arrays that would lead out of a tree or round in circles', async () => {
  const { X, y, nFeatures, weights } = sampleRows(500, 5);
  const trees = await trainBoosting(X, y, weights, nFeatures, { ...params, nTrees: 3 }, 1);
  const arrays = trees.toArrays();
  expect(TreeEnsemble.fromArrays(arrays, nFeatures, trees.base).toArrays()).toEqual(arrays);
  const changed = (name: keyof typeof arrays, at: number, value: number) => {
    const copy = { ...arrays, [name]: arrays[name].slice() };
    copy[name][at] = value;
    return () => TreeEnsemble.fromArrays(copy, nFeatures, trees.base);
  };
  expect(changed('left', 0, 0)).toThrow('children outside');
  expect(changed('left', 0, 1e6)).toThrow('children outside');
  expect(changed('feature', 0, 99)).toThrow('feature 99');
  expect(changed('value', 1, Number.NaN)).toThrow('NaN');
  expect(() => TreeEnsemble.fromArrays({ ...arrays, cover: undefined }, nFeatures, 0)).toThrow('missing');
});
