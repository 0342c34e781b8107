import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CalibrationCounter, rankCorrelation } from './calibration-figures.js';
import { bestSetSize, expectedF1 } from './expected-f1.js';

test('bestSetSize is the size with the highest expected F1', () => {
  const scores = fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(scores, (unsorted) => {
      const row = [9, ...unsorted.sort((a, b) => b - a)];
      const best = Math.max(...unsorted.map((_, k) => expectedF1(row, 1, row.length, k + 1)));
      expect(expectedF1(row, 1, row.length, bestSetSize(row, 1, row.length))).toBeCloseTo(best, 12);
    }),
  );
});

test('expectedF1 by hand: sure and unsure suggestions', () => {
  expect(expectedF1([1, 1, 0.01], 0, 3, 2)).toBeCloseTo(4 / 4.01, 12);
  expect(bestSetSize([1, 1, 0.01], 0, 3)).toBe(2);
  expect(bestSetSize([0.3, 0.3, 0.3], 0, 3)).toBe(3);
  expect(bestSetSize([], 0, 0)).toBe(0);
  expect(expectedF1([], 0, 0, 0)).toBe(0);
});

test('CalibrationCounter measures the distance of scores from what is right, by band', () => {
  const counter = new CalibrationCounter();
  for (let i = 0; i < 10; i++) counter.addSuggestion(0.82, i < 8, 0);
  for (let i = 0; i < 10; i++) counter.addSuggestion(0.51, i < 2, 50);
  counter.addDocument(0.9, 1);
  counter.addDocument(0.1, 0);
  const { error, bands, confidenceCorrelation } = counter.finish();
  expect(bands.map(({ band, error: each }) => [band, each.toFixed(3)])).toEqual([
    ['0', '0.020'],
    ['10-100', '0.310'],
  ]);
  expect(error).toBeCloseTo(0.165, 9);
  expect(confidenceCorrelation).toBe(1);
});

test('rankCorrelation by hand, with ties', () => {
  expect(rankCorrelation([1, 2, 3, 4], [10, 30, 20, 40])).toBeCloseTo(0.8, 12);
  expect(rankCorrelation([1, 1, 2], [3, 3, 5])).toBe(1);
  expect(rankCorrelation([1, 1], [1, 2])).toBeNull();
  expect(rankCorrelation([1], [1])).toBeNull();
});
