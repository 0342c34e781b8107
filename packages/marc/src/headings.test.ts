import { loadXmlParser, type ParseXml } from '@catchword/input';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { convertedRecord } from './convert-record.js';
import { headingDiff } from './heading-diff.js';
import { type Heading, type HeadingOrigin, headedRecord } from './headings.js';
import { readIso2709 } from './iso2709-record.js';
import { type MarcMapping, parseMarcMapping } from './marc-mapping.js';
import type { MarcRecord } from './marc-record.js';
import { readMarcxml } from './marcxml-record.js';
import { iso2709Of, marcxmlOf, SAMPLE, type SampleField } from './sample-records.test.fixture.js';

let parse: ParseXml;
beforeAll(async () => {
  parse = await loadXmlParser();
});

const whole = (record: MarcRecord | string): MarcRecord => {
  if (typeof record === 'string') throw new Error(record);
  return record;
};
const isoRecord = (fields: readonly SampleField[], encoding: 'a' | ' ' = 'a') =>
  whole(readIso2709(iso2709Of(fields, encoding)));
const xmlRecord = (text: string) => whole(readMarcxml(Buffer.from(text), parse));
const again = (record: MarcRecord, bytes: Buffer) =>
  whole(record.layout.format === 'iso2709' ? readIso2709(bytes) : readMarcxml(bytes, parse));

const mappingOf = (headings: Record<string, unknown> = {}): MarcMapping =>
  parseMarcMapping({ headings: { source: 'yso/fin', agency: 'FI-X', ...headings } }, (problem) => {
    throw new Error(problem);
  });
const MAPPING = mappingOf();
const ORIGIN: HeadingOrigin = { projectId: 'yso-fi', modelId: 'abc1', date: '20261127' };

const heading = (name: string, confidence: number, more: Partial<Heading> = {}): Heading => ({
  uri: `http://example.org/${name}`,
  label: name,
  notation: undefined,
  tag: '650',
  confidence,
  ...more,
});
const shown = (record: MarcRecord) =>
  record.fields.map(({ tag, value, indicators, subfields }) =>
    [tag, indicators.replaceAll(' ', '_'), value, ...subfields.map(({ code, value }) => `$${code}${value}`)].join(''),
  );

test('headings of a record whose leader says MARC-8 are MARC-8, also where all that it has is ASCII', () => {
  const { bytes } = headedRecord(isoRecord([['245', '10$aCats']], ' '), [heading('Säugetiere', 0.5)], MAPPING, ORIGIN);
  expect(bytes[9]).toBe(0x20);
  expect(bytes.includes(Buffer.from('S\xe8augetiere', 'latin1'))).toBe(true);
  expect(shown(whole(readIso2709(bytes))).some((field) => field.includes('$aSäugetiere$'))).toBe(true);
});

test.each([
  ['lcsh', '650', [['650', ' 0$aBirds.']]],
  ['mesh', '650', [['650', ' 2$abirds']]],
  ['lcsh', '653', [['653', '  $acats$abirds']]],
  ['gnd', '650', [['650', ' 7$aVögel$2gnd$0http://example.org/birds']]],
] as [string, string, SampleField[]][])('a heading of a person by %s, %s, is known', (source, tag, fields) => {
  const mapping = mappingOf({ source, tag });
  const birds = { uri: 'https://example.org/birds', label: fields[0]?.[1].includes('Birds') ? 'Birds' : 'birds', tag };
  const { nPresent, added } = headedRecord(isoRecord(fields), [heading('birds', 0.5, birds)], mapping, ORIGIN);
  expect([nPresent, added]).toEqual([1, []]);
});

test('a heading with a subdivision is another one', () => {
  const { nPresent } = headedRecord(
    isoRecord([['650', ' 0$abirds$xBehavior']]),
    [heading('birds', 0.5)],
    mappingOf({ source: 'lcsh' }),
    ORIGIN,
  );
  expect(nPresent).toBe(0);
});

describe.each(['iso2709', 'marcxml'] as const)('headedRecord, %s', (format) => {
  const recordOf = (fields: readonly SampleField[]) =>
    format === 'iso2709' ? isoRecord(fields) : xmlRecord(marcxmlOf(fields));

  test('puts headings behind those that are there, each with its 883', () => {
    const record = recordOf(SAMPLE);
    const { bytes } = headedRecord(record, [heading('koirat', 0.87314), heading('äidit', 0.5)], MAPPING, ORIGIN);
    const before = shown(record);
    expect(shown(again(record, bytes))).toEqual([
      ...before.slice(0, 7),
      '650_7$81\\p$akoirat$2yso/fin$0http://example.org/koirat',
      '650_7$82\\p$aäidit$2yso/fin$0http://example.org/äidit',
      ...before.slice(7),
      '8830_$81\\p$acatchword yso-fi@abc1$c0.8731$d20261127$qFI-X',
      '8830_$82\\p$acatchword yso-fi@abc1$c0.5000$d20261127$qFI-X',
    ]);
  });

  test('replaces its own headings alone, with numbers that are free', () => {
    const fields: SampleField[] = [
      ['001', 'b1'],
      ['245', '10$84\\c$aKissat'],
      ['650', ' 7$81\\p$aannif says$2yso/fin'],
      ['650', ' 7$aby hand$2yso/fin'],
      ['883', '0 $81\\p$aannif$c0.9$qFI-X'],
    ];
    const record = recordOf(fields);
    const first = headedRecord(record, [heading('a', 0.9), heading('b', 0.8)], MAPPING, ORIGIN);
    const marked = again(record, first.bytes);
    expect(shown(marked).filter((line) => line.includes('$8'))).toEqual([
      '24510$84\\c$aKissat',
      '650_7$81\\p$aannif says$2yso/fin',
      '650_7$85\\p$aa$2yso/fin$0http://example.org/a',
      '650_7$86\\p$ab$2yso/fin$0http://example.org/b',
      '8830_$81\\p$aannif$c0.9$qFI-X',
      '8830_$85\\p$acatchword yso-fi@abc1$c0.9000$d20261127$qFI-X',
      '8830_$86\\p$acatchword yso-fi@abc1$c0.8000$d20261127$qFI-X',
    ]);

    const later = { ...ORIGIN, modelId: 'abc2', date: '20270101' };
    const second = headedRecord(marked, [heading('c', 0.7)], MAPPING, later);
    expect(headingDiff(second)).toEqual([
      '- 650 _7 $8 5\\p $a a $2 yso/fin $0 http://example.org/a',
      '- 650 _7 $8 6\\p $a b $2 yso/fin $0 http://example.org/b',
      '- 883 0_ $8 5\\p $a catchword yso-fi@abc1 $c 0.9000 $d 20261127 $q FI-X',
      '- 883 0_ $8 6\\p $a catchword yso-fi@abc1 $c 0.8000 $d 20261127 $q FI-X',
      '+ 650 _7 $8 5\\p $a c $2 yso/fin $0 http://example.org/c',
      '+ 883 0_ $8 5\\p $a catchword yso-fi@abc2 $c 0.7000 $d 20270101 $q FI-X',
    ]);
    const direct = headedRecord(record, [heading('c', 0.7)], MAPPING, later);
    expect(second.bytes.equals(direct.bytes)).toBe(true);
    const nothing = headedRecord(again(record, second.bytes), [], MAPPING, later);
    expect(nothing.bytes.equals(record.bytes)).toBe(true);
  });

  test('leaves a record as it is where only the date would change', () => {
    const record = recordOf(SAMPLE);
    const first = headedRecord(record, [heading('a', 0.9)], MAPPING, ORIGIN);
    const second = headedRecord(again(record, first.bytes), [heading('a', 0.9)], MAPPING, {
      ...ORIGIN,
      date: '20270101',
    });
    expect([second.bytes.equals(first.bytes), headingDiff(second)]).toEqual([true, []]);
  });

  test('does not touch what a person accepted, another agency or project made, or a person has a say in', () => {
    const own = 'acatchword yso-fi@old$c0.5$d20200101';
    const fields: SampleField[] = [
      ['650', ' 7$81\\p$aaccepted'],
      ['650', ' 7$82\\p$aof another agency'],
      ['650', ' 7$83\\p$aof another project'],
      ['650', ' 7$84\\p$85\\p$aof two'],
      ['650', ' 7$86\\p$87\\x$alinked elsewhere'],
      ['650', ' 7$88\\p$aours'],
      ['883', `1 $81\\p$${own}$qFI-X`],
      ['883', `0 $82\\p$${own}$qFI-Y`],
      ['883', '0 $83\\p$acatchword yso-fi2@old$qFI-X'],
      ['883', `0 $84\\p$${own}$qFI-X`],
      ['883', '  $85\\p$aby hand'],
      ['883', `0 $86\\p$${own}$qFI-X`],
      ['883', `0 $88\\p$${own}$qFI-X`],
    ];
    const record = recordOf(fields);
    expect(headingDiff(headedRecord(record, [], MAPPING, ORIGIN))).toEqual([
      '- 650 _7 $8 8\\p $a ours',
      '- 883 0_ $8 8\\p $a catchword yso-fi@old $c 0.5 $d 20200101 $q FI-X',
    ]);
  });

  test('leaves out what a person has given', () => {
    const record = recordOf(SAMPLE);
    const suggestions = [
      heading('p1', 0.9), // the same $0
      heading('other', 0.8, { label: 'kissat' }), // the same $2 and $a
      heading('Dogs.', 0.7), // of another source
    ];
    const { nPresent, added } = headedRecord(record, suggestions, MAPPING, ORIGIN);
    expect([nPresent, added.map(({ subfields }) => subfields[1]?.value)]).toEqual([
      2,
      ['Dogs.', 'catchword yso-fi@abc1'],
    ]);
  });

  test('changes no byte of other fields, whatever they hold', () => {
    const content = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .map((text) => text.replace(/[\x00-\x1f\x7f-\x9f$\ufffe\uffff]|[\ud800-\udfff]/g, 'x'));
    const field = fc
      .tuple(fc.constantFrom('245', '300', '520', '650', '655', '700', '9AB'), content)
      .map(([tag, text]): SampleField => [tag, `1 $a${text}$2local`]);
    const name = fc.string({ minLength: 1, maxLength: 12 }).map((text) => text.replace(/[\x00-\x1f]/g, 'x'));
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), fc.array(name, { maxLength: 4 }), (fields, names) => {
        const record = recordOf([['001', 'x'], ...fields]);
        const headings = names.map((each, i) => heading(each, 1 / (i + 1), { tag: i % 2 ? '651' : '650' }));
        const { bytes } = headedRecord(record, headings, MAPPING, ORIGIN);
        const after = again(record, bytes);
        const people = after.fields.filter(({ tag, subfields }) => tag !== '883' && subfields[0]?.code !== '8');
        expect(people.map(({ tag, value, indicators, subfields }) => ({ tag, value, indicators, subfields }))).toEqual(
          record.fields.map(({ tag, value, indicators, subfields }) => ({ tag, value, indicators, subfields })),
        );
        expect(headedRecord(after, [], MAPPING, ORIGIN).bytes.equals(record.bytes)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('headings', () => {
  const lines = (headings: readonly Heading[], mapping: MarcMapping) =>
    headingDiff(headedRecord(isoRecord([['001', 'x']]), headings, mapping, ORIGIN)).map((line) => line.slice(2));

  test('have tags by kind, indicators by tag, and identifiers as wanted', () => {
    const cat = heading('cat', 0.5, { uri: 'https://d-nb.info/gnd/4029856-6', notation: '590' });
    expect(
      lines(
        [
          { ...cat, tag: '600', label: 'Katz, Anna' },
          { ...cat, tag: '610' },
          { ...cat, tag: '653' },
          { ...cat, tag: '084' },
        ],
        mappingOf({ identifier: 'prefixed', source: 'gnd' }),
      ).filter((line) => !line.startsWith('883')),
    ).toEqual([
      '084 __ $8 4\\p $a 590 $2 gnd $0 (DE-588)4029856-6',
      '600 17 $8 1\\p $a Katz, Anna $2 gnd $0 (DE-588)4029856-6',
      '610 27 $8 2\\p $a cat $2 gnd $0 (DE-588)4029856-6',
      '653 __ $8 3\\p $a cat',
    ]);
    expect(lines([cat], mappingOf({ source: 'lcsh', identifier: 'notation' }))[0]).toBe('650 _0 $8 1\\p $a cat $0 590');
    expect(
      lines(
        [heading('a', 1)],
        parseMarcMapping(undefined, () => undefined),
      )[0],
    ).toBe('650 _4 $8 1\\p $a a $0 http://example.org/a');
  });

  test('have the comma and the codes of the German dialect', () => {
    const dnb = mappingOf({ dialect: 'dnb', process: 'aepgnd', agency: 'DE-101' });
    const record = isoRecord([['001', 'x']]);
    const first = headedRecord(record, [heading('a', 0.23683)], dnb, ORIGIN);
    expect(headingDiff(first)[1]).toBe('+ 883 0_ $8 1\\p $a aepgnd $c 0,23683 $d 20261127 $q DE-101');
    expect(headedRecord(again(record, first.bytes), [], dnb, ORIGIN).bytes.equals(record.bytes)).toBe(true);
  });

  test('that a person accepted are no longer ours, and those that a person gave never were', () => {
    const record = isoRecord([['001', 'x']]);
    const machine = headedRecord(record, [heading('a', 0.9), heading('b', 0.8)], MAPPING, ORIGIN);
    const decided: Heading[] = [heading('a', 0.9, { decision: 'accepted' }), heading('c', 0, { decision: 'added' })];
    const reviewed = headedRecord(again(record, machine.bytes), decided, MAPPING, ORIGIN);
    const after = again(record, reviewed.bytes);
    expect(shown(after)).toEqual([
      '001x',
      '650_7$81\\p$aa$2yso/fin$0http://example.org/a',
      '650_7$ac$2yso/fin$0http://example.org/c',
      '8831_$81\\p$acatchword yso-fi@abc1$c0.9000$d20261127$qFI-X',
    ]);
    for (const later of [[], decided, [heading('a', 0.5)]]) {
      expect(headedRecord(after, later, MAPPING, ORIGIN).bytes).toBe(after.bytes);
    }
  });

  test('are written in MARC-8 into records in MARC-8', () => {
    const record = isoRecord([['245', '10$aK\xe8ase']], ' ');
    const { bytes } = headedRecord(record, [heading('Käse', 0.5), heading('中', 0.4)], MAPPING, ORIGIN);
    expect(bytes.includes(Buffer.from('\x1faK\xe8ase\x1f2', 'latin1'))).toBe(true);
    expect(bytes.includes('&#x4E2D;')).toBe(true);
    expect(
      again(record, bytes).fields.map(({ subfields }) => subfields.find(({ code }) => code === 'a')?.value),
    ).toEqual(expect.arrayContaining(['Käse', '中']));
  });

  test('that would make a record or a field too long are refused, and the record stays', () => {
    const fields = Array.from({ length: 10 }, (): SampleField => ['520', `  $a${'x'.repeat(9_900)}`]);
    const record = isoRecord([...fields, ['521', `  $a${'x'.repeat(700)}`]]);
    const full = headedRecord(record, [heading('a', 1)], MAPPING, ORIGIN);
    expect(full.refused).toMatch(/^it would have 1\d{5} bytes, more than 99,999$/);
    expect(full.bytes).toBe(record.bytes);
    const long = headedRecord(isoRecord(SAMPLE), [heading('x'.repeat(10_000), 1)], MAPPING, ORIGIN);
    expect(long.refused).toMatch(/^field 650 would have 20\d{3} bytes, more than 9,999$/);
  });

  test('go to their place also where the leader stands last', () => {
    const text = marcxmlOf([
      ['001', 'x'],
      ['650', ' 7$aby hand'],
    ]).replace(/ *<leader>.*\n/, '');
    const record = xmlRecord(text.replace('  </record>', '    <leader>00000nam a2200000 i 4500</leader>\n  </record>'));
    const headed = headedRecord(record, [heading('a', 1)], MAPPING, ORIGIN);
    expect(again(record, headed.bytes).fields.map(({ tag }) => tag)).toEqual(['001', '650', '650', '883']);
    expect(headedRecord(again(record, headed.bytes), [], MAPPING, ORIGIN).bytes.equals(record.bytes)).toBe(true);
  });

  test('keep the indentation and prefix of MARCXML', () => {
    const record = xmlRecord(marcxmlOf(SAMPLE.slice(0, 6), 'marc:'));
    const { bytes } = headedRecord(record, [heading('a<b', 1)], MAPPING, ORIGIN);
    expect(bytes.toString().split('\n').slice(-4, -1)).toEqual([
      expect.stringMatching(/^ {4}<marc:datafield tag="650".*kissat/),
      '    <marc:datafield tag="650" ind1=" " ind2="7"><marc:subfield code="8">1\\p</marc:subfield><marc:subfield code="a">a&lt;b</marc:subfield><marc:subfield code="2">yso/fin</marc:subfield><marc:subfield code="0">http://example.org/a&lt;b</marc:subfield></marc:datafield>',
      expect.stringMatching(/^ {4}<marc:datafield tag="883"/),
    ]);
  });
});

describe('convertedRecord', () => {
  const bytesOf = (converted: Buffer | string) => {
    if (typeof converted === 'string') throw new Error(converted);
    return converted;
  };

  test('goes to the other format and back, the same', () => {
    const iso = isoRecord(SAMPLE);
    const xml = whole(readMarcxml(bytesOf(convertedRecord(iso, 'marcxml')), parse));
    expect(shown(xml)).toEqual(shown(iso));
    expect(xml.leader).toBe(iso.leader);
    expect(bytesOf(convertedRecord(xml, 'iso2709')).equals(iso.bytes)).toBe(true);
  });

  test('turns MARC-8 into UTF-8, and says so in the leader', () => {
    const iso = isoRecord([['245', '10$aK\xe8ase']], ' ');
    const xml = whole(readMarcxml(bytesOf(convertedRecord(iso, 'marcxml')), parse));
    expect([xml.leader[9], shown(xml)]).toEqual(['a', ['24510$aKäse']]);
  });

  test('refuses what the other format has no room or no characters for', () => {
    const long = xmlRecord(marcxmlOf([['520', `  $a${'ä'.repeat(5000)}`]]));
    expect(convertedRecord(long, 'iso2709')).toBe('field 520 would have 10005 bytes, more than 9,999');
    expect(convertedRecord(isoRecord([['245', '10$aa\x03b']]), 'marcxml')).toMatch(/field 245 holds U\+0003/);
  });
});
