import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { SuggestionBatch } from '@catchword/core';
import { LabelSearch } from '@catchword/vocabulary';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Project } from '../project.js';
import { Registry } from '../registry.js';
import type { ProjectSnapshot } from './project-snapshot.js';
import { type ServedWork, ServingThreads, type ServingThreadsOptions } from './serving-threads.js';

const BACKEND = fileURLToPath(new URL('../../testdata/odd-backend.mjs', import.meta.url));
const ANIMALS = `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .
ex:cat a skos:Concept ; skos:prefLabel "cats"@en .
ex:dog a skos:Concept ; skos:prefLabel "dogs"@en .
ex:cow a skos:Concept ; skos:prefLabel "cows"@en .
`;
const ALL = { limit: 10, threshold: 0 };
const CORPUS = {
  name: 'test',
  async *documents() {
    yield { text: 'one', subjects: [0] };
  },
};

let folder: string;
let registry: Registry;
let cat: ProjectSnapshot;
let threads: ServingThreads | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-serving-'));
  writeFileSync(join(folder, 'animals.ttl'), ANIMALS);
  writeFileSync(join(folder, 'projects.cfg'), '[p]\nlanguage=en\nbackend=odd\nanalyzer=simple\nvocab=animals\n');
  registry = await Registry.open({
    projects: join(folder, 'projects.cfg'),
    dataDir: join(folder, 'data'),
    env: {},
    backendModules: { odd: BACKEND },
  });
  await registry.vocabularyStore.update('animals', join(folder, 'animals.ttl'));
  cat = await trained(registry.project('p'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  await threads?.stop();
  threads = undefined;
});

async function trained(project: Project): Promise<ProjectSnapshot> {
  await project.train(CORPUS);
  return project.snapshot();
}

async function serving(options: Partial<ServingThreadsOptions> = {}): Promise<ServingThreads> {
  threads = new ServingThreads({ nThreads: 2, maxWaiting: 1000, timeoutMs: 10_000, ...options });
  await threads.open('cat', cat.parts);
  return threads;
}

const docs = (...texts: string[]) => texts.map((text) => ({ text }));
const firstSubjects = (batch: SuggestionBatch) =>
  Array.from({ length: batch.nDocs }, (_, i) => batch.row(i)[0]?.subjectId);

describe('ServingThreads', () => {
  test('suggest gives a row for each document, however many there are', async () => {
    const serve = await serving();
    const batch = await serve.suggest(
      'cat',
      docs(...Array.from({ length: 20 }, (_, i) => `sleep ${(20 - i) % 3}`)),
      ALL,
    );
    expect(firstSubjects(batch)).toEqual(new Array(20).fill(0));
    expect((await serve.suggest('cat', [], ALL)).nDocs).toBe(0);
    const explained = await serve.explain('cat', [
      { doc: { text: 'x' }, subjectIds: [2] },
      { doc: { text: 'y' }, subjectIds: [0, 1] },
    ]);
    expect(explained).toMatchObject([
      { text: 'x', explanations: [{ subjectId: 2 }] },
      { text: 'y', explanations: [{ subjectId: 0 }, { subjectId: 1 }] },
    ]);
  });

  test('what language models were asked is told with the work', async () => {
    const done: ServedWork[] = [];
    const serve = await serving({ onWork: (work) => void done.push(work) });
    await serve.suggest('cat', docs('ask 40', 'ask 2', 'x'), ALL);
    await serve.suggest('cat', docs('x'), ALL);
    expect(done.map(({ usage }) => usage)).toEqual([
      { calls: 2, cached: 4, promptTokens: 42, answerTokens: 6, seconds: 0 },
      undefined,
    ]);
  });

  test('two versions of a project are served side by side, and one is let go of', async () => {
    const serve = await serving();
    const dog = await trained(registry.project('p', { answer: 1 }));
    expect(dog.version).not.toBe(cat.version);
    await serve.open('dog', dog.parts);
    expect(firstSubjects(await serve.suggest('dog', docs('x'), ALL))).toEqual([1]);
    expect(firstSubjects(await serve.suggest('cat', docs('x'), ALL))).toEqual([0]);
    const last = serve.suggest('cat', docs('sleep 20', 'sleep 20'), ALL);
    await Promise.all([serve.close('cat'), last]);
    expect((await last).nDocs).toBe(2);
    await expect(serve.suggest('cat', docs('x'), ALL)).rejects.toThrow('No model is open under "cat"');
  });

  test('a small request does not wait for a large one', async () => {
    const done: number[] = [];
    const serve = await serving({ onWork: ({ nDocs }: ServedWork) => void done.push(nDocs) });
    const large = serve.suggest('cat', docs(...new Array(160).fill('block 5')), ALL);
    await serve.suggest('cat', docs('x'), ALL);
    await large;
    expect(done.length).toBe(21);
    expect(done.indexOf(1)).toBeLessThan(12); // next in turn, whatever a busy machine does in between
  });

  test('another thread is started when work waits for longer than a moment, knows what was learnt, and no more than may be', async () => {
    const serve = await serving();
    const dog = await trained(registry.project('p', { answer: 1 }));
    await serve.open('dog', dog.parts);
    for (let i = 0; i < 20; i++) await serve.suggest('cat', docs('sleep 1'), ALL);
    expect(serve.nThreads).toBe(1);
    await serve.learn('dog', [{ doc: { text: 'x', subjects: [0] }, note: null }]);
    const slow = ['block 1000', 'block 1000', 'block 1000'].map((text) => serve.suggest('dog', docs(text), ALL));
    const learnt = serve.learn('dog', [{ doc: { text: 'x', subjects: [2] }, note: null }]);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(serve.nThreads).toBe(2);
    await Promise.all([...slow, learnt]);
    expect(serve.nThreads).toBe(2);
    const both = ['sleep 30', 'sleep 30', 'sleep 30', 'sleep 30'].map((text) => serve.suggest('dog', docs(text), ALL));
    expect((await Promise.all(both)).flatMap(firstSubjects)).toEqual([2, 2, 2, 2]);
  });

  test('a thread that cannot be made ready is done without', async () => {
    const restarts: Error[] = [];
    const serve = await serving({ onRestart: (error) => restarts.push(error) });
    const parts = { ...cat.parts, backendModules: { odd: join(folder, 'once.mjs') } };
    writeFileSync(join(folder, 'once.mjs'), `export * from ${JSON.stringify(pathToFileURL(BACKEND).href)};`);
    await serve.open('once', parts);
    rmSync(join(folder, 'once.mjs'));
    const all = ['block 800', 'block 300', 'x'].map((text) => serve.suggest('cat', docs(text), ALL));
    expect((await Promise.all(all)).flatMap(firstSubjects)).toEqual([0, 0, 0]);
    while (restarts.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect([serve.nThreads, restarts.map(({ message }) => message)]).toEqual([
      1,
      [expect.stringContaining('once.mjs')],
    ]);
    expect(firstSubjects(await serve.suggest('once', docs('x'), ALL))).toEqual([0]);
  });

  test('a small request does not wait for many documents that are explained, nor for many that are learnt', async () => {
    let nDone = 0;
    const serve = await serving({ nThreads: 1, maxWaiting: 40, onWork: () => void nDone++ });
    const toExplain = Array.from({ length: 30 }, () => ({ doc: { text: 'block 5' }, subjectIds: [0] }));
    const explained = serve.explain('cat', toExplain);
    await serve.suggest('cat', docs('x'), ALL);
    expect(nDone).toBeLessThan(10);
    await explained;

    nDone = 0;
    const assessed = serve.assess('cat', docs(...new Array(300).fill('x')));
    expect(serve.nWaiting).toBeLessThan(40);
    await serve.suggest('cat', docs('x', 'y'), ALL);
    expect(nDone).toBeLessThan(100);
    expect((await assessed).length).toBe(300);
  });

  test('a small request does not wait for long texts, which leave a thread to the others', async () => {
    const serve = await serving({ timeoutMs: 60_000 });
    const text = `block 50000 ${'x'.repeat(1 << 18)}`;
    const long = [text, text].map((each) => serve.suggest('cat', docs(each), ALL));
    for (const each of long) each.catch(() => undefined); // stopped at the end of the test
    expect(firstSubjects(await serve.suggest('cat', docs('x', 'y'), ALL))).toEqual([0, 0]);
    expect(serve.nWaiting).toBe(1);
  });

  test('a thread that dies is replaced, and only what it worked on fails', async () => {
    const restarts: Error[] = [];
    const serve = await serving({ onRestart: (error) => restarts.push(error) });
    const results = await Promise.allSettled(
      ['x', 'die', 'sleep 1', 'die', 'y', 'fail'].map((text) => serve.suggest('cat', docs(text), ALL)),
    );
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    expect(restarts.length).toBe(2);
    expect(results[1]).toMatchObject({ reason: { code: 'operation-failed' } });
    expect(results[5]).toMatchObject({ reason: { message: 'the backend fails' } });
    expect(firstSubjects(await serve.suggest('cat', docs('x', 'y', 'z'), ALL))).toEqual([0, 0, 0]);
  });

  test('a model learns in every thread, and in those that take the place of one', async () => {
    const serve = await serving();
    const dog = await trained(registry.project('p', { answer: 1 }));
    await serve.open('dog', dog.parts);
    const texts = Array.from({ length: 32 }, (_, i) => `sleep ${i % 2}`);
    expect(await serve.assess('dog', docs('x', 'y'))).toEqual([null, null]);
    await serve.learn('dog', [{ doc: { text: 'x', subjects: [0] }, note: null }]);
    expect(new Set(firstSubjects(await serve.suggest('dog', docs(...texts), ALL)))).toEqual(new Set([0]));
    const deaths = ['die', 'die'].map((text) => serve.suggest('dog', docs(text), ALL));
    expect((await Promise.allSettled(deaths)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(new Set(firstSubjects(await serve.suggest('dog', docs(...texts), ALL)))).toEqual(new Set([0]));
  });

  test('a thread that hangs is stopped after its time, and replaced', async () => {
    const serve = await serving({ nThreads: 1, timeoutMs: 3000 });
    const hung = serve.suggest('cat', docs('block 1000000'), ALL);
    const behind = serve.suggest('cat', docs('x'), ALL);
    await expect(hung).rejects.toMatchObject({ code: 'timed-out' });
    expect(firstSubjects(await behind)).toEqual([0]);
  });

  test('more than may wait is refused', async () => {
    const serve = await serving({ maxWaiting: 10 });
    const requests = Array.from({ length: 20 }, () => serve.suggest('cat', docs('sleep 5', 'x', 'y', 'z'), ALL));
    const results = await Promise.allSettled(requests);
    const refused = results.filter((r) => r.status === 'rejected');
    expect(refused.length).toBeGreaterThan(10);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'overloaded' });
    expect(serve.nWaiting).toBe(0);
  });

  test('a request that is given up leaves the line', async () => {
    const serve = await serving({ nThreads: 1 });
    const controller = new AbortController();
    const abandoned = serve.suggest('cat', docs(...new Array(80).fill('sleep 20')), ALL, controller.signal);
    controller.abort(new Error('gone'));
    await expect(abandoned).rejects.toThrow('gone');
    expect(serve.nWaiting).toBe(0);
    expect(firstSubjects(await serve.suggest('cat', docs('x'), ALL))).toEqual([0]);
  });

  test('labels are indexed in a thread', async () => {
    const serve = await serving();
    const { vocabulary } = cat.vocabulary;
    const search = LabelSearch.open(vocabulary, await serve.indexLabels(vocabulary));
    expect(search.search('do', { limit: 5 }).map(({ subjectId }) => subjectId)).toEqual([1]);
  });

  test('a model that cannot be opened is open nowhere, and the others serve on', async () => {
    const serve = await serving();
    await expect(serve.open('bad', { ...cat.parts, backend: 'none' })).rejects.toThrow('There is no backend "none"');
    await expect(serve.suggest('bad', docs('x'), ALL)).rejects.toThrow('No model is open');
    expect(firstSubjects(await serve.suggest('cat', docs('x'), ALL))).toEqual([0]);
  });
});
