import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { LABEL_ALT, LABEL_HIDDEN, LABEL_PREF, SUBJECT_ACTIVE, SUBJECT_DEPRECATED } from '@catchword/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReadVocabularyOptions, readVocabulary, type SkosVocabulary, updateVocabulary } from './index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-vocabulary-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const PREFIXES = '@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix ex: <http://e/> .\n';
const RDF_XML =
  '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">\n';

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function load(name: string, content: string | Buffer, options: ReadVocabularyOptions = {}) {
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const parsed = await readVocabulary(file(name, content), { ...options, onWarning });
  return { vocabulary: updateVocabulary(undefined, parsed).vocabulary, warnings };
}

/** Labels of a subject as `kind text@language`. */
function labelsOf(vocabulary: SkosVocabulary, id: number): string[] {
  const { texts, kind, language, indptr } = vocabulary.labels;
  const names = { [LABEL_PREF]: 'pref', [LABEL_ALT]: 'alt', [LABEL_HIDDEN]: 'hidden' } as Record<number, string>;
  const found: string[] = [];
  for (let k = indptr[id] as number; k < (indptr[id + 1] as number); k++) {
    found.push(`${names[kind[k] as number]} ${texts.get(k)}@${vocabulary.languages[language[k] as number]}`);
  }
  return found;
}

const TURTLE = `${PREFIXES}
ex:a a skos:Concept ; skos:prefLabel "cats"@en, "Katzen"@de ; skos:altLabel "cat"@en ; skos:hiddenLabel "katz"@en ;
  skos:notation "1.2" ; skos:broader ex:b ; skos:inScheme ex:scheme .
ex:b a skos:Concept, ex:Animal ; skos:prefLabel "animals"@en ; skos:related ex:c .
ex:c a skos:Concept ; skos:prefLabel "pets"@EN .
ex:group a skos:Collection ; skos:member ex:a, ex:c .
`;
const N_TRIPLES = TURTLE_TRIPLES();
function TURTLE_TRIPLES(): string {
  const skos = 'http://www.w3.org/2004/02/skos/core#';
  const type = '<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>';
  const label = (s: string, p: string, text: string, language: string) =>
    `<http://e/${s}> <${skos}${p}> "${text}"@${language} .`;
  const link = (s: string, p: string, o: string) => `<http://e/${s}> <${skos}${p}> <http://e/${o}> .`;
  return [
    ...['a', 'b', 'c'].map((s) => `<http://e/${s}> ${type} <${skos}Concept> .`),
    label('a', 'prefLabel', 'cats', 'en'),
    label('a', 'prefLabel', 'Katzen', 'de'),
    label('a', 'altLabel', 'cat', 'en'),
    label('a', 'hiddenLabel', 'katz', 'en'),
    `<http://e/a> <${skos}notation> "1.2" .`,
    link('a', 'broader', 'b'),
    link('a', 'inScheme', 'scheme'),
    `<http://e/b> ${type} <http://e/Animal> .`,
    label('b', 'prefLabel', 'animals', 'en'),
    link('b', 'related', 'c'),
    label('c', 'prefLabel', 'pets', 'EN'),
    `<http://e/group> ${type} <${skos}Collection> .`,
    link('group', 'member', 'a'),
    link('group', 'member', 'c'),
  ].join('\n');
}
const XML = `${RDF_XML}
<skos:Concept rdf:about="http://e/a"><skos:prefLabel xml:lang="en">cats</skos:prefLabel>
  <skos:prefLabel xml:lang="de">
    Katzen
  </skos:prefLabel><skos:altLabel xml:lang="en">c<![CDATA[a]]>t</skos:altLabel>
  <skos:hiddenLabel xml:lang="en">katz</skos:hiddenLabel><skos:notation>1.2</skos:notation>
  <skos:broader rdf:resource="http://e/b"/><skos:inScheme rdf:resource="http://e/scheme"/></skos:Concept>
<skos:Concept rdf:about="http://e/b"><rdf:type rdf:resource="http://e/Animal"/>
  <skos:prefLabel xml:lang="en">animals</skos:prefLabel><skos:related rdf:resource="http://e/c"/></skos:Concept>
<skos:Concept rdf:about="http://e/c"><skos:prefLabel xml:lang="EN">pets</skos:prefLabel></skos:Concept>
<skos:Collection rdf:about="http://e/group"><skos:member rdf:resource="http://e/a"/>
  <skos:member rdf:resource="http://e/c"/></skos:Collection>
</rdf:RDF>`;
const JSON_LD = JSON.stringify({
  '@context': {
    skos: 'http://www.w3.org/2004/02/skos/core#',
    ex: 'http://e/',
    uri: '@id',
    type: '@type',
    graph: '@graph',
    prefLabel: { '@id': 'skos:prefLabel', '@container': '@language' },
  },
  graph: [
    {
      prefLabel: { en: 'cats', de: 'Katzen' },
      'skos:altLabel': { '@value': 'cat', '@language': 'en' },
      'skos:hiddenLabel': { '@value': 'katz', '@language': 'en' },
      'skos:notation': '1.2',
      'skos:broader': { uri: 'ex:b' },
      'skos:inScheme': { uri: 'ex:scheme' },
      type: 'skos:Concept',
      uri: 'ex:a',
    },
    { uri: 'ex:b', type: ['skos:Concept', 'ex:Animal'], prefLabel: { en: 'animals' }, 'skos:related': { uri: 'ex:c' } },
    { uri: 'ex:c', type: 'skos:Concept', prefLabel: { EN: 'pets' } },
    { uri: 'ex:group', type: 'skos:Collection', 'skos:member': [{ uri: 'ex:a' }, { uri: 'ex:c' }] },
  ],
});

describe('readVocabulary gives the same vocabulary', () => {
  const files: [string, string][] = [
    ['x.ttl', TURTLE],
    ['x.n3', TURTLE],
    ['x.nt', N_TRIPLES],
    ['x.rdf', XML],
    ['x.owl', XML],
    ['x.jsonld', JSON_LD],
    ['x.json', JSON_LD],
    ['no-suffix', TURTLE],
    ['no-suffix-triples', N_TRIPLES],
    ['x.trig', TURTLE],
  ];
  for (const [name, content] of files) {
    for (const gzip of [false, true]) {
      test(`from ${name}${gzip ? '.gz' : ''}`, async () => {
        const path = gzip ? `${name}.gz` : name;
        const { vocabulary: v, warnings } = await load(path, gzip ? gzipSync(content) : content);
        expect(warnings).toEqual([]);
        expect(Array.from({ length: v.nSubjects }, (_, id) => v.uri(id))).toEqual([
          'http://e/a',
          'http://e/b',
          'http://e/c',
        ]);
        expect(v.languages).toEqual(['de', 'en']);
        expect(labelsOf(v, 0).sort()).toEqual(['alt cat@en', 'hidden katz@en', 'pref Katzen@de', 'pref cats@en']);
        expect(labelsOf(v, 0).slice(2)).toEqual(['alt cat@en', 'hidden katz@en']);
        expect(labelsOf(v, 2)).toEqual(['pref pets@en']);
        expect([v.notation(0), v.notation(1)]).toEqual(['1.2', undefined]);
        expect([...v.broader.indptr, ...v.broader.indices]).toEqual([0, 1, 1, 1, 1]);
        expect([...v.narrower.indptr, ...v.narrower.indices]).toEqual([0, 0, 1, 1, 0]);
        expect([...v.related.indptr, ...v.related.indices]).toEqual([0, 0, 1, 2, 2, 1]);
        expect([...v.collections.indptr, v.collectionUris.get(0)]).toEqual([0, 1, 1, 2, 'http://e/group']);
        expect([...v.schemes.indptr, v.schemeUris.get(0)]).toEqual([0, 1, 1, 1, 'http://e/scheme']);
        expect([...v.types.indptr, v.typeUris.get(0)]).toEqual([0, 0, 1, 1, 'http://e/Animal']);
      });
    }
  }

  test('whose fingerprint does not depend on the format', async () => {
    const turtle = await load('f.ttl', TURTLE);
    const triples = await load('f.nt', N_TRIPLES);
    expect(triples.vocabulary.fingerprint).toBe(turtle.vocabulary.fingerprint);
    expect((await load('g.ttl', TURTLE.replace('cats', 'cat'))).vocabulary.fingerprint).not.toBe(
      turtle.vocabulary.fingerprint,
    );
  });
});

test('SKOS-XL labels become labels; what plain labels say already is not repeated', async () => {
  const { vocabulary } = await load(
    'xl.ttl',
    `${PREFIXES}@prefix xl: <http://www.w3.org/2008/05/skos-xl#> .
     ex:a a skos:Concept ; xl:prefLabel [ xl:literalForm "one"@en ] ; xl:altLabel ex:l1, ex:l2 ; skos:altLabel "uno"@en .
     ex:l1 xl:literalForm "uno"@en . ex:l2 xl:literalForm "eins"@de-AT . ex:l3 xl:literalForm "nobody's"@fi .`,
  );
  expect(labelsOf(vocabulary, 0)).toEqual(['pref one@en', 'alt uno@en', 'alt eins@de-at']);
  expect(vocabulary.languages).toEqual(['de-at', 'en']);
});

test('rdfs:label stands in for skos:prefLabel, a label without language for one with, the URI for all', async () => {
  const { vocabulary: v, warnings } = await load(
    'labels.ttl',
    `${PREFIXES}@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
     ex:a a skos:Concept ; rdfs:label "no"@en, "ja"@de ; skos:prefLabel "yes"@en .
     ex:b a skos:Concept ; skos:prefLabel "untagged" .
     ex:c a skos:Concept .`,
  );
  expect(labelsOf(v, 0)).toEqual(['pref yes@en', 'pref ja@de']);
  expect([v.label(1, 'en'), v.label(2, 'en'), v.label(0, 'fi'), v.label(0, 'DE')]).toEqual([
    'untagged',
    'ex:c',
    undefined,
    'ja',
  ]);
  expect([v.idOfLabel('untagged', 'en'), v.idOfLabel('ex:c', 'en'), v.idOfLabel('no', 'en')]).toEqual([1, 2, -1]);
  expect(warnings).toEqual([expect.stringContaining('1 concept has no label')]);
});

test("labels of a region stand in for the language's, before those without language", async () => {
  const { vocabulary: v } = await load(
    'regions.ttl',
    `${PREFIXES}
     ex:a a skos:Concept ; skos:prefLabel "colour theory"@en-GB , "untagged" .
     ex:b a skos:Concept ; skos:prefLabel "color"@en-US , "colour"@en .`,
  );
  expect([v.label(0, 'en'), v.label(1, 'en'), v.label(0, 'en-GB'), v.label(0, 'e'), v.label(0, '')]).toEqual([
    'colour theory',
    'colour',
    'colour theory',
    'untagged',
    'untagged',
  ]);
  expect([v.idOfLabel('colour theory', 'en'), v.idOfLabel('color', 'en')]).toEqual([0, -1]);
});

test('relations: inverses and sub-properties are read; loops, repetitions and unknown targets are left out', async () => {
  const { vocabulary: v, warnings } = await load(
    'relations.ttl',
    `${PREFIXES}@prefix iso: <http://purl.org/iso25964/skos-thes#> .
     ex:a a skos:Concept ; skos:prefLabel "a"@en ; skos:broader ex:a, ex:b, ex:gone ; iso:broaderGeneric ex:b ; skos:related ex:c .
     ex:b a skos:Concept ; skos:prefLabel "b"@en ; skos:narrower ex:a, ex:c .
     ex:c a skos:Concept ; skos:prefLabel "c"@en ; skos:related ex:a .
     ex:s skos:hasTopConcept ex:b . ex:a skos:topConceptOf ex:s .
     ex:o a skos:OrderedCollection ; skos:memberList (ex:c ex:gone ex:a) .`,
  );
  expect([...v.broader.indptr, ...v.broader.indices]).toEqual([0, 1, 1, 2, 1, 1]);
  expect([...v.narrower.indptr, ...v.narrower.indices]).toEqual([0, 0, 2, 2, 0, 2]);
  expect([...v.related.indptr, ...v.related.indices]).toEqual([0, 1, 1, 2, 2, 0]);
  expect([...v.schemes.indptr]).toEqual([0, 1, 2, 2]);
  expect([...v.collections.indptr]).toEqual([0, 1, 1, 2]);
  expect(warnings).toEqual([
    expect.stringMatching(/1 broader relation leads to what is no concept here, for example <http:\/\/e\/gone>/),
    expect.stringMatching(/1 broader relation leads from a concept to itself/),
  ]);
});

test('a circle of broader is kept and named once', async () => {
  const chain = ['a', 'b', 'c', 'd'].map(
    (name, i) => `ex:${name} a skos:Concept ; skos:prefLabel "${name}"@en ; skos:broader ex:${'bcab'[i]} .`,
  );
  const { vocabulary, warnings } = await load('cycle.ttl', PREFIXES + chain.join('\n'));
  expect(vocabulary.broader.indices).toHaveLength(4);
  expect(warnings).toEqual([
    expect.stringMatching(/circle: <http:\/\/e\/a> > <http:\/\/e\/b> > <http:\/\/e\/c> > <http:\/\/e\/a>$/),
  ]);
});

test('deprecated concepts come after all others, so that ids are those of Annif', async () => {
  const { vocabulary: v } = await load(
    'deprecated.ttl',
    `${PREFIXES}@prefix owl: <http://www.w3.org/2002/07/owl#> .
     ex:old a skos:Concept ; skos:prefLabel "x"@en ; owl:deprecated true .
     ex:new a skos:Concept ; skos:prefLabel "x"@en ; owl:deprecated false .`,
  );
  expect([v.uri(0), v.uri(1)]).toEqual(['http://e/new', 'http://e/old']);
  expect([...v.status]).toEqual([SUBJECT_ACTIVE, SUBJECT_DEPRECATED]);
  expect(v.idOfLabel('x', 'en')).toBe(0);
});

test('CSV: labels by language, notation; a row without labels is deprecated, a repeated one warned of', async () => {
  const rows =
    '\ufeffuri,label_en,label_fi,notation,remark\r\n<http://e/1>,one,yksi,1,x\r\nhttp://e/2,,,,\r\nhttp://e/1,"uno, due",,,\r\n';
  const { vocabulary: v, warnings } = await load('x.csv', rows);
  expect(labelsOf(v, 0)).toEqual(['pref one@en', 'pref yksi@fi', 'alt uno, due@en']);
  expect([v.notation(0), v.uri(1), ...v.status]).toEqual(['1', 'http://e/2', SUBJECT_ACTIVE, SUBJECT_DEPRECATED]);
  expect(warnings).toEqual([expect.stringMatching(/1 row repeats a concept .*<http:\/\/e\/1> in line 4/)]);
});

test('TSV: URIs with or without brackets, notation, no label; the language has to be given', async () => {
  const lines = '<http://e/1>\tone\t1.1\n\nhttp://e/2\ttwo\r\n<http://e/3>\n';
  const { vocabulary: v } = await load('x.tsv', lines, { language: 'en' });
  expect([v.label(0, 'en'), v.notation(0), v.label(1, 'en'), ...v.status]).toEqual(['one', '1.1', 'two', 0, 0, 1]);
  await expect(load('y.tsv', lines)).rejects.toMatchObject({
    code: 'usage-invalid',
    hint: 'Please use --language option to set the language of a TSV vocabulary.',
  });
});

test('TSV: what has no colon is no URI', async () => {
  const lines = 'http://e/1\tone\nnotab\nfoo\tbar\n';
  await expect(load('x.tsv', lines, { language: 'en' })).rejects.toThrow(
    /line 2: there is no tab between URI and label\n {2}line 3: "foo" is no URI/,
  );
});

test('the content decides where the name promises another format', async () => {
  const { vocabulary, warnings } = await load('wrong.rdf', TURTLE);
  expect(vocabulary.nSubjects).toBe(3);
  expect(warnings).toEqual([expect.stringContaining('by its name it should be RDF/XML, but it holds Turtle')]);
});

describe('readVocabulary refuses', () => {
  const refused = async (
    name: string,
    content: string | Buffer,
    expected: Record<string, unknown>,
    message: RegExp,
  ) => {
    await expect(load(name, content)).rejects.toMatchObject({ hint: expect.stringMatching(/./), ...expected });
    await expect(load(name, content)).rejects.toThrow(message);
  };
  const long = (line: (i: number) => string) => Array.from({ length: 50_500 }, (_, i) => line(i));

  test('bad Turtle in line 50,000 of a gzipped file', async () => {
    const lines = (PREFIXES + long((i) => `ex:c${i} a skos:Concept .`).join('\n')).split('\n');
    lines[49_999] = 'ex:x a skos:Concept skos:prefLabel "x"@en .';
    await refused(
      'bad.ttl.gz',
      gzipSync(lines.join('\n')),
      { code: 'input-invalid', context: { path: join(folder, 'bad.ttl.gz'), line: 50_000 } },
      /bad\.ttl\.gz, line 50000: Expected punctuation/,
    );
  });

  test('bad RDF/XML in line 50,000 of a gzipped file', async () => {
    const lines = (RDF_XML + long((i) => `<skos:Concept rdf:about="http://e/${i}"/>`).join('\n')).split('\n');
    lines[49_999] = '<skos:Concept rdf:about="http://e/x"></skos:Collection>';
    await refused(
      'bad.rdf.gz',
      gzipSync(lines.join('\n')),
      { context: { path: join(folder, 'bad.rdf.gz'), line: 50_000 } },
      /line 50000/,
    );
  });

  test('bad JSON-LD, with its line', async () => {
    const nodes = Array.from({ length: 50 }, (_, i) => `{"@id":"http://e/${i}"}`);
    await refused(
      'bad.jsonld',
      `[\n${nodes.join(',\n')},\n}]`,
      { context: { path: join(folder, 'bad.jsonld'), line: 52 } },
      /line 52/,
    );
  });

  test('files that are cut off', async () => {
    const packed = gzipSync(PREFIXES + long((i) => `ex:c${i} a skos:Concept .`).join('\n'));
    await refused('cut.ttl.gz', packed.subarray(0, packed.length / 2), { code: 'file-unreadable' }, /cut off/);
    await refused('cut.rdf', XML.slice(0, XML.length / 2), {}, /ends inside \d open element/);
    await refused('cut.jsonld', JSON_LD.slice(0, JSON_LD.length / 2), {}, /ends inside an open object/);
    await refused('cut.ttl', TURTLE.slice(0, TURTLE.length - 5), {}, /line 8/);
  });

  test('entities that unfold or lead to files; those that stand for namespaces are read', async () => {
    const withDoctype = (entities: string, body: string) =>
      `<?xml version="1.0"?>\n<!DOCTYPE rdf:RDF [${entities}]>\n${RDF_XML}${body}</rdf:RDF>`;
    const concept = (text: string) =>
      `<skos:Concept rdf:about="&e;a"><skos:prefLabel>${text}</skos:prefLabel></skos:Concept>`;
    const plain = '<!ENTITY e "http://e/">';
    const { vocabulary } = await load('protege.owl', withDoctype(plain, concept('x &amp; y')));
    expect([vocabulary.uri(0), vocabulary.label(0, 'en')]).toEqual(['http://e/a', 'x & y']);
    await refused(
      'bomb.rdf',
      withDoctype(`${plain}<!ENTITY a "aaa"><!ENTITY b "&a;&a;">`, concept('&b;')),
      {},
      /entity "b" is made of other entities/,
    );
    await refused(
      'file.rdf',
      withDoctype(`${plain}<!ENTITY x SYSTEM "file:///etc/hostname">`, concept('&x;')),
      {},
      /entity "x" stands for another file/,
    );
    await refused('parameter.rdf', withDoctype('<!ENTITY % x "y">', ''), {}, /parameter entity/);
    await refused(
      'many.rdf',
      withDoctype(`${plain}<!ENTITY x "${'x'.repeat(400)}">`, concept('&x;'.repeat(10_000))),
      {},
      /a label of <http:\/\/e\/a> has 4000000 characters/,
    );
    await refused('long.rdf', withDoctype(`<!ENTITY x "${'x'.repeat(4000)}">`, ''), {}, /more than 512 characters/);
  });

  test('what is nested too deeply; Turtle survives it', async () => {
    await refused(
      'deep.rdf',
      RDF_XML + '<skos:Concept><skos:broader>'.repeat(10_000),
      {},
      /nested more than 1000 deep/,
    );
    await refused('deep.jsonld', '['.repeat(1_000_000), {}, /nested more than 100 deep/);
    const nested = `ex:a a skos:Concept ; skos:note ${'[ skos:note '.repeat(10_000)} "x" ${']'.repeat(10_000)} .`;
    expect((await load('deep.ttl', PREFIXES + nested)).vocabulary.nSubjects).toBe(1);
  });

  test('an open quotation mark before it has read everything', async () => {
    await refused(
      'open.ttl',
      `${PREFIXES}ex:a skos:prefLabel "${'x'.repeat(10_000_000)}`,
      {},
      /line 3: no triple ends/,
    );
  });

  test('a context of the network and one that comes late', async () => {
    await refused(
      'remote.jsonld',
      '{"@context":"http://127.0.0.1:9/c","@id":"http://e/1"}',
      {},
      /is at http:\/\/127\.0\.0\.1:9\/c, which is not fetched/,
    );
    await refused(
      'late.jsonld',
      '{"@graph":[{"@id":"http://e/1"}],\n"@context":{"x":"http://x/"}}',
      {},
      /@context comes after/,
    );
  });

  test('what is no vocabulary', async () => {
    await refused('empty.ttl', '', {}, /the file is empty/);
    await refused('empty.csv', ' \n', {}, /the file is empty/);
    await refused('page.rdf', '<!DOCTYPE html>\n<html></html>', {}, /web page/);
    await refused('text', 'some words\n', {}, /neither its name nor its content/);
    await refused(
      'owl.ttl',
      '<http://e/A> a <http://www.w3.org/2002/07/owl#Class> .',
      {},
      /no skos:Concept among its 1 triples/,
    );
    await refused(
      'latin1.ttl',
      Buffer.from(`${PREFIXES}ex:a skos:prefLabel "\xe4" .`, 'latin1'),
      { code: 'encoding-invalid' },
      /line 3/,
    );
    await refused('header.csv', 'http://e/1,one\n', {}, /line 1: the header has no column "uri"/);
    await expect(readVocabulary(folder)).rejects.toMatchObject({ code: 'file-unreadable' });
    await expect(readVocabulary(join(folder, 'none.ttl'))).rejects.toMatchObject({ code: 'file-not-found' });
  });

  test('bad rows of tables, up to ten with their lines', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => (i % 2 ? `bad uri ${i},x` : `http://e/${i},x`));
    await refused(
      'rows.csv',
      `uri,label_en\n${rows.join('\n')}`,
      {},
      /line 3: "bad uri 1" is no URI\n {2}line 5: "bad uri 3"[\s\S]*line 21/,
    );
  });
});
