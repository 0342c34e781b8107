import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Corpus, Document } from '@catchword/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Registry } from './registry.js';

const KEYWORD = fileURLToPath(new URL('../testdata/keyword-backend.mjs', import.meta.url));
const N_SUBJECTS = 12;
const CONCEPTS = `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .
${Array.from({ length: N_SUBJECTS }, (_, id) => `ex:s${id} a skos:Concept ; skos:prefLabel "subject ${id}"@en .`).join('\n')}
`;
const SECTIONS = `[DEFAULT]
language=en
analyzer=simple
vocab=v
[a]
backend=keyword
[b]
backend=keyword
transform=limit(30)
[f]
backend=fusion
sources=a,b
trees=10
[e]
backend=ensemble
sources=a,b
[nested]
backend=fusion
sources=f
[fi]
backend=keyword
language=fi
[mixed]
backend=fusion
sources=a,fi
`;

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-fusion-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(): Promise<Registry> {
  writeFileSync(join(folder, 'projects.cfg'), SECTIONS);
  writeFileSync(join(folder, 'v.ttl'), CONCEPTS);
  const registry = await Registry.open({
    projects: join(folder, 'projects.cfg'),
    dataDir: join(folder, 'data'),
    env: {},
    backendModules: { keyword: KEYWORD },
    onWarning: (message) => warnings.push(message),
  });
  if (!registry.vocabularyStore.exists('v')) await registry.vocabularyStore.update('v', join(folder, 'v.ttl'), {});
  return registry;
}

const word = (id: number) => `about${String.fromCharCode(97 + id)}`;

/** Documents that name their subject, and another one at the end. */
function corpusOf(nDocs: number, first = 0, passes: string[] = []): Corpus {
  const docs = Array.from({ length: nDocs }, (_, k): Document => {
    const i = first + k;
    const id = (i * 7) % N_SUBJECTS;
    return { text: `${word(id)} in document n${i} and in passing ${word((i * 5 + 1) % N_SUBJECTS)}`, subjects: [id] };
  });
  return {
    name: `documents from ${first}`,
    async *documents() {
      passes.push(this.name);
      yield* docs;
    },
  };
}

const ALL = { limit: 5, threshold: 0 };

test('a fusion is trained on documents that its sources have not learnt', async () => {
  const registry = await open();
  for (const id of ['a', 'b']) await registry.project(id).train(corpusOf(60));
  const report = await registry.project('f').train(corpusOf(40, 100), { nJobs: 1 });
  expect(report).toMatchObject({ backend: 'fusion', nDocuments: 40 });
  expect(report.details.compared).toHaveLength(6);
  expect(warnings).toEqual([]);
  const batch = await registry.project('f').suggest([{ text: `${word(3)} once more` }], ALL);
  expect(batch.row(0)[0]?.subjectId).toBe(3);
  // A second training in two threads gives the same model.
  const model = () => readdirSync(join(folder, 'data/projects/f')).filter((name) => name.endsWith('.bin'));
  const before = model();
  await registry.project('f').train(corpusOf(40, 100), { nJobs: 2 });
  expect(model()).toEqual(before);
});

test('a fusion warns loudly of documents that a source was trained on', async () => {
  const registry = await open();
  await registry.project('a').train(corpusOf(60));
  await registry.project('b').train(corpusOf(30, 500));
  await registry.project('f').train(corpusOf(40, 50), { nJobs: 1 });
  expect(warnings).toEqual([
    expect.stringContaining('10 of 40 documents are among those that source "a" was trained on'),
  ]);
});

test('a fusion whose sources have no model says what can be done', async () => {
  const registry = await open();
  await registry.project('a').train(corpusOf(60));
  await expect(registry.project('f').train(corpusOf(40, 100))).rejects.toMatchObject({
    code: 'not-trained',
    message: expect.stringContaining('its sources b have no model'),
    hint: expect.stringContaining('--out-of-fold'),
  });
});

test('one corpus serves for sources and fusion, out of fold; sources that have its model keep it', async () => {
  const registry = await open();
  const trained: string[] = [];
  const onSourceTrained = ({ projectId }: { projectId: string }) => trained.push(projectId);
  await registry
    .project('f')
    .train(corpusOf(60), { outOfFold: 3, unseen: corpusOf(20, 300), nJobs: 1, onSourceTrained });
  expect(trained).toEqual(['a', 'b']);
  expect(warnings).toEqual([]);
  const record = await registry.project('f').modelRecord();
  expect(record?.report).toMatchObject({ nDocuments: 80 });
  expect(existsSync(join(folder, 'data/projects/f/unfinished'))).toBe(false);
  await registry.project('f').train(corpusOf(60), { outOfFold: 3, nJobs: 1, onSourceTrained });
  expect(trained).toEqual(['a', 'b']);
  const batch = await registry.project('f').suggest([{ text: `${word(3)} once more` }], ALL);
  expect(batch.row(0)[0]?.subjectId).toBe(3);
});

test('sources whose model is of other documents, subjects or settings are trained again out of fold', async () => {
  const registry = await open();
  const trained: string[] = [];
  const onSourceTrained = ({ projectId }: { projectId: string }) => trained.push(projectId);
  const train = (corpus: Corpus) => registry.project('f').train(corpus, { outOfFold: 3, nJobs: 1, onSourceTrained });
  await registry.project('a').train(corpusOf(30));
  await train(corpusOf(60));
  expect(trained).toEqual(['a', 'b']);
  expect(warnings).toEqual([expect.stringContaining('Source "a" has a model of other documents')]);
  const right = corpusOf(60);
  const corrected: Corpus = {
    name: 'corrected',
    async *documents() {
      let isFirst = true;
      for await (const doc of right.documents()) {
        yield isFirst ? { ...doc, subjects: [11] } : doc;
        isFirst = false;
      }
    },
  };
  await train(corrected);
  expect(trained).toEqual(['a', 'b', 'a', 'b']);
});

test('a source in another language is told of', async () => {
  const registry = await open();
  for (const id of ['a', 'fi']) await registry.project(id).train(corpusOf(60));
  await registry.project('mixed').train(corpusOf(40, 100), { nJobs: 1 });
  expect(warnings).toEqual([expect.stringContaining('Source "fi" is for texts in language fi')]);
});

test.each([
  ['f', { unseen: corpusOf(5) }, 'usage-invalid', '--unseen goes with'],
  ['f', { outOfFold: 3, sourceCorpus: corpusOf(5) }, 'usage-invalid', 'exclude each other'],
  ['a', { outOfFold: 3 }, 'usage-invalid', '--out-of-fold is for ensembles that learn'],
  ['e', { sourceCorpus: corpusOf(5) }, 'usage-invalid', '--source-corpus is for ensembles that learn'],
  ['f', { outOfFold: 50 }, 'corpus-empty', 'holds 20 documents with subjects, too few for 50 parts'],
])('%s refuses %j before anything is trained', async (id, options, code, message) => {
  const registry = await open();
  await expect(registry.project(id).train(corpusOf(20), { ...options, nJobs: 1 })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
    hint: expect.anything(),
  });
  expect(registry.project('a').isTrained()).toBe(false);
});

test('a training out of fold that was stopped goes on where it was, and gives the same model', async () => {
  const registry = await open();
  const abort = new AbortController();
  const stages: string[] = [];
  const onProgress = ({ stage }: { stage: string }) => {
    stages.push(stage);
    if (stage.startsWith('a, fold 3')) abort.abort(new Error('killed'));
  };
  const stopped = registry
    .project('f')
    .train(corpusOf(60), { outOfFold: 3, nJobs: 1, signal: abort.signal, onProgress });
  await expect(stopped).rejects.toThrow('killed');
  expect(existsSync(join(folder, 'data/projects/f/manifest.json'))).toBe(false);
  stages.length = 0;
  await registry
    .project('f')
    .train(corpusOf(60), { outOfFold: 3, nJobs: 1, onProgress: ({ stage }) => stages.push(stage) });
  expect(stages.some((stage) => stage.includes('fold 1 of 3') || stage.includes('fold 2 of 3'))).toBe(false);
  expect(stages.some((stage) => stage.includes('fold 3 of 3'))).toBe(true);
  const manifest = () => JSON.parse(readFileSync(join(folder, 'data/projects/f/manifest.json'), 'utf8'));
  const models = () => readdirSync(join(folder, 'data/projects/f')).filter((name) => name.endsWith('.bin'));
  const { model, report } = manifest().meta;
  const resumed = models();
  await registry.project('f').train(corpusOf(60), { outOfFold: 3, nJobs: 1 });
  expect(manifest().meta.model).toEqual(model);
  expect(models()).toEqual(resumed); // counts and content hashes, too
  expect(manifest().meta.report.nDocuments).toBe(60);
  expect(report.nSubjectsSeen).toBe(manifest().meta.report.nSubjectsSeen);
  // Another corpus begins anew.
  await registry.project('f').train(corpusOf(61), { outOfFold: 3, nJobs: 1 });
});

test('an ensemble trains those of its sources that have no model, and has none itself', async () => {
  const registry = await open();
  await registry.project('a').train(corpusOf(60));
  const report = await registry.project('e').train(corpusOf(60));
  expect(report.projectId).toBe('b');
  expect(registry.project('e').isTrained()).toBe(true);
  await expect(registry.project('e').train(corpusOf(60))).rejects.toMatchObject({ code: 'not-supported' });
});

test('a trained ensemble cannot be a source out of fold', async () => {
  const registry = await open();
  for (const id of ['a', 'b']) await registry.project(id).train(corpusOf(60));
  await registry.project('f').train(corpusOf(40, 100), { nJobs: 1 });
  await expect(registry.project('nested').train(corpusOf(60), { outOfFold: 2, nJobs: 1 })).rejects.toMatchObject({
    code: 'not-supported',
    hint: expect.stringContaining('a, b'),
  });
});
