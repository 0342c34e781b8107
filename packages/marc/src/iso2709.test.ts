import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iso2709Pieces } from './iso2709-pieces.js';
import { readIso2709 } from './iso2709-record.js';
import type { MarcPiece } from './marc-record.js';
import { inChunks, iso2709Of, SAMPLE } from './sample-records.test.fixture.js';

async function piecesOf(bytes: Buffer, size = 1 << 18): Promise<MarcPiece[]> {
  const pieces: MarcPiece[] = [];
  for await (const some of iso2709Pieces(inChunks(bytes, size))) pieces.push(...some);
  return pieces;
}

const record = (bytes: Buffer) => {
  const read = readIso2709(bytes);
  if (typeof read === 'string') throw new Error(read);
  return read;
};

const problemOf = (bytes: Buffer) => {
  const read = readIso2709(bytes);
  return typeof read === 'string' ? read : 'none';
};

describe('readIso2709', () => {
  test('reads fields, indicators, subfields', () => {
    const { leader, fields } = record(iso2709Of(SAMPLE));
    expect(leader.slice(5, 12)).toBe('nam a22');
    expect(fields.map(({ tag }) => tag)).toEqual(SAMPLE.map(([tag]) => tag));
    expect(fields[0]).toMatchObject({ value: 'b1', indicators: '', subfields: [] });
    expect(fields[3]).toMatchObject({ value: '', indicators: '10' });
    expect(fields[3]?.subfields).toEqual([
      { code: 'a', value: 'Kissat ja koirat :' },
      { code: 'b', value: 'kotieläimet /' },
      { code: 'c', value: 'Päivi Virtanen.' },
    ]);
  });

  test('believes bytes that are UTF-8 rather than a leader that says MARC-8', () => {
    const bytes = iso2709Of([['245', '10$aKäse']]);
    bytes[9] = 0x20;
    const { fields, layout } = record(bytes);
    expect(fields[0]?.subfields[0]?.value).toBe('Käse');
    expect(layout).toMatchObject({ encoding: 'utf-8', contradictsLeader: true });
    expect(record(iso2709Of([['245', '10$aCheese']], ' ')).layout).toMatchObject({ contradictsLeader: false });
  });

  test('reads MARC-8, and refuses its sets of other scripts with their name', () => {
    const { fields } = record(iso2709Of([['245', '10$aK\xe8ase und \xc7']], ' '));
    expect(fields[0]?.subfields[0]?.value).toBe('Käse und ß');
    expect(problemOf(iso2709Of([['245', '10$a\x1b(N@ABC']], ' '))).toMatch(/Cyrillic/);
  });

  test.each<[string, number, string, RegExp]>([
    ['a length that is too short', 0, '00099', /leader says 99 bytes, and it has/],
    ['no length', 0, 'abcde', /does not begin with a length/],
    ['a base outside', 12, '99999', /no place for its fields/],
    ['a base elsewhere', 12, '00048', /directory does not end at byte 48/],
    ['an entry that leads outside', 27, '9999', /puts field 001 outside/],
    ['an entry that is no number', 28, 'x', /puts field 001 outside/],
    ['an entry that ends early', 27, '0002', /field 001 does not end where/],
    ['two fields in one place', 43, '00000', /field 008 does not end|lies where another/],
    ['a tag with a control character', 24, '\x01', /has the tag/],
    ['bytes that are not UTF-8', iso2709Of(SAMPLE).length - 4, '\xff', /says UTF-8, and its bytes are not/],
  ])('tells of %s', (_, at, damage, problem) => {
    const bytes = iso2709Of(SAMPLE);
    bytes.write(damage, at, 'latin1');
    expect(problemOf(bytes)).toMatch(problem);
    expect(problemOf(Buffer.from('00007\x1e\x1d'))).toMatch(/has 7 bytes/);
  });

  test('never throws, and never reads outside, whatever the bytes', () => {
    const whole = iso2709Of(SAMPLE);
    const damages = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damages, (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        const read = readIso2709(bytes);
        if (typeof read === 'string') return read.length > 0;
        return read.fields.every(({ value, subfields }) => value.length + subfields.length < whole.length);
      }),
    );
  });
});

describe('iso2709Pieces', () => {
  const one = iso2709Of(SAMPLE);
  const two = iso2709Of([
    ['001', 'b2'],
    ['245', '10$aHunde'],
  ]);

  test('gives the file byte for byte, whatever the chunks', async () => {
    const file = Buffer.concat([one, Buffer.from('\r\n'), two, Buffer.from('\n')]);
    for (const size of [1, 7, 100, 1 << 18]) {
      const pieces = await piecesOf(file, size);
      expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).equals(file)).toBe(true);
      const records = pieces.flatMap((piece) => (piece.kind === 'record' ? piece : []));
      expect(records.map(({ place }) => place)).toEqual([
        { number: 1, offset: 0 },
        { number: 2, offset: one.length + 2 },
      ]);
      expect(records[1]?.record.fields[0]?.value).toBe('b2');
    }
  });

  test('goes on behind what is broken', async () => {
    const wrong = Buffer.from(one);
    wrong.write('00100', 0);
    const file = Buffer.concat([wrong, two, one.subarray(0, 80)]);
    const pieces = await piecesOf(file, 50);
    expect(pieces.map((piece) => (piece.kind === 'broken' ? piece.problem : piece.kind))).toEqual([
      `its leader says 100 bytes, and it has ${one.length}`,
      'record',
      'the file ends in the middle of it',
    ]);
    expect(pieces.at(-1)).toMatchObject({ place: { number: 3, offset: one.length + two.length } });
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).equals(file)).toBe(true);
  });

  test('passes over megabytes without an end as one broken record', async () => {
    const noise = Buffer.alloc(5 << 20, 'x');
    const file = Buffer.concat([noise, Buffer.from('\x1d'), two]);
    const kinds: string[] = [];
    let nBytes = 0;
    for await (const some of iso2709Pieces(Readable.from([file.subarray(0, 3 << 20), file.subarray(3 << 20)]))) {
      for (const { kind, bytes } of some) {
        kinds.push(kind);
        nBytes += bytes.length;
      }
    }
    expect(kinds.filter((kind) => kind !== 'between')).toEqual(['broken', 'record']);
    expect(nBytes).toBe(file.length);
  });
});
