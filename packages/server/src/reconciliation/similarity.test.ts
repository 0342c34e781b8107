import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SimilarityTo } from './similarity.js';

/** Dice's coefficient over lists of pairs, as it is defined. */
function naive(a: string, b: string): number {
  if (a === b) return 1;
  const pairs = (text: string) => Array.from({ length: text.length + 1 }, (_, i) => ` ${text} `.slice(i, i + 2));
  const rest = pairs(b);
  const shared = pairs(a).filter((pair) => {
    const i = rest.indexOf(pair);
    if (i >= 0) rest.splice(i, 1);
    return i >= 0;
  }).length;
  return Math.min((2 * shared) / (a.length + b.length + 2), 0.99);
}

test('SimilarityTo counts the pairs of letters that both texts have, one text after the other', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), maxLength: 12 });
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 5 }), (given, others) => {
      const similarity = new SimilarityTo(given);
      for (const other of others) expect(similarity.of(other)).toBe(naive(given, other));
    }),
  );
});
