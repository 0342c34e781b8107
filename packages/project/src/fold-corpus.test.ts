import type { Corpus } from '@catchword/core';
import { expect, test } from 'vitest';
import { FoldCorpus } from './fold-corpus.js';

const corpus: Corpus = {
  name: 'test',
  async *documents() {
    for (let i = 0; i < 2000; i++) yield { text: `document ${i % 1900}` };
  },
};

async function texts(each: Corpus): Promise<string[]> {
  const found: string[] = [];
  for await (const { text } of each.documents()) found.push(text);
  return found;
}

test('FoldCorpus puts each document into one fold, equal texts into the same', async () => {
  const folds = await Promise.all([0, 1, 2].map((fold) => texts(new FoldCorpus(corpus, fold, 3, true))));
  expect(folds.flat().sort()).toEqual((await texts(corpus)).sort());
  for (const fold of folds) expect(fold.length).toBeGreaterThan(500);
  expect(new Set(folds.flatMap((fold) => [...new Set(fold)])).size).toBe(1900);
  const others = await texts(new FoldCorpus(corpus, 0, 3, false));
  expect(others.sort()).toEqual([...(folds[1] ?? []), ...(folds[2] ?? [])].sort());
});

test('FoldCorpus samples about the share that is wanted, the same ones every time', async () => {
  const sampled = new FoldCorpus(corpus, 1, 3, true, 0.3);
  const first = await texts(sampled);
  expect(first.length).toBeGreaterThan(130);
  expect(first.length).toBeLessThan(270);
  expect(await texts(sampled)).toEqual(first);
});
