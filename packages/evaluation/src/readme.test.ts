import { SuggestionBatch } from '@catchword/core';
import { expect, test } from 'vitest';
import { Evaluator, furtherLines, metricLines } from './index.js';

test('the example of the README', () => {
  const batch = new SuggestionBatch(
    3,
    Uint32Array.of(0, 2, 3),
    Uint32Array.of(0, 2, 1),
    Float32Array.of(0.9, 0.4, 0.7),
  );
  const evaluator = new Evaluator({ nSubjects: 3, limit: 10, trainFrequency: Uint32Array.of(0, 12, 250) });
  evaluator.add(batch, [[0], [1, 2]]);
  const evaluation = evaluator.finish();
  expect(metricLines(evaluation)).toContain('F1@5:                         \t0.6667');
  expect(furtherLines(evaluation)).toContain('Recall@10 (0 train docs):     \t1.0000 [1.0000, 1.0000] of 1');
});
