import { readIso2709 } from './iso2709-record.js';
import { isControlTag, type MarcFormat, type MarcRecord } from './marc-record.js';
import { assembled, entry, iso2709Field, MOST_FIELD_BYTES, marcxmlField, xmlText } from './splice.js';

/** Before the first record of a file of MARCXML. */
export const MARCXML_BEGINNING =
  '<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n';

/** Behind the last one. */
export const MARCXML_END = '</collection>\n';

const NOT_IN_XML = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Writes a record in the other format, in UTF-8; leader and fields stay what they are, but for the leader's lengths and its
 * code of the encoding.
 *
 * @returns the record, or why it cannot be written: too long for ISO 2709, or characters that XML does not have
 */
export function convertedRecord(record: MarcRecord, format: MarcFormat): Buffer | string {
  return format === 'iso2709' ? asIso2709(record) : asMarcxml(record);
}

function asIso2709(record: MarcRecord): Buffer | string {
  const entries: string[] = [];
  const data: Buffer[] = [];
  let nData = 0;
  for (const field of record.fields) {
    const { tag, value } = field;
    const part = isControlTag(tag) ? Buffer.from(`${value}\x1e`, 'utf8') : iso2709Field(field);
    if (part.length > MOST_FIELD_BYTES) return `field ${tag} would have ${part.length} bytes, more than 9,999`;
    entries.push(entry(tag, part.length, nData));
    data.push(part);
    nData += part.length;
  }
  const leader = record.leader
    .padEnd(24)
    .slice(0, 24)
    .replace(/[^\x20-\x7e]/g, ' ');
  const bytes = assembled(`${leader.slice(0, 9)}a22${leader.slice(12, 20)}4500`, entries, data);
  if (typeof bytes === 'string') return bytes;
  const problem = readIso2709(bytes);
  return typeof problem === 'string' ? problem : bytes;
}

function asMarcxml(record: MarcRecord): Buffer | string {
  const { leader } = record;
  const lines = [`    <leader>${xmlText(`${leader.slice(0, 9)}a${leader.slice(10)}`)}</leader>`];
  for (const field of record.fields) {
    const { tag, value } = field;
    const element = isControlTag(tag)
      ? `<controlfield tag="${tag}">${xmlText(value)}</controlfield>`
      : marcxmlField(field, '');
    const odd = NOT_IN_XML.exec(value + field.subfields.map((subfield) => subfield.value).join(''))?.[0];
    if (odd !== undefined) return `field ${tag} holds ${codePoint(odd)}, a character that XML does not have`;
    lines.push(`    ${element}`);
  }
  return Buffer.from(`  <record>\n${lines.join('\n')}\n  </record>`, 'utf8');
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
}
