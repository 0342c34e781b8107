import { SuggestionBatch } from '@catchword/core';
import { expect, test } from 'vitest';
import { Evaluator } from './evaluator.js';
import { gridLines, LimitGrid } from './limit-grid.js';

/** Three documents: four suggestions, one suggestion, none. */
const BATCH = new SuggestionBatch(
  9,
  Uint32Array.of(0, 4, 5, 5),
  Uint32Array.of(3, 1, 4, 5, 2),
  Float32Array.of(0.9, 0.5, 0.15, 0.1, 0.3),
);
const GOLD = [[1, 4, 8], [2], [0]];

test('LimitGrid gives at each point what Evaluator gives with its limit and threshold', () => {
  const grid = new LimitGrid();
  grid.add(BATCH, GOLD);
  const { points, nDocs } = grid.finish();
  expect(nDocs).toBe(3);
  expect(points).toHaveLength(300);
  for (const { limit, threshold, precision, recall, f1 } of points) {
    // A threshold is a float32, as scores are: 0.15 keeps a score of 0.15.
    const evaluator = new Evaluator({ nSubjects: 9, limit, threshold: Math.fround(threshold) });
    evaluator.add(BATCH, GOLD);
    const { metrics } = evaluator.finish({ nResamples: 0 });
    expect(precision).toBeCloseTo(metrics.get('Precision (doc avg)') ?? -1, 12);
    expect(recall).toBeCloseTo(metrics.get('Recall (doc avg)') ?? -1, 12);
    expect(f1).toBeCloseTo(metrics.get('F1 score (doc avg)') ?? -1, 12);
  }
});

test('gridLines are those of annif optimize, ties to the last point', () => {
  const grid = new LimitGrid();
  grid.add(BATCH.filter(1, 0), [[3], [2], [0]]);
  const lines = gridLines(grid.finish());
  expect(lines).toHaveLength(306);
  expect(lines.slice(0, 3)).toEqual([
    'Limit\tThresh.\tPrec.\tRec.\tF1',
    '1\t0.00\t0.6667\t0.6667\t0.6667',
    '1\t0.05\t0.6667\t0.6667\t0.6667',
  ]);
  expect(lines.slice(-6)).toEqual([
    '15\t0.95\t0.0000\t0.0000\t0.0000',
    '',
    'Best Precision (doc avg): 0.6667\tLimit: 15\tThreshold: 0.30',
    'Best    Recall (doc avg): 0.6667\tLimit: 15\tThreshold: 0.30',
    'Best  F1 score (doc avg): 0.6667\tLimit: 15\tThreshold: 0.30',
    'Documents evaluated:\t3',
  ]);
});
