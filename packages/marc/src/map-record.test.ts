import { describe, expect, test } from 'vitest';
import { parseFieldSpec, specValues } from './field-spec.js';
import { readIso2709 } from './iso2709-record.js';
import { RecordMapper } from './map-record.js';
import { DEFAULT_MARC_MAPPING, type MarcMapping, parseMarcMapping } from './marc-mapping.js';
import type { MarcRecord } from './marc-record.js';
import { iso2709Of, SAMPLE, type SampleField } from './sample-records.test.fixture.js';

const recordOf = (fields: readonly SampleField[]) => {
  const record = readIso2709(iso2709Of(fields));
  if (typeof record === 'string') throw new Error(record);
  return record;
};
const mappingOf = (given: unknown) => {
  const problems: string[] = [];
  const mapping = parseMarcMapping(given, (problem) => problems.push(problem));
  return { mapping, problems };
};
const mapRecord = (record: MarcRecord, mapping: MarcMapping) => {
  const mapper = new RecordMapper(mapping);
  const mapped = mapper.map(record);
  expect(mapper.map(record)).toEqual(mapped); // nothing is left of the record before
  expect(mapper.id(record)).toBe(mapped.documentId);
  return mapped;
};
const STANDARD = mappingOf(undefined).mapping;

describe('specValues', () => {
  const values = (spec: string, fields = SAMPLE) => {
    const parsed = parseFieldSpec(spec);
    return parsed && specValues(recordOf(fields), parsed);
  };

  test('reads subfields, places, the leader, several tags', () => {
    expect(values('245$a$b')).toEqual(['Kissat ja koirat : kotieläimet']);
    expect(values('245$c')).toEqual(['Päivi Virtanen.']);
    expect(values('008/35-37')).toEqual(['fin']);
    expect(values('LDR/6')).toEqual(['a']);
    expect(values('6XX$a')).toEqual(['kissat', 'Dogs.']);
    expect(values('650')).toEqual(['kissat', 'Dogs.']);
    expect(values('999')).toEqual([]);
    expect(values('245$a', [['245', '10$a\u0098Die \u009cKatzen\n =']])).toEqual(['Die Katzen']);
  });

  test.each(['24', '245$', '245$aa', '001$a', '008/9-3', 'X', '245 a', ''])('refuses %j', (text) => {
    expect(parseFieldSpec(text)).toBeUndefined();
  });
});

describe('mapRecord', () => {
  test('makes text, id and metadata by the mapping that ships', () => {
    expect(mapRecord(recordOf(SAMPLE), STANDARD)).toEqual({
      text: 'Kissat ja koirat : kotieläimet\nKertoo kissoista & koirista.',
      documentId: 'b1',
      metadata: { title: 'Kissat ja koirat : kotieläimet', creator: 'Virtanen, Päivi.', year: '2020', language: 'fin' },
      headings: [
        { uris: ['http://example.org/p1'], label: 'kissat', isOfSource: false },
        { uris: [], label: 'Dogs.', isOfSource: false },
      ],
    });
  });

  test('finds subjects by numbers behind a prefix, and by the code of the source', () => {
    const fields: SampleField[] = [
      ['650', ' 7$aKatzen$0(DE-588)4029856-6$0(DE-101)123$2gnd'],
      ['650', ' 0$aCats'],
      ['651', ' 7$aKiel$1https://x.org/kiel$2other'],
    ];
    const { mapping } = mappingOf({ subjects: { sources: ['gnd', 'lcsh'] } });
    expect(mapRecord(recordOf(fields), mapping).headings).toEqual([
      {
        uris: ['https://d-nb.info/gnd/4029856-6', 'http://d-nb.info/gnd/4029856-6'],
        label: 'Katzen',
        isOfSource: true,
      },
      { uris: [], label: 'Cats', isOfSource: true },
      { uris: ['https://x.org/kiel'], label: 'Kiel', isOfSource: false },
    ]);
  });

  test('leaves out what a machine made, unless it is wanted', () => {
    const fields: SampleField[] = [
      ['650', ' 7$81\\p$aby machine$2x'],
      ['650', ' 7$82.1\\p$aaccepted$2x'],
      ['650', ' 7$83\\p$aby an old machine$2x'],
      ['650', ' 7$81\\u$aby hand$2x'],
      ['883', '0 $81\\p$aannif$c0.9'],
      ['883', '1 $82\\p$aannif'],
      ['883', '  $83\\p$amaschinell gebildet'],
    ];
    const labels = (machine: boolean) =>
      mapRecord(recordOf(fields), mappingOf({ subjects: { machine } }).mapping).headings.map(({ label }) => label);
    expect(labels(false)).toEqual(['accepted', 'by hand']);
    expect(labels(true)).toHaveLength(4);
    const words: SampleField[] = [
      ['653', '  $aby hand'],
      ['653', '  $81\\p$aby machine'],
      ['883', '0 $81\\p$acatchword'],
    ];
    expect(mapRecord(recordOf(words), STANDARD).text).toBe('by hand');
  });
});

describe('parseMarcMapping', () => {
  test('takes what it ships with', () => {
    expect(mappingOf(DEFAULT_MARC_MAPPING)).toEqual({ mapping: STANDARD, problems: [] });
  });

  test('tells everything that cannot be used', () => {
    const { problems } = mappingOf({
      txet: [],
      text: ['245$a', '24'],
      metadata: 'title',
      subjects: { tags: ['65'], machine: 'maybe', prefix: {} },
      headings: { tag: '700', tags: { 'http://x/y': '9' }, dialect: 'rvk', source: ['gnd'] },
    });
    expect(problems).toEqual([
      'txet is not known; did you mean text?',
      'metadata has to be a map of keys',
      'subjects.prefix is not known; did you mean prefixes?',
      'headings.tags.http://x/y is one of 600, 610, 611, 630, 648, 650, 651, 653, 655, 084',
      'text: "24" names no field; for example 245$a$b, 008/35-37, 653',
      'subjects.tags: "65" is no tag; for example 650, 6XX',
      'subjects.machine is one of true, false',
      'headings.tag is one of 600, 610, 611, 630, 648, 650, 651, 653, 655, 084',
      'headings.source has to be a text',
      'headings.dialect is one of standard, dnb',
    ]);
    expect(mappingOf(['245'])).toMatchObject({ problems: ['the file has to be a map of keys'] });
  });
});
