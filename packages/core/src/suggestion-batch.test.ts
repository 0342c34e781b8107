import { expect, test } from 'vitest';
import { SuggestionBatch, SuggestionBatchBuilder } from './suggestion-batch.js';

function batchWithEvidence(): SuggestionBatch {
  const builder = new SuggestionBatchBuilder(5, ['rank', 'votes']);
  builder.pushTop([4, 2, 3], [0.2, 0.9, 0.5], 3, 2, Float32Array.of(1, 2, 3, 4, 5, 6));
  builder.pushTop([], [], 0, 2, new Float32Array(0));
  builder.pushTop([0, 1], [0.4, 0.4], 2, 2, Float32Array.of(7, 8, 9, Number.NaN));
  builder.warn(['source a was left out', 'source a was left out']);
  return builder.build();
}

test('SuggestionBatchBuilder keeps the evidence of each suggestion beside it', () => {
  const batch = batchWithEvidence();
  expect([...batch.subjectIds]).toEqual([2, 3, 0, 1]);
  expect([...(batch.evidence?.values ?? [])]).toEqual([3, 4, 5, 6, 7, 8, 9, Number.NaN]);
  expect(batch.warnings).toEqual(['source a was left out']);
});

test('SuggestionBatch.filter drops the evidence of what it drops, and keeps the warnings', () => {
  const filtered = batchWithEvidence().filter(1, 0.45);
  expect([...filtered.subjectIds]).toEqual([2]);
  expect([...(filtered.evidence?.values ?? [])]).toEqual([3, 4]);
  expect(filtered.warnings).toEqual(['source a was left out']);
});

test('SuggestionBatch.concat joins evidence of equal columns and drops it where columns differ', () => {
  const batch = batchWithEvidence();
  const twice = SuggestionBatch.concat(5, [batch, batch]);
  expect(twice.nDocs).toBe(6);
  expect([...(twice.evidence?.values ?? [])].slice(8)).toEqual([...(batch.evidence?.values ?? [])]);
  const bare = new SuggestionBatch(5, Uint32Array.of(0, 1), Uint32Array.of(0), Float32Array.of(0.5));
  expect(SuggestionBatch.concat(5, [batch, bare]).evidence).toBeUndefined();
});

test('concat keeps confidence where all batches have it', () => {
  const batch = (...confidence: number[]) =>
    new SuggestionBatch(3, new Uint32Array(confidence.length + 1), new Uint32Array(0), new Float32Array(0), {
      confidence: Float32Array.from(confidence),
    });
  expect(SuggestionBatch.concat(3, [batch(0.5, 0.25), batch(), batch(1)]).confidence).toEqual(
    Float32Array.of(0.5, 0.25, 1),
  );
  const without = new SuggestionBatch(3, new Uint32Array(2), new Uint32Array(0), new Float32Array(0));
  expect(SuggestionBatch.concat(3, [batch(0.5), without]).confidence).toBeUndefined();
});
