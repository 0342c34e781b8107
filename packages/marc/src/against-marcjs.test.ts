import { createRequire } from 'node:module';
import { loadXmlParser } from '@catchword/input';
import { expect, test } from 'vitest';
import { convertedRecord } from './convert-record.js';
import { headedRecord } from './headings.js';
import { readIso2709 } from './iso2709-record.js';
import { parseMarcMapping } from './marc-mapping.js';
import type { MarcRecord } from './marc-record.js';
import { readMarcxml } from './marcxml-record.js';
import { iso2709Of, SAMPLE } from './sample-records.test.fixture.js';

/** What marcjs 3.0.2 makes of a record: the tag, then the value, or indicators and codes and texts by turns. */
interface MarcjsRecord {
  readonly leader: string;
  readonly fields: readonly (readonly string[])[];
}

interface Marcjs {
  parse(data: Buffer | string, format: string): MarcjsRecord;
  format(record: MarcjsRecord, format: string): Buffer | string;
}

// marcjs has no types, and is CommonJS.
const { Marc } = createRequire(import.meta.url)('marcjs') as { Marc: Marcjs };

const ours = (record: MarcRecord) =>
  record.fields.map(({ tag, value, indicators, subfields }) =>
    tag.startsWith('00')
      ? [tag, value]
      : [tag, indicators, ...subfields.flatMap((subfield) => [subfield.code, subfield.value])],
  );

test('marcjs reads what we write, in both formats, as we do; and we what it writes', async () => {
  const parse = await loadXmlParser();
  const whole = (record: MarcRecord | string) => {
    if (typeof record === 'string') throw new Error(record);
    return record;
  };
  const record = whole(readIso2709(iso2709Of(SAMPLE)));
  const mapping = parseMarcMapping({ headings: { source: 'x' } }, () => undefined);
  const origin = { projectId: 'p', modelId: 'm', date: '20260101' };
  const heading = {
    uri: 'http://x.org/1',
    label: 'Tiere & <Pflanzen>',
    notation: undefined,
    tag: '650',
    confidence: 0.5,
  };
  const headed = whole(readIso2709(headedRecord(record, [heading], mapping, origin).bytes));
  const xml = convertedRecord(headed, 'marcxml').toString();

  const theirs = Marc.parse(headed.bytes, 'iso2709');
  expect(theirs.fields).toEqual(ours(headed));
  expect(Marc.parse(xml, 'marcxml').fields).toEqual(ours(headed));
  expect(ours(whole(readIso2709(Buffer.from(Marc.format(theirs, 'iso2709')))))).toEqual(ours(headed));
  const theirXml = String(Marc.format(theirs, 'marcxml'));
  expect(ours(whole(readMarcxml(Buffer.from(theirXml), parse)))).toEqual(ours(headed));
});
