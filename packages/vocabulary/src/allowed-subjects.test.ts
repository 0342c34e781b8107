import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  allowedSubjects,
  readVocabulary,
  type SkosVocabulary,
  updateVocabulary,
  type VocabularyRule,
} from './index.js';

let folder: string;
let vocabulary: SkosVocabulary;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-rules-'));
  const path = join(folder, 'x.ttl');
  writeFileSync(
    path,
    `@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <http://e/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
ex:a a skos:Concept, ex:Place ; skos:prefLabel "a"@en .
ex:b a skos:Concept, ex:Place ; skos:prefLabel "b"@en ; skos:inScheme ex:s .
ex:c a skos:Concept ; skos:prefLabel "c"@en ; skos:topConceptOf ex:s .
ex:d a skos:Concept ; skos:prefLabel "d"@en ; owl:deprecated true .
ex:group a skos:Collection ; skos:member ex:a, ex:d .`,
  );
  vocabulary = updateVocabulary(undefined, await readVocabulary(path)).vocabulary;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** @returns the local names of the subjects that are allowed */
function allowed(...rules: [VocabularyRule['key'], ...string[]][]): string {
  const mask = allowedSubjects(
    vocabulary,
    rules.map(([key, ...values]) => ({ key, values })),
  );
  return ['a', 'b', 'c', 'd'].filter((_, id) => mask[id] === 1).join('');
}

test('rules work in the order written, from all subjects that are not deprecated', () => {
  expect(allowed()).toBe('abc');
  expect(allowed(['exclude', 'http://e/a', '<http://e/b>'])).toBe('c');
  expect(allowed(['exclude_type', 'ex:Place'])).toBe('c');
  expect(allowed(['exclude_type', 'ex:Place'], ['include', 'ex:b'])).toBe('bc');
  expect(allowed(['include', 'ex:b'], ['exclude_type', 'ex:Place'])).toBe('c');
  expect(allowed(['exclude', '*'], ['include_scheme', 'ex:s'])).toBe('bc');
  expect(allowed(['exclude', '*'], ['include_collection', 'ex:group'])).toBe('a');
  expect(allowed(['exclude_scheme', 'http://e/s'])).toBe('a');
  expect(allowed(['exclude_collection', 'ex:group'])).toBe('bc');
  expect(allowed(['exclude_type', 'skos:Concept'], ['include_type', 'ex:Place'])).toBe('ab');
});

test('a value that matches nothing is warned of and does no harm', () => {
  const warnings: string[] = [];
  const rules: VocabularyRule[] = [
    { key: 'exclude_type', values: ['ex:Person', 'unknown:Place'] },
    { key: 'exclude_scheme', values: ['ex:none'] },
    { key: 'exclude', values: ['__proto__:x'] },
  ];
  const mask = allowedSubjects(vocabulary, rules, (message) => warnings.push(message));
  expect([...mask]).toEqual([1, 1, 1, 0]);
  expect(warnings).toEqual([
    'exclude_type: no concepts found with type ex:Person',
    'exclude_type: no concepts found with type unknown:Place',
    'exclude_scheme: no concepts found in scheme ex:none',
    'exclude: no concepts found with URI __proto__:x',
  ]);
});
