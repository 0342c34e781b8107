import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Document } from '@catchword/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Project } from './project.js';
import { Registry } from './registry.js';

const BACKEND = fileURLToPath(new URL('../testdata/failing-backend.mjs', import.meta.url));
const VOCABULARY = `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .
ex:a a skos:Concept ; skos:prefLabel "a"@en .
ex:b a skos:Concept ; skos:prefLabel "b"@en .
`;

let folder: string;
let project: Project;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-set-aside-'));
  writeFileSync(join(folder, 'projects.cfg'), '[p]\nlanguage=en\nbackend=failing\nanalyzer=simple\nvocab=two\n');
  writeFileSync(join(folder, 'two.ttl'), VOCABULARY);
  const registry = await Registry.open({
    ...{ projects: join(folder, 'projects.cfg'), dataDir: join(folder, 'data'), env: {} },
    backendModules: { failing: BACKEND },
  });
  await registry.vocabularyStore.update('two', join(folder, 'two.ttl'));
  project = registry.project('p');
  await project.train({ name: 'none', documents: () => documents(['a'], [0]) });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* documents(texts: readonly string[], subjects?: readonly number[]): AsyncGenerator<Document> {
  for (const text of texts) yield subjects ? { text, subjects } : { text };
}

async function outcome(texts: readonly string[], options: { readonly nJobs: number; readonly setAside?: boolean }) {
  const read: string[] = [];
  const failed: string[] = [];
  const all = { ...options, limit: 1, threshold: 0, threadsAfterMs: 0 };
  for await (const { docs, suggestions, failures = [] } of project.suggestStream(documents(texts), all)) {
    for (const { row } of failures) failed.push(docs[row]?.text as string);
    docs.forEach(({ text }, row) => {
      read.push(text);
      const expected = /DIE|FAIL/.test(text) ? [] : [{ subjectId: text.length % 2, score: 0.5 }];
      expect(suggestions.row(row)).toEqual(expected);
    });
  }
  expect(read).toEqual(texts);
  return failed;
}

const texts = (bad: Readonly<Record<number, string>>) =>
  Array.from({ length: 1000 }, (_, i) => `${'x'.repeat(i % 3)} ${bad[i] ?? 'good'} ${i}`);

test.each([1, 3])('documents that fail are set aside, all others have their suggestions: %i threads', async (nJobs) => {
  const all = texts({ 0: 'FAIL', 33: 'FAIL', 34: 'FAIL', 999: 'FAIL' });
  expect(await outcome(all, { nJobs, setAside: true })).toEqual([all[0], all[33], all[34], all[999]]);
  await expect(outcome(all, { nJobs })).rejects.toThrow('no suggestions for');
});

test('a document that its thread dies of is set aside alone', async () => {
  const all = texts({ 100: 'DIE', 101: 'DIE', 500: 'FAIL', 700: 'DIE' });
  const expected = [all[100], all[101], all[500], all[700]];
  expect(await outcome(all, { nJobs: 3, setAside: true })).toEqual(expected);
  await expect(outcome(texts({ 500: 'DIE' }), { nJobs: 3 })).rejects.toThrow();
});
