import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestFirst } from './best-first.js';

test('bestFirst brings the best scores to the front, with all that equal the last of them, and keeps rows with their scores', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 }), fc.nat(70), (values, k) => {
      const n = values.length;
      const wanted = Math.max(1, k);
      const rows = Uint32Array.from(values, (_, i) => i);
      const scores = Float64Array.from(values);
      const kept = bestFirst(rows, scores, n, wanted);
      const least = [...values].sort((a, b) => b - a)[Math.min(n, wanted) - 1];
      expect(kept).toBe(n <= wanted ? n : values.filter((value) => value >= least).length);
      expect([...rows].sort((a, b) => a - b)).toEqual(values.map((_, i) => i));
      for (let i = 0; i < n; i++) {
        expect(scores[i]).toBe(values[rows[i]]);
        if (n > wanted) expect(scores[i] >= least).toBe(i < kept);
      }
    }),
  );
});
