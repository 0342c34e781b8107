import { type BackendContext, type Source, SuggestionBatch } from '@catchword/core';
import { expect, test } from 'vitest';
import { ensemble } from './index.js';

test('the example of the README', async () => {
  const source = (projectId: string, weight: number, ids: number[], scores: number[]) =>
    ({
      projectId,
      weight,
      exponent: 1,
      suggest: () =>
        new SuggestionBatch(3, Uint32Array.of(0, ids.length), Uint32Array.from(ids), Float32Array.from(scores)),
    }) as unknown as Source;
  const sources = [source('lexical', 1, [2, 0], [0.5, 0.25]), source('associative', 3, [0], [1])];
  const context = {
    projectId: 'demo',
    language: 'en',
    vocabulary: { nSubjects: 3 },
    sources,
  } as unknown as BackendContext;
  const params = ensemble.parseParams({}, (key, message) => expect.fail(`${key}: ${message}`));
  const model = { meta: {}, pack: { buffer: new SharedArrayBuffer(0), places: [] } };
  const backend = ensemble.load?.(context, model, params);
  const batch = await backend?.suggest([{ text: 'any' }], { limit: 10 });
  const row = batch?.row(0).map(({ subjectId, score }) => `${subjectId} ${score}`);
  expect(row?.join(', ')).toBe('0 0.8125, 2 0.125');
});
