import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { SubjectIndex } from '@catchword/core';
import { expect, test } from 'vitest';
import { describeReport, openCorpus } from './index.js';

test('the example of the README', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-readme-'));
  writeFileSync(join(folder, 'train.tsv.gz'), gzipSync('about cats\t<u:cats> <u:ghosts>\nabout ghosts\t<u:ghosts>\n'));
  mkdirSync(join(folder, 'fulltext'));
  writeFileSync(join(folder, 'fulltext', 'a.txt'), 'more about cats');
  writeFileSync(join(folder, 'fulltext', 'a.key'), 'cats\n');
  const vocabulary: SubjectIndex = {
    nSubjects: 1,
    idOfUri: (uri) => (uri === 'u:cats' ? 0 : -1),
    idOfLabel: (label) => (label === 'cats' ? 0 : -1),
    uri: () => 'u:cats',
    label: () => 'cats',
    notation: () => undefined,
  };

  const warnings: string[] = [];
  const corpus = openCorpus([join(folder, 'train.tsv.gz'), join(folder, 'fulltext')], {
    subjects: vocabulary,
    language: 'en',
    onWarning: (message) => warnings.push(message),
  });
  const found: string[] = [];
  for await (const { text, subjects } of corpus.documents()) found.push(`${subjects} ${text}`);

  expect(found).toEqual(['0 about cats', '0 more about cats']);
  expect(warnings).toEqual([`Unknown subject URI <u:ghosts> (${join(folder, 'train.tsv.gz')}, line 1)`]);
  expect(describeReport(corpus.report(), true)).toEqual([
    '1 subject is not in the vocabulary, stated 2 times: ignored',
    '1 document states no subject of the vocabulary: left out',
  ]);
  rmSync(folder, { recursive: true });
});
