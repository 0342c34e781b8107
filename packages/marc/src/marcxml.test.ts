import { describe, expect, test } from 'vitest';
import { RecordMapper } from './map-record.js';
import { parseMarcMapping } from './marc-mapping.js';
import { marcFormatOf, openMarc } from './marc-pieces.js';
import type { MarcPiece } from './marc-record.js';
import { marcxmlPieces } from './marcxml-pieces.js';
import { inChunks, marcxmlOf, SAMPLE } from './sample-records.test.fixture.js';

async function piecesOf(text: string, size = 1 << 18): Promise<MarcPiece[]> {
  const pieces: MarcPiece[] = [];
  for await (const some of marcxmlPieces(inChunks(Buffer.from(text), size), 'x.xml')) pieces.push(...some);
  return pieces;
}

const recordsOf = (pieces: readonly MarcPiece[]) => pieces.flatMap((piece) => (piece.kind === 'record' ? piece : []));
const problemsOf = (pieces: readonly MarcPiece[]) =>
  pieces.flatMap((piece) => (piece.kind === 'broken' ? piece.problem : []));

const collection = (...records: string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n  ${records.join('\n  ')}\n</collection>\n`;

describe('marcxmlPieces', () => {
  const one = marcxmlOf(SAMPLE);
  const two = marcxmlOf([
    ['001', 'b2'],
    ['245', '10$aHunde & <Katzen>'],
  ]);

  test('gives the file byte for byte, whatever the chunks, and the fields', async () => {
    const file = `\ufeff${collection(one, two)}`;
    for (const size of [3, 50, 1 << 18]) {
      const pieces = await piecesOf(file, size);
      expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString()).toBe(file);
      expect(recordsOf(pieces).length).toBe(2);
    }
    const [first, second] = recordsOf(await piecesOf(file));
    expect(first?.record.fields[3]).toEqual({
      tag: '245',
      value: '',
      indicators: '10',
      subfields: [
        { code: 'a', value: 'Kissat ja koirat :' },
        { code: 'b', value: 'kotieläimet /' },
        { code: 'c', value: 'Päivi Virtanen.' },
      ],
      marked: '10\x1faKissat ja koirat :\x1fbkotieläimet /\x1fcPäivi Virtanen.',
    });
    expect(first?.record.leader).toHaveLength(24);
    expect(second?.record.fields[1]?.subfields[0]?.value).toBe('Hunde & <Katzen>');
    expect(second?.place.number).toBe(2);
  });

  test('knows prefixes, CDATA, comments, single quotes, and a record alone', async () => {
    const text =
      '<!-- a <record> in a comment --><marc:record xmlns:marc="http://www.loc.gov/MARC21/slim"><!-- </marc:record> -->' +
      "<marc:datafield ind1='1' ind2='' tag='245'><marc:subfield code='a'><![CDATA[</marc:record> & record]]></marc:subfield>" +
      '</marc:datafield></marc:record>';
    for (const size of [5, 1 << 18]) {
      const [found] = recordsOf(await piecesOf(text, size));
      expect(found?.record.fields[0]).toMatchObject({ indicators: '1 ' });
      expect(found?.record.fields[0]?.subfields[0]?.value).toBe('</marc:record> & record');
    }
  });

  test('takes the inner of two records: answers of OAI-PMH', async () => {
    const oai = `<OAI-PMH><ListRecords><record><header/><metadata>${one}</metadata></record></ListRecords></OAI-PMH>`;
    const pieces = await piecesOf(oai);
    expect([recordsOf(pieces).length, problemsOf(pieces)]).toEqual([1, []]);
  });

  test('goes on behind what is broken', async () => {
    const broken = two.replace('</subfield>', '');
    const open = two.slice(0, -20);
    const pieces = await piecesOf(collection(broken, one, open, one, two.replace('245', '24')), 64);
    expect(recordsOf(pieces).map(({ place }) => place.number)).toEqual([2, 4]);
    expect(problemsOf(pieces)).toEqual([
      expect.stringMatching(/^it is not well-formed XML: line \d+, column \d+: /),
      'the next record begins before its end',
      'a field has the tag "24"',
    ]);
    expect(problemsOf(await piecesOf(collection(one).slice(0, -60)))).toEqual(['the file ends in the middle of it']);
  });

  test('expands and fetches nothing', async () => {
    const lol = `<!DOCTYPE c [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>`;
    const pieces = await piecesOf(`${lol}<collection>${one.replace('b1', '&b;&x;')}${two}</collection>`);
    expect(recordsOf(pieces).length).toBe(1);
    expect(problemsOf(pieces)).toEqual([expect.stringMatching(/not well-formed/)]);
    const deep = await piecesOf(`<record><leader>${'<a>'.repeat(1000)}</leader></record>`);
    expect(problemsOf(deep)).toEqual([expect.stringMatching(/deeper than 100/)]);
  });

  test('is not held up by what is made to hold it up', async () => {
    const many = [
      'record '.repeat(500_000),
      '<!---->'.repeat(500_000),
      `<record><leader>${'<![CDATA[]]>'.repeat(300_000)}</leader></record>`,
      `<record><datafield tag="245" ind1=" " ind2=" "><subfield code="a">${' '.repeat(3_000_000)}x</subfield></datafield></record>`,
    ];
    for (const text of many) {
      const pieces = await piecesOf(`${text}${one}`);
      const records = recordsOf(pieces);
      expect(records.at(-1)?.record.fields[0]?.value).toBe('b1');
      const [first] = records;
      if (first)
        expect(new RecordMapper(parseMarcMapping(undefined, () => undefined)).map(first.record).text).toBeTypeOf(
          'string',
        );
    }
    expect(marcFormatOf(Buffer.from(`${'<!---->'.repeat(580)}<`))).toBeUndefined();
  });

  test('refuses other encodings with a way out', async () => {
    await expect(piecesOf('<?xml version="1.0" encoding="iso-8859-1"?><collection/>')).rejects.toMatchObject({
      code: 'encoding-invalid',
      hint: expect.stringContaining('iconv -f iso-8859-1'),
    });
    expect(problemsOf(await piecesOf('<record>\ud800</record>'))).toEqual([]);
  });
});

describe('openMarc', () => {
  const formatOf = async (text: string) => (await openMarc(inChunks(Buffer.from(text), 100), 'x')).format;

  test('tells the format from the beginning', async () => {
    expect(await formatOf(collection(marcxmlOf(SAMPLE)))).toBe('marcxml');
    expect(await formatOf('\ufeff<?xml version="1.0"?>\n<!-- x --><record>')).toBe('marcxml');
    expect(await formatOf('<marc:collection xmlns:marc="http://www.loc.gov/MARC21/slim">')).toBe('marcxml');
    expect(await formatOf('\n00714cam a2200205 a 4500001001300000')).toBe('iso2709');
    expect(await formatOf('')).toBe('iso2709');
  });

  test.each([
    'a text\t<http://x/y>',
    '<rdf:RDF xmlns:rdf="x">',
    '<record xmlns="http://example.org/other">',
    '12345 cats',
  ])('refuses %s', async (text) => {
    await expect(formatOf(text)).rejects.toMatchObject({ code: 'input-invalid' });
  });
});
