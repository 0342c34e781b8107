import { ANNIF_METRICS } from '@catchword/evaluation';
import { expect, test } from 'vitest';
import { nearestMetrics } from './nearest-metrics.js';

test('nearestMetrics finds names by a part of them, else by few edits', () => {
  expect(nearestMetrics('F1', ANNIF_METRICS)).toEqual(['F1@5', 'F1 score (doc avg)', 'F1 score (subj avg)']);
  expect(nearestMetrics('ndcg_10', ANNIF_METRICS)).toEqual(['NDCG@10']);
  expect(nearestMetrics('Recall', ANNIF_METRICS)).toHaveLength(3);
  expect(nearestMetrics('NDGC', ANNIF_METRICS)).toEqual(['NDCG']);
  for (const word of ['', '@', 'nothing like it']) expect(nearestMetrics(word, ANNIF_METRICS)).toEqual([]);
});
