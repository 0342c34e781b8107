import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError } from '@catchword/core';
import { packArrays, viewArrays } from '@catchword/math';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConceptDefinitions, readVocabulary, updateVocabulary } from './index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-definitions-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const PREFIXES = `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://e/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
`;
const TURTLE = `${PREFIXES}
ex:cat a skos:Concept ; skos:prefLabel "cats"@en ; skos:scopeNote "Not lions."@en , "Keine Löwen."@de ;
  skos:definition "Small animals\\n   that purr."@en , "Others."@en .
ex:dog a skos:Concept ; skos:prefLabel "dogs"@en ; skos:scopeNote ex:note ;
  skos:definition [ rdf:value "Animals that bark."@en-GB ] .
ex:note rdf:value "Des animaux."@fr , "Bark."@en-gb . ex:stray rdf:value "nobody's"@fi .
ex:cow a skos:Concept ; skos:prefLabel "cows"@en ; skos:definition "no language" , "" .
ex:owl a skos:Concept ; skos:prefLabel "owls"@en .
`;
const XML = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
<skos:Concept rdf:about="http://e/cat"><skos:prefLabel xml:lang="en">cats</skos:prefLabel>
  <skos:scopeNote xml:lang="en">Not lions.</skos:scopeNote><skos:scopeNote xml:lang="de">Keine Löwen.</skos:scopeNote>
  <skos:definition xml:lang="en">Small animals
    that purr.</skos:definition><skos:definition xml:lang="en">Others.</skos:definition></skos:Concept>
<skos:Concept rdf:about="http://e/dog"><skos:prefLabel xml:lang="en">dogs</skos:prefLabel>
  <skos:scopeNote rdf:resource="http://e/note"/>
  <skos:definition rdf:parseType="Resource"><rdf:value xml:lang="en-GB">Animals that bark.</rdf:value></skos:definition></skos:Concept>
<rdf:Description rdf:about="http://e/note"><rdf:value xml:lang="fr">Des animaux.</rdf:value>
  <rdf:value xml:lang="en-gb">Bark.</rdf:value></rdf:Description>
<skos:Concept rdf:about="http://e/cow"><skos:prefLabel xml:lang="en">cows</skos:prefLabel>
  <skos:definition>no language</skos:definition></skos:Concept>
<skos:Concept rdf:about="http://e/owl"><skos:prefLabel xml:lang="en">owls</skos:prefLabel></skos:Concept>
</rdf:RDF>`;
const JSON_LD = JSON.stringify({
  '@context': {
    skos: 'http://www.w3.org/2004/02/skos/core#',
    rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
    ex: 'http://e/',
    in: '@language',
    is: '@value',
  },
  '@graph': [
    {
      '@id': 'ex:cat',
      '@type': 'skos:Concept',
      'skos:prefLabel': { is: 'cats', in: 'en' },
      'skos:scopeNote': [
        { is: 'Not lions.', in: 'en' },
        { is: 'Keine Löwen.', in: 'de' },
      ],
      'skos:definition': [
        { is: 'Small animals that purr.', in: 'en' },
        { is: 'Others.', in: 'en' },
      ],
    },
    {
      '@id': 'ex:dog',
      '@type': 'skos:Concept',
      'skos:prefLabel': { is: 'dogs', in: 'en' },
      'skos:scopeNote': {
        '@id': 'ex:note',
        'rdf:value': [
          { is: 'Des animaux.', in: 'fr' },
          { is: 'Bark.', in: 'en-gb' },
        ],
      },
      'skos:definition': { 'rdf:value': { is: 'Animals that bark.', in: 'en-GB' } },
    },
    {
      '@id': 'ex:cow',
      '@type': 'skos:Concept',
      'skos:prefLabel': { is: 'cows', in: 'en' },
      'skos:definition': 'no language',
    },
    { '@id': 'ex:owl', '@type': 'skos:Concept', 'skos:prefLabel': { is: 'owls', in: 'en' } },
  ],
});

async function load(name: string, content: string) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return readVocabulary(path);
}

async function definitionsOf(name: string, content: string): Promise<ConceptDefinitions> {
  return updateVocabulary(undefined, await load(name, content)).definitions as ConceptDefinitions;
}

describe('definitions', () => {
  test.each([
    ['x.ttl', TURTLE],
    ['x.rdf', XML],
    ['x.jsonld', JSON_LD],
  ])(
    'are the first in a language, else the scope note; a text may be a node with a value (%s)',
    async (name, content) => {
      const definitions = await definitionsOf(name, content);
      const byLanguage = (id: number) =>
        definitions
          .all(id)
          .map(({ text, language }) => `${text}@${language}`)
          .sort();
      expect(byLanguage(0)).toEqual(['Keine Löwen.@de', 'Small animals that purr.@en']);
      expect(byLanguage(1)).toEqual(['Animals that bark.@en-gb', 'Des animaux.@fr']);
      expect(byLanguage(2)).toEqual(['no language@']);
      expect(byLanguage(3)).toEqual([]);
      expect(definitions.languages).toEqual(['', 'de', 'en', 'en-gb', 'fr']);
    },
  );

  test('of a region, and those without language, stand in', async () => {
    const definitions = await definitionsOf('y.ttl', TURTLE);
    expect([0, 1, 2, 3, 4].map((id) => definitions.definition(id, 'EN'))).toEqual([
      'Small animals that purr.',
      'Animals that bark.',
      'no language',
      undefined,
      undefined,
    ]);
    expect(definitions.definition(0, 'de')).toBe('Keine Löwen.');
    expect(definitions.definition(0, 'fi')).toBeUndefined();
  });

  test('are no part of what makes a vocabulary another', async () => {
    const without = TURTLE.replace(/skos:(definition|scopeNote)/g, 'ex:other');
    const [a, b] = [await load('with.ttl', TURTLE), await load('without.ttl', without)].map((parsed) =>
      updateVocabulary(undefined, parsed),
    );
    expect(b?.definitions).toBeUndefined();
    expect(b?.vocabulary.fingerprint).toBe(a?.vocabulary.fingerprint);
    const bytes = (from: typeof a) => Buffer.from(from?.vocabulary.toModelData().pack.buffer as SharedArrayBuffer);
    expect(bytes(b).equals(bytes(a))).toBe(true);
  });

  test('go with their concepts where an update keeps ids, and are those of the new file alone', async () => {
    const first = updateVocabulary(undefined, await load('a.ttl', TURTLE));
    const next = `${PREFIXES}
ex:emu a skos:Concept ; skos:prefLabel "emus"@en ; skos:definition "Large birds."@en .
ex:owl a skos:Concept ; skos:prefLabel "owls"@en ; skos:definition "Birds of the night."@en .
ex:cat a skos:Concept ; skos:prefLabel "cats"@en .`;
    const { vocabulary, definitions } = updateVocabulary(first.vocabulary, await load('b.ttl', next));
    const texts = Array.from({ length: vocabulary.nSubjects }, (_, id) => definitions?.definition(id, 'en'));
    expect(texts).toEqual([undefined, undefined, undefined, 'Birds of the night.', 'Large birds.']);
  });

  test('that are articles are cut, and whole characters stay', async () => {
    const long = await definitionsOf(
      'long.ttl',
      `${PREFIXES}ex:a a skos:Concept ; skos:prefLabel "a"@en ; skos:definition "${'x'.repeat(3999)}😀 and more"@en .`,
    );
    expect(long.definition(0, 'en')).toBe('x'.repeat(3999));
  });

  test('that were stored are checked before they are used', async () => {
    const { meta, pack } = (await definitionsOf('z.ttl', TURTLE)).toModelData();
    const { textOffsets: _, ...arrays } = viewArrays(pack);
    expect(() => new ConceptDefinitions({ meta, pack: packArrays(arrays) })).toThrow(ModelError);
    expect(() => new ConceptDefinitions({ meta: { ...meta, formatVersion: 2 }, pack })).toThrow(/version 2/);
    expect(() => new ConceptDefinitions({ meta: {}, pack })).toThrow(ModelError);
    expect(new ConceptDefinitions({ meta, pack }).definition(0, 'en')).toBe('Small animals that purr.');
  });
});
