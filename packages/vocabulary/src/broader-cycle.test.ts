import { csrFromPairs } from '@catchword/math';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findCycle } from './broader-cycle.js';

test('findCycle finds a cycle where depth-first search does', () => {
  const pair = fc.tuple(fc.nat(7), fc.nat(7)).filter(([a, b]) => a !== b);
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 12 }), (pairs) => {
      const relation = csrFromPairs(
        8,
        8,
        pairs.map(([a]) => a),
        pairs.map(([, b]) => b),
      );
      const reaches = (from: number, to: number, seen = new Set<number>()): boolean =>
        pairs.some(([a, b]) => a === from && (b === to || (!seen.has(b) && reaches(b, to, seen.add(b)))));
      const cycle = findCycle(relation);
      expect(cycle !== undefined).toBe([...Array(8).keys()].some((row) => reaches(row, row)));
      cycle?.forEach((row, i) => {
        const next = cycle[(i + 1) % cycle.length];
        expect(pairs.some(([a, b]) => a === row && b === next)).toBe(true);
      });
    }),
  );
});

test('findCycle takes long chains', () => {
  const n = 200_000;
  const rows = Uint32Array.from({ length: n - 1 }, (_, i) => i);
  const chain = csrFromPairs(
    n,
    n,
    rows,
    rows.map((row) => row + 1),
  );
  expect(findCycle(chain)).toBeUndefined();
});
