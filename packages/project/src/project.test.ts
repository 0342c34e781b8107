import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Corpus, Document } from '@catchword/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Project } from './project.js';
import { Registry } from './registry.js';

const BACKEND = fileURLToPath(new URL('../testdata/keyword-backend.mjs', import.meta.url));

const ANIMALS = `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .
ex:cat a skos:Concept ; skos:prefLabel "cats"@en , "Katzen"@de ; skos:notation "1" .
ex:dog a skos:Concept ; skos:prefLabel "dogs"@en , "Hunde"@de .
ex:cow a skos:Concept ; skos:prefLabel "cows"@en .
`;
const MORE = `${ANIMALS}ex:owl a skos:Concept ; skos:prefLabel "owls"@en .\n`;

const DOCS: readonly Document[] = [
  { text: 'purring whiskers', subjects: [0] },
  { text: 'barking tail', subjects: [1] },
  { text: 'milk tail', subjects: [2, 1] },
];

let folder: string;
let warnings: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-project-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function registry(settings: readonly string[] = []): Promise<Registry> {
  const lines = ['[p]', 'language=en', 'backend=keyword', 'analyzer=simple', ...settings];
  if (!settings.some((line) => line.startsWith('vocab='))) lines.push('vocab=animals');
  writeFileSync(join(folder, 'projects.cfg'), `${lines.join('\n')}\n`);
  return Registry.open({
    projects: join(folder, 'projects.cfg'),
    dataDir: join(folder, 'data'),
    env: {},
    backendModules: { keyword: BACKEND },
    onWarning: (message) => warnings.push(message),
  });
}

async function load(opened: Registry, turtle: string, force = false) {
  const file = join(folder, 'animals.ttl');
  writeFileSync(file, turtle);
  return opened.vocabularyStore.update('animals', file, { force });
}

async function trained(settings: readonly string[] = []): Promise<Project> {
  const opened = await registry(settings);
  await load(opened, ANIMALS);
  const project = opened.project('p');
  await project.train(corpusOf(DOCS));
  return project;
}

const corpusOf = (docs: readonly Document[]): Corpus => ({
  name: 'test',
  async *documents() {
    yield* docs;
  },
});

const ALL = { limit: 10, threshold: 0 };

describe('VocabularyStore', () => {
  test('update keeps the id of each subject and tells what changed', async () => {
    const opened = await registry();
    const first = await load(opened, ANIMALS);
    expect(first).toMatchObject({ created: true, nActive: 3, languages: ['de', 'en'] });
    const changed = ANIMALS.replace('"dogs"', '"hounds"').replace(/ex:cat .*\n/, '');
    const second = await load(opened, `${changed}ex:owl a skos:Concept ; skos:prefLabel "owls"@en .\n`);
    expect(second).toMatchObject({
      created: false,
      nActive: 3,
      nSubjects: 4,
      added: { n: 1, examples: [{ uri: 'http://example.org/owl', label: 'owls' }] },
      removed: { n: 1, examples: [{ uri: 'http://example.org/cat', label: 'cats' }] },
      relabelled: { n: 1, examples: [{ label: 'hounds', before: 'dogs' }] },
    });
    const { vocabulary } = await opened.vocabularyStore.open('animals');
    expect(vocabulary.idOfUri('http://example.org/dog')).toBe(1);
    expect(vocabulary.idOfUri('http://example.org/owl')).toBe(3);
  });

  test('a file with a mistake leaves the old vocabulary', async () => {
    const opened = await registry();
    await load(opened, ANIMALS);
    await expect(load(opened, `${ANIMALS}ex:owl a skos:Concept ; oops .\n`)).rejects.toMatchObject({
      code: 'input-invalid',
    });
    expect((await opened.vocabularyStore.open('animals')).vocabulary.nSubjects).toBe(3);
    expect(readdirSync(join(folder, 'data/vocabs/animals'))).toHaveLength(2);
  });

  describe('definitions', () => {
    const DEFINED = ANIMALS.replace('"cats"@en', '"cats"@en ; skos:definition "They purr."@en');
    const folders = () => readdirSync(join(folder, 'data/vocabs/animals')).filter((name) => /^definitions-/.test(name));
    const open = async () => (await (await registry()).vocabularyStore.open('animals')).definitions();

    test('lie beside the vocabulary, and are read by those who ask', async () => {
      await load(await registry(), DEFINED);
      expect(folders()).toHaveLength(1);
      const definitions = await open();
      expect([0, 1].map((id) => definitions?.definition(id, 'en'))).toEqual(['They purr.', undefined]);
    });

    test('of an earlier file go, and a reader that came too late has none', async () => {
      const opened = await registry();
      await load(opened, DEFINED);
      const [before] = folders();
      const early = await (await registry()).vocabularyStore.open('animals');
      await load(opened, DEFINED.replace('They purr', 'They sleep'));
      expect(folders()).toHaveLength(1);
      expect(folders()).not.toEqual([before]);
      expect((await open())?.definition(0, 'en')).toBe('They sleep.');
      expect(await early.definitions()).toBeUndefined();
      await load(opened, ANIMALS);
      expect(folders()).toEqual([]);
      expect(await open()).toBeUndefined();
    });

    test('that are damaged are told, again and again, and the vocabulary opens', async () => {
      await load(await registry(), DEFINED);
      rmSync(join(folder, 'data/vocabs/animals', folders()[0] as string), { recursive: true });
      const stored = await (await registry()).vocabularyStore.open('animals');
      expect(stored.vocabulary.nSubjects).toBe(3);
      for (let again = 0; again < 2; again++) await expect(stored.definitions()).rejects.toThrow(/definitions-/);
    });
  });

  test('a failed first loading leaves no folder', async () => {
    const opened = await registry();
    await expect(load(opened, 'oops')).rejects.toThrow();
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });
});

describe('Project', () => {
  test('train reports, suggest suggests, evaluate compares', async () => {
    const opened = await registry();
    await load(opened, ANIMALS);
    const project = opened.project('p');
    expect(project.isTrained()).toBe(false);
    const docs = [...DOCS, { text: 'nothing', subjects: [] }];
    const report = await project.train(corpusOf(docs));
    expect(report).toMatchObject({
      projectId: 'p',
      backend: 'keyword',
      nDocuments: 3,
      skipped: { withoutKnownSubject: 1 },
      nSubjectsSeen: 3,
      nSubjectsUnseen: 0,
      details: { nWords: 5 },
    });
    expect(project.isTrained()).toBe(true);
    expect([...(await project.trainFrequency())]).toEqual([1, 2, 1]);
    const batch = await project.suggest([{ text: 'tail' }, { text: '' }], ALL);
    expect([...batch.indptr]).toEqual([0, 2, 2]);
    expect([...batch.subjectIds]).toEqual([1, 2]);
    const evaluation = await project.evaluate(corpusOf(DOCS), { ...ALL, nJobs: 1 });
    expect(evaluation.nDocs).toBe(3);
    expect(evaluation.metrics.get('Recall (doc avg)')).toBe(1);
    expect(evaluation.further.bands[1]?.recallAt10).toBe(1);
    const manifest = JSON.parse(readFileSync(join(project.folder, 'manifest.json'), 'utf8'));
    expect(manifest.meta).toMatchObject({ seed: 0, params: { delay: 0 }, vocabulary: { id: 'animals' } });
  });

  test('suggestStream gives the same for any number of threads, in the order of documents', async () => {
    const project = await trained();
    const docs = Array.from({ length: 500 }, (_, i) => ({ text: (DOCS[i % 3] as Document).text, documentId: `${i}` }));
    const seen = async (nJobs: number) => {
      const rows: unknown[] = [];
      for await (const { docs: batch, suggestions } of project.suggestStream(corpusOf(docs).documents(), {
        ...ALL,
        nJobs,
      })) {
        for (const [i, doc] of batch.entries()) rows.push([doc.documentId, suggestions.row(i)]);
      }
      return rows;
    };
    const one = await seen(1);
    expect(one).toHaveLength(500);
    expect(one.map((row) => (row as unknown[])[0])).toEqual(docs.map((doc) => doc.documentId));
    expect(await seen(2)).toEqual(one);
  });

  test('subjects that the vocabulary rules exclude are neither learnt nor suggested, and take no places', async () => {
    const project = await trained(['vocab=animals(en,exclude=http://example.org/dog)']);
    expect([...(await project.trainFrequency())]).toEqual([1, 0, 1]);
    const batch = await project.suggest([{ text: 'tail' }], { limit: 1, threshold: 0 });
    expect([...batch.subjectIds]).toEqual([2]);
  });

  test('transforms work in training, suggesting and explaining', async () => {
    const project = await trained(['transform=limit(4)']);
    expect([...(await project.suggest([{ text: 'milk tail' }], ALL)).subjectIds]).toEqual([1, 2]);
    expect([...(await project.suggest([{ text: 'tail' }], ALL)).subjectIds]).toEqual([]);
    const { text, explanations } = await project.explain({ text: 'milk tail' }, [2]);
    expect(text).toBe('milk');
    expect(explanations[0]?.evidence[0]).toMatchObject({ start: 0, end: 4 });
  });

  test('limit is applied before threshold', async () => {
    const project = await trained();
    const doc = { text: 'tail milk' }; // dogs 2/64, cows 2/64
    expect((await project.suggest([doc], { limit: 1, threshold: 0 })).row(0)).toEqual([
      { subjectId: 1, score: 2 / 64 },
    ]);
    expect((await project.suggest([doc], { limit: 2, threshold: 0.5 })).row(0)).toEqual([]);
    expect((await project.suggest([doc], { limit: 0, threshold: 0 })).row(0)).toEqual([]);
  });

  test('a model works on after its vocabulary grew, and says so', async () => {
    await trained();
    const opened = await registry();
    await load(opened, MORE);
    const batch = await opened.project('p').suggest([{ text: 'purring' }], ALL);
    expect([...batch.subjectIds]).toEqual([0]);
    expect(batch.nSubjects).toBe(4);
    expect(warnings.join()).toContain('earlier version of vocabulary "animals"');
  });

  test('a model is refused where the vocabulary was built anew, is another, or is smaller', async () => {
    await trained();
    let opened = await registry();
    const lines = MORE.split('\n');
    await load(opened, [lines[0], lines[4], ...lines.slice(1, 4)].join('\n'), true);
    await expect(opened.project('p').suggest([{ text: 'purring' }], ALL)).rejects.toMatchObject({
      code: 'model-incompatible',
      hint: 'Train it again: catchword train p CORPUS',
    });
    await load(opened, ANIMALS, true);
    opened = await registry();
    expect([...(await opened.project('p').suggest([{ text: 'purring' }], ALL)).subjectIds]).toEqual([0]);
    const file = join(folder, 'animals.ttl');
    await opened.vocabularyStore.update('other', file);
    opened = await registry(['vocab=other']);
    await expect(opened.project('p').suggest([{ text: 'purring' }], ALL)).rejects.toThrow(/vocabulary "animals"/);
  });

  test('an abort and a failure in training leave the old model, or nothing', async () => {
    const project = await trained();
    const before = readdirSync(project.folder).sort();
    const controller = new AbortController();
    const reason = new Error('enough');
    const slow = new Error('never');
    const aborting: Corpus = {
      name: 'aborting',
      async *documents() {
        yield DOCS[0] as Document;
        controller.abort(reason);
        yield DOCS[1] as Document;
        throw slow;
      },
    };
    await expect(project.train(aborting, { signal: controller.signal })).rejects.toBe(reason);
    expect(readdirSync(project.folder).sort()).toEqual(before);
    const failing = (await registry()).project('p', { fail: 'yes' });
    await expect(failing.train(corpusOf(DOCS))).rejects.toThrow('no more memory');
    expect(readdirSync(project.folder).sort()).toEqual(before);
    expect([...(await project.suggest([{ text: 'purring' }], ALL)).subjectIds]).toEqual([0]);
    await project.clear();
    await expect(project.train(aborting, { signal: controller.signal })).rejects.toBe(reason);
    expect(existsSync(project.folder)).toBe(false);
  });

  test('clear removes the model, and says whether there was one', async () => {
    const project = await trained();
    expect(await project.clear()).toBe(true);
    expect(existsSync(project.folder)).toBe(false);
    expect(await project.clear()).toBe(false);
    await expect(project.suggest([{ text: 'x' }], ALL)).rejects.toMatchObject({ code: 'not-trained' });
  });

  test('an empty corpus, a wrong parameter and a missing vocabulary are told before anything is written', async () => {
    const opened = await registry();
    await expect(opened.project('p').train(corpusOf(DOCS))).rejects.toMatchObject({ code: 'vocabulary-not-found' });
    await load(opened, ANIMALS);
    await expect(opened.project('p').train(corpusOf([]))).rejects.toMatchObject({ code: 'corpus-empty' });
    await expect(opened.project('p', { delay: 'x', dely: '1' }).train(corpusOf(DOCS))).rejects.toThrow(
      /dely: backend "keyword" has no such parameter; did you mean delay\?\n {2}delay: x is not a number/,
    );
    expect(existsSync(opened.project('p').folder)).toBe(false);
    await expect(opened.project('p').evaluate(corpusOf([]), { ...ALL, nJobs: 1 })).rejects.toMatchObject({
      code: 'not-trained',
    });
  });
});

describe('Registry', () => {
  test('project offers what may have been meant', async () => {
    const opened = await registry();
    expect(() => opened.project('q1')).toThrow("No projects found with id 'q1'.");
    expect(() => opened.vocabularyId('animls')).toThrow(
      expect.objectContaining({ code: 'vocabulary-not-found', hint: 'Did you mean "animals"?' }),
    );
    expect(() => opened.vocabularyId('../x')).toThrow(expect.objectContaining({ code: 'id-invalid' }));
  });

  test('vocabularies are those of projects, then others that are loaded', async () => {
    const opened = await registry();
    expect(await opened.vocabularies()).toEqual([{ id: 'animals', loaded: false, languages: [] }]);
    await load(opened, ANIMALS);
    await opened.vocabularyStore.update('aaa', join(folder, 'animals.ttl'));
    expect(await opened.vocabularies()).toEqual([
      { id: 'animals', loaded: true, languages: ['de', 'en'], nSubjects: 3 },
      { id: 'aaa', loaded: true, languages: ['de', 'en'], nSubjects: 3 },
    ]);
  });
});
