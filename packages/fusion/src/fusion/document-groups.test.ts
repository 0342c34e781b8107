import { expect, test } from 'vitest';
import { documentGroups, rankingWeights } from './document-groups.js';

test('documentGroups has a group for each document with rows, and all its gold subjects', () => {
  const doc = Uint32Array.of(0, 0, 2, 2, 2, 3);
  const { groupPtr, nRight } = documentGroups({ doc, nGold: Uint32Array.of(4, 9, 1, 0) });
  expect([...groupPtr]).toEqual([0, 2, 5, 6]);
  expect([...nRight]).toEqual([4, 1, 0]);
});

test('rankingWeights counts no row more than once', () => {
  const weights = rankingWeights({ weights: Float32Array.of(1, 4, 0.5, 2), hidden: Uint8Array.of(0, 0, 1, 1) }, 0.5);
  expect([...weights]).toEqual([1, 1, 0.5, 0.5]);
});
