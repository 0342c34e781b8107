import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kthLargest } from './kth-largest.js';

test('kthLargest is what sorting finds, and leaves the same values', () => {
  const values = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 300 }), fc.nat(), (given, k) => {
      const sorted = Float64Array.from(given).sort();
      const moved = Float64Array.from([...given, Number.POSITIVE_INFINITY]);
      const nth = 1 + (k % given.length);
      expect(kthLargest(moved, given.length, nth) + 0).toBe(sorted[given.length - nth] + 0); // 0 and -0 are equal
      expect(moved.subarray(0, given.length).sort()).toEqual(sorted);
      expect(moved[given.length]).toBe(Number.POSITIVE_INFINITY);
    }),
  );
});

test.each([0, 4, Number.NaN])('there is no %d. of three values', (k) => {
  expect(() => kthLargest(Float64Array.of(1, 2, 3), 3, k)).toThrow(RangeError);
});
