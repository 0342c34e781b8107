import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bestSetSize, expectedF1 } from '@catchword/evaluation';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Registry } from './registry.js';

const PROBABLE = fileURLToPath(new URL('../testdata/probable-backend.mjs', import.meta.url));
const KEYWORD = fileURLToPath(new URL('../testdata/keyword-backend.mjs', import.meta.url));
const CONCEPTS = `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .
${Array.from({ length: 6 }, (_, id) => `ex:s${id} a skos:Concept ; skos:prefLabel "subject ${id}"@en .`).join('\n')}
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-auto-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(): Promise<Registry> {
  const section = (id: string, more: string) => `[${id}]\nlanguage=en\nanalyzer=simple\nvocab=v\n${more}\n`;
  const sections = [
    section('p', 'backend=probable'),
    section('two', 'backend=probable\nlimit=2'),
    section('k', 'backend=keyword'),
  ];
  writeFileSync(join(folder, 'projects.cfg'), sections.join(''));
  writeFileSync(join(folder, 'v.ttl'), CONCEPTS);
  const registry = await Registry.open({
    projects: join(folder, 'projects.cfg'),
    dataDir: join(folder, 'data'),
    env: {},
    backendModules: { probable: PROBABLE, keyword: KEYWORD },
  });
  await registry.vocabularyStore.update('v', join(folder, 'v.ttl'), {});
  const corpus = {
    name: 'test',
    async *documents() {
      yield { text: '0.9 0.8 0.1', subjects: [0, 1] };
      yield { text: '0.4 0.3 0.3 0.2', subjects: [2] };
    },
  };
  for (const id of ['p', 'two', 'k']) await registry.project(id).train(corpus);
  return registry;
}

const DOCS = [{ text: '0.9 0.8 0.1' }, { text: '0.4 0.3 0.3 0.2' }, { text: '' }];

test('limit auto gives each document the set with the highest expected F1, and a confidence', async () => {
  const registry = await open();
  const batch = await registry.project('p').suggest(DOCS, { limit: 'auto', threshold: 0 });
  const sizes = [0, 1, 2].map((i) => batch.row(i).length);
  const rows = DOCS.map(({ text }) => text.split(' ').filter(Boolean).map(Number));
  expect(sizes).toEqual(rows.map((row) => bestSetSize(row, 0, row.length)));
  expect(sizes).toEqual([2, 3, 0]);
  rows.forEach((row, i) => {
    expect(batch.confidence?.[i]).toBeCloseTo(expectedF1(row, 0, row.length, sizes[i] ?? 0), 5);
  });
});

test('a number as limit gives that many, and the confidence of these', async () => {
  const registry = await open();
  const batch = await registry.project('p').suggest(DOCS, { limit: 1, threshold: 0 });
  expect([0, 1, 2].map((i) => batch.row(i).length)).toEqual([1, 1, 0]);
  expect(batch.confidence?.[0]).toBeCloseTo((2 * 0.9) / (1 + 1.8), 5);
  const auto = await registry.project('two').suggest(DOCS, { limit: 'auto', threshold: 0 });
  expect([0, 1, 2].map((i) => auto.row(i).length)).toEqual([2, 2, 0]);
});

test('eval with limit auto judges these sets, tells the calibration error and how well confidence ranks', async () => {
  const registry = await open();
  const corpus = {
    name: 'test',
    async *documents() {
      yield { text: '0.9 0.8 0.1', subjects: [0, 1] };
      yield { text: '0.4 0.3 0.3 0.2', subjects: [5] };
    },
  };
  const { metrics, further } = await registry.project('p').evaluate(corpus, { limit: 'auto', threshold: 0, nJobs: 1 });
  expect(metrics.get('F1 score (doc avg)')).toBeCloseTo((1 + 0) / 2, 9);
  expect(further.calibration?.confidenceCorrelation).toBe(1);
});

test('limit auto is refused where scores are no probabilities', async () => {
  const project = (await open()).project('k');
  const refused = { code: 'not-supported', message: expect.stringContaining('limit auto needs probabilities') };
  await expect(project.suggest(DOCS, { limit: 'auto', threshold: 0 })).rejects.toMatchObject(refused);
  const batch = await project.suggest(DOCS, { limit: 3, threshold: 0 });
  expect(batch.confidence).toBeUndefined();
});
