import fc from 'fast-check';
import { expect, test } from 'vitest';
import { topK } from './top-k.js';

test('topK equals sorting everything', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer({ min: 0, max: 12 }), (scores, k) => {
      const ids = scores.map((_, i) => (i * 7919) % 1009);
      const sorted = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a] || ids[a] - ids[b]);
      expect([...topK(ids, scores, scores.length, k)]).toEqual(sorted.slice(0, k));
    }),
  );
});
