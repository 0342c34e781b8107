import type { ByteOutput } from './byte-output.js';
import { ENTRY_LENGTH, FIELD_END, type Iso2709Layout, LEADER_LENGTH, RECORD_END } from './iso2709-record.js';
import { type MarcRecord, type NewField, placeOfNewField } from './marc-record.js';
import type { MarcxmlLayout } from './marcxml-record.js';
import { markedText, type ReadyField } from './ready-field.js';

/** What the numbers of ISO 2709 have room for. */
export const MOST_RECORD_BYTES = 99_999;
export const MOST_FIELD_BYTES = 9_999;

/**
 * Takes fields out of a record and puts new ones in; the bytes of all others stay as they are.
 *
 * In ISO 2709 the data of new fields goes behind all other data, and their entries into the directory where tags are in order.
 * In MARCXML new elements take over how the ones before them are indented.
 *
 * @param removed places of fields
 * @param added in the order of their tags
 * @param output what the record is written to
 * @returns why it cannot be written, and is not: it would be too long; nothing is cut
 */
export function spliced(
  record: MarcRecord,
  removed: ReadonlySet<number>,
  added: readonly ReadyField[],
  output: ByteOutput,
): string | undefined {
  const { layout } = record;
  if (layout.format === 'iso2709') return splicedIso2709(record, layout, removed, added, output);
  output.append(splicedMarcxml(record, layout, removed, added));
  return undefined;
}

function splicedIso2709(
  record: MarcRecord,
  layout: Iso2709Layout,
  removed: ReadonlySet<number>,
  added: readonly ReadyField[],
  output: ByteOutput,
): string | undefined {
  const { encoding } = layout;
  let nNew = 0;
  for (const field of added) {
    const nBytes = field.nBytes(encoding);
    if (nBytes > MOST_FIELD_BYTES) return `field ${field.tag} would have ${nBytes} bytes, more than 9,999`;
    nNew += nBytes;
    if (nNew > MOST_RECORD_BYTES) return 'it would have more than 99,999 bytes';
  }
  const { bytes, tags, base } = removed.size === 0 ? inParts(record, layout) : without(record, layout, removed);
  const newBase = base + added.length * ENTRY_LENGTH;
  const length = bytes.length + added.length * ENTRY_LENGTH + nNew;
  if (length > MOST_RECORD_BYTES) return `it would have ${length} bytes, more than 99,999`;

  const begin = output.reserve(length);
  const result = output.bytes;
  const data = begin + newBase;
  let to = data + bytes.copy(result, data, base, bytes.length - 1);
  // The leader and the old entries, with the new ones between them.
  let from = 0;
  let at = begin;
  let tag = '';
  for (const field of added) {
    if (field.tag !== tag) {
      tag = field.tag;
      const next = LEADER_LENGTH + placeOfNewField(tags, tag) * ENTRY_LENGTH;
      if (next > from) at += bytes.copy(result, at, from, next);
      from = next;
    }
    const end = field.write(result, to, encoding);
    for (let k = 0; k < 3; k++) result[at + k] = tag.charCodeAt(k);
    setDigits(result, at + 3, 4, end - to);
    setDigits(result, at + 7, 5, to - data);
    at += ENTRY_LENGTH;
    to = end;
  }
  bytes.copy(result, at, from, base);
  result[to] = RECORD_END;
  setDigits(result, begin, 5, length);
  setDigits(result, begin + 12, 5, newBase);
  return undefined;
}

/** An ISO 2709 record as it is before fields are put in. */
interface Iso2709Parts {
  /** The leader's numbers may be wrong. */
  readonly bytes: Buffer;
  readonly tags: readonly string[];
  readonly base: number;
}

function inParts({ bytes, tags }: MarcRecord, { base }: Iso2709Layout): Iso2709Parts {
  return { bytes, tags, base };
}

/** @returns the record without some of its fields; the data of those behind them moves forward */
function without(
  { bytes, tags }: MarcRecord,
  { base, starts, lengths }: Iso2709Layout,
  removed: ReadonlySet<number>,
): Iso2709Parts {
  const cuts = [...removed].map((i) => ({ start: starts[i] as number, length: lengths[i] as number }));
  cuts.sort((a, b) => a.start - b.start);
  const kept = tags.flatMap((_, i) => (removed.has(i) ? [] : [i]));
  const parts: Buffer[] = [bytes.subarray(0, LEADER_LENGTH)];
  for (const i of kept) {
    const start = starts[i] as number;
    const moved = cuts.reduce((sum, cut) => (cut.start < start ? sum + cut.length : sum), 0);
    const at = LEADER_LENGTH + i * ENTRY_LENGTH;
    parts.push(bytes.subarray(at, at + 7), Buffer.from(digits(start - moved, 5), 'latin1'));
  }
  parts.push(MARK);
  let at = base;
  for (const { start, length } of cuts) {
    parts.push(bytes.subarray(at, base + start));
    at = base + start + length;
  }
  parts.push(bytes.subarray(at));
  return {
    bytes: Buffer.concat(parts),
    tags: kept.map((i) => tags[i] as string),
    base: LEADER_LENGTH + kept.length * ENTRY_LENGTH + 1,
  };
}

/** @param n with at most so many digits */
function setDigits(bytes: Buffer, at: number, width: number, n: number): void {
  for (let i = at + width - 1, rest = n; i >= at; i--) {
    const tenth = (rest / 10) | 0;
    bytes[i] = 0x30 + rest - 10 * tenth;
    rest = tenth;
  }
}

/** Puts a record together; the leader's two numbers are set. */
export function assembled(leader: string, entries: readonly string[], data: readonly Buffer[]): Buffer | string {
  const nData = data.reduce((sum, part) => sum + part.length, 0);
  const base = LEADER_LENGTH + entries.length * ENTRY_LENGTH + 1;
  const length = base + nData + 1;
  if (length > MOST_RECORD_BYTES) return `it would have ${length} bytes, more than 99,999`;
  const head = `${digits(length, 5)}${leader.slice(5, 12)}${digits(base, 5)}${leader.slice(17)}${entries.join('')}`;
  return Buffer.concat([Buffer.from(head, 'latin1'), MARK, ...data, END], length);
}

const MARK = Buffer.from([FIELD_END]);
const END = Buffer.from([RECORD_END]);

/** @returns an entry of a directory */
export function entry(tag: string, length: number, start: number): string {
  return `${tag}${digits(length, 4)}${digits(start, 5)}`;
}

function digits(n: number, width: number): string {
  return String(n).padStart(width, '0');
}

/** @returns a data field in UTF-8, with its end mark */
export function iso2709Field({ indicators, subfields, marked }: NewField): Buffer {
  return Buffer.from(`${marked ?? indicators + markedText(subfields)}\x1e`, 'utf8');
}

function splicedMarcxml(
  record: MarcRecord,
  layout: MarcxmlLayout,
  removed: ReadonlySet<number>,
  added: readonly NewField[],
): Buffer {
  const { text, prefix, starts, ends, first } = layout;
  const kept = record.fields.flatMap((_, i) => (removed.has(i) ? [] : [i]));
  const tags = kept.map((i) => (record.fields[i] as { tag: string }).tag);
  // New elements by how many kept fields stand before them.
  const newElements = new Map<number, string>();
  for (const field of added) {
    const place = placeOfNewField(tags, field.tag);
    const model = kept[Math.max(0, place - 1)];
    const element =
      indentation(text, model === undefined ? first : (starts[model] as number)) + marcxmlField(field, prefix);
    newElements.set(place, (newElements.get(place) ?? '') + element);
  }
  let result = text.slice(0, first) + (newElements.get(0) ?? '');
  let at = first;
  let nKept = 0;
  record.fields.forEach((_, i) => {
    const end = ends[i] as number;
    if (removed.has(i)) {
      // The blanks before an element go with it.
      result += text.slice(at, (starts[i] as number) - indentation(text, starts[i] as number).length);
    } else result += text.slice(at, end) + (newElements.get(++nKept) ?? '');
    at = end;
  });
  return Buffer.from(result + text.slice(at), 'utf8');
}

/** @returns the blanks that stand before a place */
function indentation(text: string, at: number): string {
  let from = at;
  while (from > 0 && /\s/.test(text[from - 1] as string)) from--;
  return text.slice(from, at);
}

/** @returns a data field as an element */
export function marcxmlField(field: NewField, prefix: string): string {
  const [ind1, ind2] = field.indicators;
  const subfields = field.subfields.map(({ code, value }) => {
    return `<${prefix}subfield code="${xmlText(code)}">${xmlText(value)}</${prefix}subfield>`;
  });
  const attributes = `tag="${field.tag}" ind1="${xmlText(ind1 ?? ' ')}" ind2="${xmlText(ind2 ?? ' ')}"`;
  return `<${prefix}datafield ${attributes}>${subfields.join('')}</${prefix}datafield>`;
}

/** @returns text as it stands in XML, in an element or an attribute */
export function xmlText(text: string): string {
  if (!/[&<>"]/.test(text)) return text;
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] as string);
}
