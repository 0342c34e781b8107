import { expect, test } from 'vitest';
import type { Heading } from './headings.js';
import { readIso2709 } from './iso2709-record.js';
import type { MarcRecord } from './marc-record.js';
import { KnownConcepts, MetConcepts, NO_HEADINGS, NO_RECORD, PartsPacker } from './packed-parts.js';
import { iso2709Of, SAMPLE } from './sample-records.test.fixture.js';

const RECORD = readIso2709(iso2709Of(SAMPLE)) as MarcRecord;
const PLACE = { number: 1, offset: 0 };

const heading = (n: number, more: Partial<Heading> = {}): Heading => ({
  uri: `http://example.org/${n}`,
  label: `label ${n}`,
  notation: n % 3 === 0 ? `${n}` : undefined,
  tag: '650',
  confidence: 1 / (n + 1),
  ...more,
});

test('packed parts are what they were', () => {
  const packer = new PartsPacker(new MetConcepts());
  const headings = [heading(1), heading(2, { modelId: 'm2' }), heading(1, { label: 'other', decision: 'added' })];
  packer.add(Buffer.from('\n'));
  packer.add({ record: RECORD, headings, place: PLACE });
  packer.add({ record: RECORD, headings: undefined, place: PLACE });
  packer.add({ record: RECORD, headings: [], place: PLACE });
  expect([...new KnownConcepts().unpacked(packer.packed())]).toEqual([
    { bytes: Buffer.from('\n'), headings: NO_RECORD },
    { bytes: RECORD.bytes, headings },
    { bytes: RECORD.bytes, headings: NO_HEADINGS },
    { bytes: RECORD.bytes, headings: [] },
  ]);
  expect(packer.places).toEqual([undefined, PLACE, PLACE, PLACE]);
});

test('a thread is told of a concept once, and of all again when there were too many', () => {
  const met = new MetConcepts();
  const known = new KnownConcepts();
  const nNew: number[] = [];
  for (const first of [0, 0, 15_000, 30_000, 0, 100]) {
    const packer = new PartsPacker(met);
    const headings = Array.from({ length: 15_000 }, (_, i) => heading(first + i, { modelId: `m${first}` }));
    packer.add({ record: RECORD, headings, place: PLACE });
    const packed = packer.packed();
    nNew.push(packed.newConcepts.length);
    expect([...known.unpacked(packed)]).toEqual([{ bytes: RECORD.bytes, headings }]);
  }
  expect(nNew).toEqual([15_000, 0, 15_000, 15_000, 15_000, 100]);
});

test('parts of any length are packed', () => {
  const packer = new PartsPacker(new MetConcepts());
  const parts = [3, 1_000_000, 7].map((length) => Buffer.alloc(length, length));
  for (const part of parts) packer.add(part);
  expect(packer.isFull).toBe(true);
  expect(
    [...new KnownConcepts().unpacked(packer.packed())].map(({ bytes }) => bytes.equals(parts.shift() as Buffer)),
  ).toEqual([true, true, true]);
});
