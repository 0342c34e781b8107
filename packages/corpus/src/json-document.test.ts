import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from '@catchword/core';
import { tinyVocabulary } from '@catchword/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openCorpus } from './open-corpus.js';

async function read(lines: readonly object[]): Promise<{ docs: Document[]; nInvalid: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-json-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'records.jsonl');
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const corpus = openCorpus([path], { subjects: tinyVocabulary(), language: 'en', requireSubjects: false });
  const docs: Document[] = [];
  for await (const doc of corpus.documents()) docs.push(doc);
  return { docs, nInvalid: corpus.report().nInvalid };
}

test('a document in JSON says what it counts in training', async () => {
  const { docs, nInvalid } = await read([
    { text: 'made up', weight: 0.3 },
    { text: 'whole', weight: 1 },
    { text: 'unsaid' },
    { text: 'none', weight: 0 },
    { text: 'too much', weight: 1.5 },
    { text: 'no number', weight: '0.3' },
  ]);
  expect(docs.map(({ text, weight }) => [text, weight])).toEqual([
    ['made up', 0.3],
    ['whole', undefined],
    ['unsaid', undefined],
  ]);
  expect(nInvalid).toBe(3);
});
