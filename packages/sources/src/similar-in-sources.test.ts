import type { SimilarRecord, Source } from '@catchword/core';
import { expect, test } from 'vitest';
import { findsSimilar, similarInSources } from './similar-in-sources.js';

const record = (title: string, similarity: number): SimilarRecord => ({ title, similarity, subjects: [1] });
const source = (records?: SimilarRecord[]): Source =>
  ({ ...(records ? { similar: () => records } : undefined) }) as unknown as Source;

test('similarInSources joins what the sources find, each record once', async () => {
  const sources = [
    source([record('bees', 0.5), record('roses', 0.4)]),
    source(),
    source([record('bees', 0.7), record('lakes', 0.45)]),
  ];
  expect(findsSimilar(sources)).toBe(true);
  expect(findsSimilar([source()])).toBe(false);
  const found = await similarInSources(sources, { text: 'any' }, 2);
  expect(found.map(({ title, similarity }) => `${title} ${similarity}`)).toEqual(['bees 0.7', 'lakes 0.45']);
});
