import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError, SUBJECT_REMOVED } from '@catchword/core';
import { packArrays, viewArrays } from '@catchword/math';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openVocabulary, readVocabulary, type SkosVocabulary, updateVocabulary } from './index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-update-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface TestConcept {
  readonly labels: Readonly<Record<string, string>>;
  readonly broader?: readonly string[];
}

async function parse(concepts: Readonly<Record<string, TestConcept>>) {
  const path = join(folder, 'x.ttl');
  const blocks = Object.entries(concepts).map(([name, { labels, broader = [] }]) =>
    [
      `ex:${name} a skos:Concept ;`,
      ...Object.entries(labels).map(([language, text]) => `skos:prefLabel "${text}"@${language} ;`),
      ...broader.map((each) => `skos:broader ex:${each} ;`),
      'skos:inScheme ex:scheme .',
    ].join('\n'),
  );
  writeFileSync(
    path,
    `@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix ex: <http://e/> .\n${blocks.join('\n')}`,
  );
  return readVocabulary(path);
}

const URIS = ['a', 'b', 'c'].map((name) => `http://e/${name}`);

test('what is deprecated from the start is not added; what becomes so is told', async () => {
  const path = join(folder, 'x.tsv');
  const read = (lines: string) => {
    writeFileSync(path, lines);
    return readVocabulary(path, { language: 'en' });
  };
  const { vocabulary, changes } = updateVocabulary(undefined, await read('ex:a\tone\nex:b\t\n'));
  expect(changes.added).toEqual([0]);
  const { changes: changes2 } = updateVocabulary(vocabulary, await read('ex:a\t\nex:b\t\nex:c\t\nex:d\tfour\n'));
  expect(changes2).toMatchObject({ added: [3], removed: [], relabelled: [], restored: [], deprecated: [0] });
});

test('an update keeps ids by URI, keeps the rows of removed subjects, appends new ones', async () => {
  const first = await parse({
    a: { labels: { en: 'one' } },
    b: { labels: { en: 'two', fi: 'kaksi' }, broader: ['a', 'c'] },
    c: { labels: { en: 'three' } },
  });
  const { vocabulary: v1, changes } = updateVocabulary(undefined, first);
  expect(changes.added).toEqual([0, 1, 2]);

  const second = await parse({
    d: { labels: { en: 'four' }, broader: ['c'] },
    c: { labels: { en: 'THREE' } },
    b: { labels: { fi: 'kaksi', en: 'two' }, broader: ['c'] },
  });
  const { vocabulary: v2, changes: changes2 } = updateVocabulary(v1, second);
  expect(changes2).toEqual({ added: [3], removed: [0], relabelled: [2], restored: [], deprecated: [] });
  expect([0, 1, 2, 3].map((id) => v2.uri(id))).toEqual([...URIS, 'http://e/d']);
  expect([...v2.status]).toEqual([SUBJECT_REMOVED, 0, 0, 0]);
  expect([v2.idOfUri('http://e/a'), v2.idOfLabel('one', 'en'), v2.label(0, 'en')]).toEqual([-1, -1, undefined]);
  expect([v2.idOfLabel('kaksi', 'fi'), v2.idOfLabel('THREE', 'en'), v2.idOfUri('http://e/d')]).toEqual([1, 2, 3]);
  expect([...v2.broader.indptr, ...v2.broader.indices]).toEqual([0, 0, 1, 1, 2, 2, 2]);
  expect([...v2.narrower.indptr, ...v2.narrower.indices]).toEqual([0, 0, 0, 2, 2, 1, 3]);

  const { vocabulary: v3, changes: changes3 } = updateVocabulary(v2, first);
  expect(changes3).toEqual({ added: [], removed: [3], relabelled: [2], restored: [0], deprecated: [] });
  expect([0, 1, 2].map((id) => v3.uri(id))).toEqual(URIS);
  expect(v3.label(0, 'en')).toBe('one');
});

test('an update with the same file changes nothing', async () => {
  const parsed = await parse({ a: { labels: { en: 'one' }, broader: ['b'] }, b: { labels: { de: 'zwei' } } });
  const { vocabulary } = updateVocabulary(undefined, parsed);
  const again = updateVocabulary(vocabulary, parsed);
  expect(Object.values(again.changes).flat()).toEqual([]);
  expect(again.vocabulary.fingerprint).toBe(vocabulary.fingerprint);
});

test('after any run of updates each URI has its first id and the labels and relations of the last file', async () => {
  const version = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    fc.record({
      labels: fc.dictionary(fc.constantFrom('en', 'de', 'fi'), fc.constantFrom('x', 'y', 'z'), { minKeys: 1 }),
      broader: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e')),
    }),
    { minKeys: 1 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(version, { minLength: 1, maxLength: 4 }), async (versions) => {
      const ids = new Map<string, number>();
      let vocabulary: SkosVocabulary | undefined;
      for (const concepts of versions) {
        vocabulary = updateVocabulary(vocabulary, await parse(concepts)).vocabulary;
        for (const name of Object.keys(concepts)) if (!ids.has(name)) ids.set(name, ids.size);
      }
      const v = vocabulary as SkosVocabulary;
      const last = versions.at(-1) as Record<string, TestConcept>;
      expect(v.nSubjects).toBe(ids.size);
      for (const [name, id] of ids) {
        expect(v.uri(id)).toBe(`http://e/${name}`);
        expect(v.idOfUri(`http://e/${name}`)).toBe(Object.hasOwn(last, name) ? id : -1);
        for (const language of ['en', 'de', 'fi']) expect(v.label(id, language)).toBe(last[name]?.labels[language]);
        const broader = (last[name]?.broader ?? []).filter((each) => each !== name && Object.hasOwn(last, each));
        const expected = broader.map((each) => ids.get(each) as number).sort();
        expect([...v.broader.indices.subarray(v.broader.indptr[id], v.broader.indptr[id + 1])]).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
}, 20_000);

test('a vocabulary opens over its arrays, which it hands over as they are', async () => {
  const { vocabulary } = updateVocabulary(undefined, await parse({ a: { labels: { en: 'one' } } }));
  const data = vocabulary.toModelData();
  const opened = openVocabulary(JSON.parse(JSON.stringify(data.meta)) && data);
  expect(opened.fingerprint).toBe(vocabulary.fingerprint);
  expect(opened.labels.texts.bytes.buffer).toBe(data.pack.buffer);
  expect(opened.toModelData()).toBe(data);
});

test('openVocabulary refuses arrays that are missing or differ in length, and newer formats', async () => {
  const { vocabulary } = updateVocabulary(undefined, await parse({ a: { labels: { en: 'one' } } }));
  const { meta, pack } = vocabulary.toModelData();
  const { status, ...others } = viewArrays(pack);
  const codeOf = (open: () => unknown) => {
    try {
      open();
    } catch (error) {
      return (error as ModelError).code;
    }
    return undefined;
  };
  expect(codeOf(() => openVocabulary({ meta, pack: packArrays(others) }))).toBe('model-damaged');
  const longer = packArrays({ ...others, status: new Uint8Array((status?.length ?? 0) + 1) });
  expect(codeOf(() => openVocabulary({ meta, pack: longer }))).toBe('model-damaged');
  expect(codeOf(() => openVocabulary({ meta: {}, pack }))).toBe('model-damaged');
  expect(codeOf(() => openVocabulary({ meta: { ...meta, formatVersion: 99 }, pack }))).toBe('model-incompatible');
  expect(() => openVocabulary({ meta: {}, pack })).toThrow(ModelError);
});
