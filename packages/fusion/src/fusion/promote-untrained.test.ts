import fc from 'fast-check';
import { expect, test } from 'vitest';
import { promoteUntrained } from './promote-untrained.js';

/** The order of candidates by probability, after the best untrained ones of them have been taken for `factor` times as probable. */
function arranged(probabilities: readonly number[], untrained: readonly number[], factor: number): number[] {
  const order = Uint32Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a] || a - b);
  promoteUntrained(order, Float64Array.from(probabilities), (position) => untrained.includes(position), factor);
  return [...order];
}

const FALLING = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.09, 0.03, 0.02, 0.01];

test('promoteUntrained exchanges the last of the first ten for untrained ones that are more probable by the factor', () => {
  expect(arranged(FALLING, [11, 12], 5)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 9, 10, 12]);
  // 0.02 against 0.09, then 0.01 against 0.1: the second has to be ten times as probable, and is no more than that.
  expect(arranged(FALLING, [11, 12], 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 9, 10, 12]);
  expect(arranged(FALLING, [11, 12], 11)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 8, 9, 10]);
});

test('promoteUntrained takes no place from untrained ones', () => {
  expect(arranged(FALLING, [9, 11], 6)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 8, 10, 12]);
  expect(arranged(FALLING, [9, 11], 5)).toEqual([...FALLING.keys()]);
});

test('promoteUntrained changes nothing with a factor of one, or where ten candidates are all there are', () => {
  expect(arranged(FALLING, [10, 11, 12], 1)).toEqual([...FALLING.keys()]);
  expect(arranged(FALLING.slice(3), [9], 1000)).toEqual([...FALLING.slice(3).keys()]);
});

test('promoteUntrained has the first ten that are best by the raised probabilities, in the order of their own', () => {
  const candidates = fc.array(fc.tuple(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.boolean()), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(candidates, fc.integer({ min: 2, max: 50 }), (rows, factor) => {
      const probabilities = rows.map(([probability]) => probability);
      const untrained = [...rows.keys()].filter((position) => rows[position]?.[1]);
      const order = arranged(probabilities, untrained, factor);
      const raised = (position: number) => probabilities[position] * (untrained.includes(position) ? factor : 1);
      const byProbability = [...rows.keys()].sort((a, b) => probabilities[b] - probabilities[a] || a - b);
      // Of equal ones those stay that were there.
      const chosen = [...byProbability].sort((a, b) => raised(b) - raised(a)).slice(0, 10);
      const isChosen = (position: number) => chosen.includes(position);
      const wanted = byProbability.filter(isChosen);
      expect(order).toEqual([...wanted, ...byProbability.filter((position) => !isChosen(position))]);
    }),
  );
});
