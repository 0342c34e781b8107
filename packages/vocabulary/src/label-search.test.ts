import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foldLabel } from './fold-label.js';
import { LabelSearch } from './label-search.js';
import { readVocabulary } from './read-vocabulary.js';
import type { SkosVocabulary } from './skos-vocabulary.js';
import { updateVocabulary } from './update-vocabulary.js';

const folder = mkdtempSync(join(tmpdir(), 'catchword-label-search-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Concepts `<u:0>`, `<u:1>`, …, each with these properties in Turtle. */
async function vocabularyOf(concepts: readonly string[]): Promise<SkosVocabulary> {
  const path = join(folder, 'concepts.ttl');
  const lines = concepts.map((properties, i) => `<u:${i}> a skos:Concept ; ${properties} .`);
  writeFileSync(path, ['@prefix skos: <http://www.w3.org/2004/02/skos/core#> .', ...lines].join('\n'));
  return updateVocabulary(undefined, await readVocabulary(path)).vocabulary;
}

test('foldLabel makes what people type equal to labels', () => {
  expect(foldLabel('  Straße,  "Öl"—Wärme-Pumpe (U.S.) ')).toBe('strasse ol warme pumpe u s');
  expect(foldLabel('Ærøskøbing Łódź İstanbul Ｆｕｌｌ')).toBe('aeroskobing lodz istanbul full');
  expect(foldLabel('猫 Кошка')).toBe('猫 кошка');
  expect(foldLabel(' -–… ')).toBe('');
});

let search: LabelSearch;
beforeAll(async () => {
  const vocabulary = await vocabularyOf([
    'skos:prefLabel "water"@en, "vesi"@fi',
    'skos:prefLabel "water supply"@en ; skos:altLabel "supply of drinking water"@en',
    'skos:prefLabel "ground water"@en',
    'skos:prefLabel "waterfalls"@en, "Wasserfälle"@de',
    'skos:prefLabel "Wärme"@en ; skos:hiddenLabel "waterr"@en',
    'skos:prefLabel "water mills"@en ; <http://www.w3.org/2002/07/owl#deprecated> true',
  ]);
  search = LabelSearch.open(vocabulary);
});
const found = (query: string, options: object = {}) =>
  search.search(query, { limit: 10, ...options }).map(({ subjectId, match }) => `${subjectId} ${match}`);

describe('LabelSearch', () => {
  test('whole labels come first, then beginnings, then words within', () => {
    expect(found('water')).toEqual(['0 exact', '1 start', '3 start', '4 start', '2 word']);
    expect(found('WATER s')).toEqual(['1 start']);
    expect(found('warm')).toEqual(['4 start']);
    expect(found('wasserfalle')).toEqual(['3 exact']);
  });

  test('words are found in any order', () => {
    expect(found('supply water')).toEqual(['1 words']);
    expect(found('wat grou')).toEqual(['2 words']);
    expect(found('wat nothing')).toEqual([]);
  });

  test('a language leaves out the others, and deprecated subjects wait to be asked for', () => {
    expect(found('wa', { language: 'de' })).toEqual(['3 start']);
    expect(found('vesi', { language: 'en' })).toEqual([]);
    expect(found('water mills')).toEqual([]);
    expect(found('water m', { deprecated: true })).toEqual(['5 start']);
    expect(found('water', { deprecated: true }).at(-1)).toBe('5 start');
    expect(found('water', { limit: 2 }).length).toBe(2);
    for (const nothing of ['', ' ', '–', '(']) expect(found(nothing)).toEqual([]);
  });

  test('finds what a look through all labels finds', async () => {
    const word = fc.stringMatching(/^[abä]{1,4}$/);
    const label = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
    await fc.assert(
      fc.asyncProperty(fc.array(label, { minLength: 1, maxLength: 20 }), label, async (labels, query) => {
        const vocabulary = await vocabularyOf(labels.map((text) => `skos:prefLabel "${text}"@en`));
        const searched = LabelSearch.open(vocabulary, LabelSearch.build(vocabulary)).search(query, { limit: 100 });
        const words = foldLabel(query).split(' ');
        const naive = labels.flatMap((text, i) => {
          const folded = ` ${foldLabel(text)}`;
          return words.every((each) => folded.includes(` ${each}`)) ? [i] : [];
        });
        expect(searched.map(({ subjectId }) => subjectId).sort((a, b) => a - b)).toEqual(naive);
      }),
      { numRuns: 100 },
    );
  });
});
