import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RankedRow } from './ranked-row.js';

function rank(keys: readonly number[], probabilities: readonly number[]) {
  const row = new RankedRow();
  const ids = Uint32Array.from(keys, (_, i) => i);
  row.rank(ids, Float64Array.from(keys), Float64Array.from(probabilities), keys.length);
  return { order: [...row.order.subarray(0, row.n)], probabilities: [...row.probabilities.subarray(0, row.n)] };
}

test('RankedRow keeps probabilities that fall in the order, and shares out those that do not: by hand', () => {
  // In the order 2, 0, 1, 3 the probabilities are 0.5, 0.125, 0.375, 0.0625: the two in the middle share 0.25.
  const { order, probabilities } = rank([0.3, 0.2, 0.9, 0.1], [0.125, 0.375, 0.5, 0.0625]);
  expect(order).toEqual([2, 0, 1, 3]);
  expect(probabilities).toEqual([0.5, 0.25, Math.fround(0.25 - 2 ** -26), 0.0625]);
});

test('RankedRow orders by falling keys, gives strictly falling probabilities, and keeps their sum', () => {
  const unit = fc.integer({ min: 1, max: 1000 }).map((n) => n / 1001);
  fc.assert(
    fc.property(fc.array(fc.tuple(unit, unit), { minLength: 1, maxLength: 400 }), (candidates) => {
      const keys = candidates.map(([key]) => key);
      const given = candidates.map(([, probability]) => probability);
      const { order, probabilities } = rank(keys, given);
      expect([...order].sort((a, b) => a - b)).toEqual(keys.map((_, i) => i));
      for (let r = 1; r < order.length; r++) {
        const [before, own] = [order[r - 1], order[r]];
        expect(keys[before] > keys[own] || (keys[before] === keys[own] && before < own)).toBe(true);
        expect(probabilities[r]).toBeLessThan(probabilities[r - 1]);
      }
      const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
      expect(sum(probabilities)).toBeCloseTo(sum(given), 3);
      expect(probabilities[probabilities.length - 1]).toBeGreaterThan(0);
    }),
  );
});
