import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSources } from './read-sources.js';
import { Registry } from './registry.js';
import { openSources } from './suggester.js';

const KEYWORD = fileURLToPath(new URL('../testdata/keyword-backend.mjs', import.meta.url));
const concepts = (...names: string[]) =>
  `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .\n${names
    .map((name) => `ex:${name} a skos:Concept ; skos:prefLabel "${name}"@en .`)
    .join('\n')}\n`;

const SECTIONS = `[DEFAULT]
language=en
analyzer=simple
[a]
backend=keyword
vocab=animals
[b]
backend=keyword
vocab=turned
[ka]
backend=knn
min_df=1
vocab=animals
[kb]
backend=knn
min_df=1
vocab=turned
[e]
backend=ensemble
vocab=animals
sources=a:3,b:1
[r]
backend=ensemble
vocab=animals
sources=b:1,a:3
`;

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-ensemble-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(): Promise<Registry> {
  writeFileSync(join(folder, 'projects.cfg'), SECTIONS);
  return Registry.open({
    projects: join(folder, 'projects.cfg'),
    dataDir: join(folder, 'data'),
    env: {},
    backendModules: { keyword: KEYWORD },
    onWarning: (message) => warnings.push(message),
  });
}

/** Both sources learn the same records, each in the ids of its vocabulary, which has them the other way round. */
async function trained(): Promise<Registry> {
  const registry = await open();
  for (const [id, names] of [
    ['animals', ['cat', 'dog', 'cow']],
    ['turned', ['cow', 'dog', 'cat']],
  ] as const) {
    writeFileSync(join(folder, `${id}.ttl`), concepts(...names));
    await registry.vocabularyStore.update(id, join(folder, `${id}.ttl`), {});
  }
  const corpus = (subjectOf: (id: number) => number) => ({
    name: 'test',
    async *documents() {
      yield { text: 'purring whiskers', subjects: [subjectOf(0)] };
      yield { text: 'barking tail', subjects: [subjectOf(1)] };
      yield { text: 'milk tail', subjects: [subjectOf(2), subjectOf(1)] };
    },
  });
  await registry.project('a').train(corpus((id) => id));
  await registry.project('b').train(corpus((id) => 2 - id));
  await registry.project('ka').train(corpus((id) => id));
  await registry.project('kb').train(corpus((id) => 2 - id));
  return registry;
}

const ALL = { limit: 10, threshold: 0 };

test('an ensemble joins sources with other vocabularies by URI, in any order of the sources', async () => {
  const registry = await trained();
  const docs = [{ text: 'milk and a tail' }, { text: 'whiskers' }];
  const single = await registry.project('a').suggest(docs, ALL);
  const joined = await registry.project('e').suggest(docs, ALL);
  const turned = await registry.project('r').suggest(docs, ALL);
  expect(joined.row(0).length).toBeGreaterThan(1);
  expect(joined).toEqual(turned);
  // Both sources say the same, so that their mean does too.
  for (const i of [0, 1]) {
    expect(joined.row(i).map(({ subjectId }) => subjectId)).toEqual(single.row(i).map(({ subjectId }) => subjectId));
  }
  expect(registry.project('e').isTrained()).toBe(true);
  const { explanations } = await registry.project('e').explain({ text: 'whiskers' }, [0]);
  expect(explanations[0]?.sources?.map(({ projectId, rank }) => [projectId, rank])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
});

test('an ensemble knows the subjects of the records of its sources, joined by URI', async () => {
  const registry = await trained();
  const { vocabulary } = await registry.project('e').vocabulary();
  const specs = ['ka', 'kb', 'a'].map((projectId) => ({ projectId, weight: 1, exponent: 1 }));
  // biome-ignore lint/complexity/useLiteralKeys: what a project does inside
  const sources = await openSources(await readSources(specs, vocabulary, registry['services'], 'refuse'), 3);
  const rows = sources.map(({ assignments }) => {
    const pattern = assignments?.();
    return (
      pattern &&
      Array.from({ length: 3 }, (_, i) => [...pattern.indices.subarray(pattern.indptr[i], pattern.indptr[i + 1])])
    );
  });
  const records = [[0], [1], [1, 2]];
  expect(rows).toEqual([records, records, undefined]);
  for (const source of sources) await source.close();
});

test('an ensemble leaves a source out whose model is damaged, and says so once', async () => {
  const registry = await trained();
  const before = await registry.project('a').suggest([{ text: 'whiskers' }], ALL);
  writeFileSync(join(folder, 'data/projects/b/manifest.json'), '{');
  const ensemble = (await open()).project('e');
  const batch = await ensemble.suggest([{ text: 'whiskers' }, { text: 'milk' }], ALL);
  await ensemble.suggest([{ text: 'milk' }], ALL);
  expect(batch.warnings).toEqual([expect.stringContaining('source "b" was left out')]);
  expect(warnings).toEqual([expect.stringContaining('source "b" was left out')]);
  expect(batch.row(0)).toEqual(before.row(0));
});

test('an ensemble leaves a source out that was never trained, and fails only where none was', async () => {
  const registry = await trained();
  const alone = await registry.project('a').suggest([{ text: 'milk' }], ALL);
  await registry.project('b').clear();
  expect(registry.project('e').isTrained()).toBe(false);
  const batch = await registry.project('e').suggest([{ text: 'milk' }], ALL);
  expect(batch.row(0)).toEqual(alone.row(0));
  expect(batch.warnings).toEqual([expect.stringMatching(/^source "b" was left out: .*not trained/)]);
  expect(warnings).toEqual(batch.warnings);
  await registry.project('b').train({
    name: 'test',
    async *documents() {
      yield { text: 'milk', subjects: [0] };
    },
  });
  const again = await (await open()).project('e').suggest([{ text: 'milk' }], ALL);
  expect(again.warnings).toEqual([]);
  await registry.project('a').clear();
  await registry.project('b').clear();
  await expect((await open()).project('e').suggest([{ text: 'milk' }], ALL)).rejects.toMatchObject({
    code: 'not-trained',
    context: { projectId: 'a' },
  });
});
