import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Isotonic } from './isotonic.js';

/** Least squares under order, the slow way: the largest mean from the left of the smallest means from the right. */
function naive(scores: number[], answers: number[], weights: number[]): Map<number, number> {
  const distinct = [...new Set(scores)].sort((a, b) => a - b);
  const block = (from: number, to: number) => {
    let w = 0;
    let sum = 0;
    scores.forEach((score, i) => {
      if (score < distinct[from] || score > distinct[to]) return;
      w += weights[i];
      sum += weights[i] * answers[i];
    });
    return sum / w;
  };
  const fitted = distinct.map((_, k) => {
    let best = Number.NEGATIVE_INFINITY;
    for (let from = 0; from <= k; from++) {
      let least = Number.POSITIVE_INFINITY;
      for (let to = k; to < distinct.length; to++) least = Math.min(least, block(from, to));
      best = Math.max(best, least);
    }
    return best;
  });
  return new Map(distinct.map((score, k) => [score, fitted[k]]));
}

test('Isotonic has the blocks of the least squares fit under order, and keeps the order of all scores', () => {
  const row = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom(0, 1), fc.integer({ min: 1, max: 3 }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
      const [scores, answers, weights] = [0, 1, 2].map((c) => rows.map((each) => each[c]));
      const isotonic = Isotonic.fit(scores, answers, weights);
      const expected = [...new Set(naive(scores, answers, weights).values())];
      expect(isotonic.ys).toHaveLength(expected.length);
      expected.forEach((value, k) => {
        expect(isotonic.ys[k]).toBeCloseTo(value, 9);
      });
      const values = Array.from({ length: 27 }, (_, k) => isotonic.value(k / 2 - 0.5));
      for (let k = 1; k < values.length; k++) expect(values[k]).toBeGreaterThan(values[k - 1]);
    }),
  );
});

test('Isotonic refuses nothing and lengths that differ', () => {
  expect(() => Isotonic.fit([], [], [])).toThrow(RangeError);
  expect(() => Isotonic.fit([1], [1, 0], [1])).toThrow('1 scores, 2 answers');
});
