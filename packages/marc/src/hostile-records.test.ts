import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { hostileFile, hostileHeadings } from './hostile-records.test.fixture.js';
import { RecordMapper } from './map-record.js';
import { parseMarcMapping } from './marc-mapping.js';
import { openMarc } from './marc-pieces.js';
import type { MarcPlace } from './marc-record.js';
import { inChunks } from './sample-records.test.fixture.js';
import { type WriteMarcOptions, writeMarc } from './write-records.js';
import { emptyMarcWriteReport } from './write-report.js';

const ORIGIN = { projectId: 'yso-fi', modelId: 'abc1', date: '20261127' };
const N_RECORDS = 300;

const mappingOf = (headings: object) =>
  parseMarcMapping(
    { subjects: { prefixes: { '(X)': 'http://example.org/' }, sources: ['other'] }, headings },
    (problem) => {
      throw new Error(problem);
    },
  );

// The sums are those of the reader and the writer that went field by field, by strings (commit b4076fc).
test.each([
  [1, 97, { source: 'yso/fin', agency: 'FI-X' }, {}, '9656d9ce40754e0a2dae822b8f5ac760f15f4f64'],
  [
    2,
    1 << 16,
    { source: 'yso/fin', agency: 'FI-X' },
    { recordsAlone: true },
    'dcb65cf5d3bb4b1918bd0ab8212c3742dc7ffe4b',
  ],
  [3, 1000, { source: 'lcsh', identifier: 'prefixed' }, {}, '948f91a059bbc8291d7a2f51a0dd813a8917c168'],
  [
    4,
    1 << 20,
    { dialect: 'dnb', agency: 'FI-X', identifier: 'notation' },
    {},
    '6ea4618aebb15a0022667713633d5a35412dc921',
  ],
  [5, 1 << 16, { tag: '653', process: 'catchword yso-fi@abc0' }, {}, '6c455577b654ee9463d99c4887c8e1ff7767ff1b'],
  [
    6,
    1 << 16,
    { source: 'yso/fin', agency: 'FI-X' },
    { format: 'marcxml' },
    '291cdd204db7203fa256a5a4ba8034abad0750d0',
  ],
] as const)(
  'bytes, report, problems and documents of file %i stay what they are',
  async (seed, size, headings, more, sum) => {
    const file = hostileFile(seed, N_RECORDS);
    const mapping = mappingOf(headings);
    const report = emptyMarcWriteReport();
    const problems: [string, MarcPlace][] = [];
    const options: WriteMarcOptions = {
      ...{ format: 'iso2709', mapping, origin: ORIGIN, ...more },
      onProblem: (problem, place) => problems.push([problem, place]),
    };
    const hash = createHash('sha1');
    const source = {
      next: ({ place }: { place: MarcPlace }) => ({ value: hostileHeadings(1000 * seed + place.number) }),
    };
    const stream = await openMarc(inChunks(file, size), 'file', 'iso2709');
    for await (const run of writeMarc(stream, source, options, report)) hash.update(run);
    hash.update(JSON.stringify([report, problems]));
    const mapper = new RecordMapper(mapping);
    for await (const pieces of (await openMarc(inChunks(file, size), 'file', 'iso2709')).pieces) {
      for (const piece of pieces) {
        hash.update(piece.bytes);
        if (piece.kind === 'broken') hash.update(JSON.stringify([piece.problem, piece.place]));
        if (piece.kind === 'record') {
          const { fields, leader, tags } = piece.record;
          const shown = fields.map(({ tag, value, indicators, subfields }) => [tag, value, indicators, subfields]);
          hash.update(JSON.stringify([piece.place, leader, tags, shown, mapper.map(piece.record)]));
        }
      }
    }
    expect([report.nBroken, report.nHeadingsRemoved, report.nPresent].every((n) => n > 10)).toBe(true);
    expect(hash.digest('hex')).toBe(sum);
  },
);
