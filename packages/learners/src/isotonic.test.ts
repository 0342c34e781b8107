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

test('Isotonic with knots at the ends of blocks is flat within them, as scikit-learn 1.7.2 is', () => {
  const scores = [0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5];
  const answers = [0, 0, 1, 0, 1, 0, 1, 1];
  const isotonic = Isotonic.fit(scores, answers, new Float32Array(8).fill(1), 'ends');
  // IsotonicRegression(out_of_bounds='clip').fit(scores, answers).predict(...)
  const expected = [0.25, 0.25, 0.375, 0.5, 0.5, 0.75, 1, 1];
  [-1, 0.05, 0.15, 0.2, 0.25, 0.35, 0.4, 2].forEach((score, i) => {
    expect(isotonic.interpolate(score)).toBeCloseTo(expected[i], 12);
  });
});

test('Isotonic refuses nothing and lengths that differ', () => {
  expect(() => Isotonic.fit([], [], [])).toThrow(RangeError);
  expect(() => Isotonic.fit([1], [1, 0], [1])).toThrow('1 scores, 2 answers');
});
