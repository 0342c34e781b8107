import { expect, test } from 'vitest';
import { tuneWeights, type WeightObjective } from './tune-weights.js';

const START = [1, 1, 1].map((weight) => ({ weight, exponent: 1 }));
const SEARCH = { nTrials: 30, start: START, exponents: false, seed: 1 };

/** Best at weights .62, .3, .08; what exponents add, or take away, is told apart. */
const hill =
  (gain: (exponents: number[], docs: ArrayLike<number>) => number): WeightObjective =>
  (weights, docs) => {
    const far = [0.62, 0.3, 0.08].reduce((sum, best, s) => sum + ((weights[s]?.weight ?? 0) - best) ** 2, 0);
    return (
      1 -
      far +
      gain(
        weights.map(({ exponent }) => exponent),
        docs,
      )
    );
  };
const flat = hill(() => 0);

test('tuneWeights comes nearer to the best weights than as many random draws do', async () => {
  let [tuned, drawn] = [0, 0];
  for (let seed = 1; seed <= 100; seed++) {
    const { best, trials } = await tuneWeights(60, flat, { ...SEARCH, seed });
    expect(trials).toHaveLength(30);
    tuned += best.value;
    // The same search without a step is a draw at large: longer searches begin with draws alone.
    const long = await tuneWeights(60, flat, { ...SEARCH, nTrials: 120, seed });
    drawn += Math.max(...long.trials.slice(0, 30).map(({ value }) => value));
  }
  expect(1 - tuned / 100).toBeLessThan((1 - drawn / 100) / 2);
});

test('tuneWeights tries what the ensemble has first, and is never worse', async () => {
  const start = [0.62, 0.3, 0.08].map((weight) => ({ weight: weight * 50, exponent: 1 }));
  const { best, trials } = await tuneWeights(60, flat, { ...SEARCH, start, nTrials: 5 });
  expect(trials[0]?.weights.map(({ weight }) => weight)).toEqual([0.62, 0.3, 0.08]);
  expect(best).toBe(trials[0]);
});

test('tuneWeights with the same seed gives the same trials, and others with another', async () => {
  const once = await tuneWeights(60, flat, SEARCH);
  expect(await tuneWeights(60, flat, SEARCH)).toEqual(once);
  expect((await tuneWeights(60, flat, { ...SEARCH, seed: 2 })).trials).not.toEqual(once.trials);
});

test('tuneWeights takes exponents where they help documents that they were not chosen by', async () => {
  const helps = hill(([first = 1]) => 0.2 * Math.min(1, Math.max(0, first - 1)));
  const { best, check } = await tuneWeights(60, helps, { ...SEARCH, nTrials: 100, exponents: true });
  expect(check?.with).toBeGreaterThan(check?.without ?? 1);
  expect(best.weights[0]?.exponent).toBeGreaterThan(1.1);
});

test('tuneWeights leaves exponents out where they only fit the documents at hand, and with few documents', async () => {
  // They seem to help where most documents are seen, and harm the ones that were held out.
  const fits = hill(([first = 1], docs) => Math.abs(first - 1) * (docs.length > 25 ? 0.2 : -0.2));
  const fitted = await tuneWeights(60, fits, { ...SEARCH, exponents: true });
  expect(fitted.check?.with).toBeLessThan(fitted.check?.without ?? 0);
  expect(fitted.trials.every(({ weights }) => weights.every(({ exponent }) => exponent === 1))).toBe(true);
  const few = await tuneWeights(20, fits, { ...SEARCH, exponents: true });
  expect(few.check).toBeUndefined();
  expect(few.best.weights.every(({ exponent }) => exponent === 1)).toBe(true);
});

test('tuneWeights passes on what ends it', async () => {
  const stopped = tuneWeights(60, flat, SEARCH, (done) => {
    if (done === 3) throw new Error('enough');
  });
  await expect(stopped).rejects.toThrow('enough');
});
