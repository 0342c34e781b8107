import {
  ENTRY_LENGTH,
  FIELD_END,
  type Iso2709Layout,
  LEADER_LENGTH,
  type MarcEncoding,
  RECORD_END,
} from './iso2709-record.js';
import { type MarcRecord, type NewField, placeOfNewField } from './marc-record.js';
import { encodeMarc8 } from './marc8.js';
import type { MarcxmlLayout } from './marcxml-record.js';

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
 * @returns the record, or why it cannot be written: it would be too long; nothing is cut
 */
export function spliced(record: MarcRecord, removed: ReadonlySet<number>, added: readonly NewField[]): Buffer | string {
  if (removed.size === 0 && added.length === 0) return record.bytes;
  return record.layout.format === 'iso2709'
    ? splicedIso2709(record, record.layout, removed, added)
    : splicedMarcxml(record, record.layout, removed, added);
}

function splicedIso2709(
  record: MarcRecord,
  layout: Iso2709Layout,
  removed: ReadonlySet<number>,
  added: readonly NewField[],
): Buffer | string {
  const { bytes } = record;
  const { base, starts, lengths } = layout;
  const { nBytes, ends, problem } = newData(added, layout.encoding);
  if (problem !== undefined) return problem;
  // What goes out of the data, in its order; fields behind it move forward.
  const cuts = [...removed].map((i) => ({ start: starts[i] as number, length: lengths[i] as number }));
  cuts.sort((a, b) => a.start - b.start);
  const nOld = bytes.length - 1 - base - cuts.reduce((sum, { length }) => sum + length, 0);
  const nEntries = starts.length - removed.size + added.length;
  const newBase = LEADER_LENGTH + nEntries * ENTRY_LENGTH + 1;
  const length = newBase + nOld + nBytes + 1;
  if (length > MOST_RECORD_BYTES) return `it would have ${length} bytes, more than 99,999`;

  const result = fresh.take(length);
  bytes.copy(result, 0, 0, LEADER_LENGTH);
  setDigits(result, 0, 5, length);
  setDigits(result, 12, 5, newBase);
  const places = directoryPlaces(record, removed, added);
  let to = LEADER_LENGTH;
  for (let i = 0, iNew = 0; to < newBase - 1; to += ENTRY_LENGTH) {
    while (i < starts.length && removed.has(i)) i++;
    if (iNew < added.length && (places[iNew] as number) <= i) {
      const start = iNew === 0 ? 0 : (ends[iNew - 1] as number);
      const { tag } = added[iNew] as NewField;
      for (let k = 0; k < 3; k++) result[to + k] = tag.charCodeAt(k);
      setDigits(result, to + 3, 4, (ends[iNew] as number) - start);
      setDigits(result, to + 7, 5, nOld + start);
      iNew++;
      continue;
    }
    const from = LEADER_LENGTH + i * ENTRY_LENGTH;
    for (let k = 0; k < ENTRY_LENGTH; k++) result[to + k] = bytes[from + k] as number;
    const start = starts[i] as number;
    let moved = 0;
    for (const cut of cuts) if (cut.start < start) moved += cut.length;
    if (moved > 0) setDigits(result, to + 7, 5, start - moved);
    i++;
  }
  result[newBase - 1] = FIELD_END;
  to = newBase;
  let at = base;
  for (const { start, length } of cuts) {
    to += bytes.copy(result, to, at, base + start);
    at = base + start + length;
  }
  to += bytes.copy(result, to, at, bytes.length - 1);
  to += scratch.copy(result, to, 0, nBytes);
  result[to] = RECORD_END;
  return result;
}

/** Room for records that are put together, cut from large buffers: records that follow each other lie side by side there. */
class FreshBytes {
  private buffer: Buffer = Buffer.alloc(0);
  private at = 0;

  take(length: number): Buffer {
    if (this.at + length > this.buffer.length) {
      this.buffer = Buffer.allocUnsafeSlow(FRESH_BYTES);
      this.at = 0;
    }
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }
}

/** More than two records have. */
const FRESH_BYTES = 1 << 18;
const fresh = new FreshBytes();

/** Where data of new fields is put together. */
const scratch = Buffer.allocUnsafe(MOST_RECORD_BYTES + 3 * (MOST_FIELD_BYTES + 1));

/**
 * Writes the data of fields to `scratch`.
 *
 * @returns the end of each; or what is wrong with them
 */
function newData(
  added: readonly NewField[],
  encoding: MarcEncoding,
): { readonly nBytes: number; readonly ends: readonly number[]; readonly problem?: string } {
  const ends: number[] = [];
  let nBytes = 0;
  if (encoding === 'utf-8') {
    // Written at once, which takes a fraction of field by field.
    let all = '';
    for (const { marked, nBytes: nOfField = MOST_FIELD_BYTES } of added) {
      if (marked === undefined || nOfField >= MOST_FIELD_BYTES) break;
      all += `${marked}\x1e`;
      nBytes += nOfField + 1;
      ends.push(nBytes);
    }
    if (ends.length === added.length && nBytes <= MOST_RECORD_BYTES && scratch.write(all, 0, 'utf8') === nBytes) {
      return { nBytes, ends };
    }
    ends.length = nBytes = 0;
  }
  for (const field of added) {
    const text = iso2709Text(field, encoding);
    // A text has as many bytes as characters, or more.
    const isShort = text.length <= MOST_FIELD_BYTES;
    const length = isShort
      ? scratch.write(text, nBytes, CHARSETS[encoding])
      : Buffer.byteLength(text, CHARSETS[encoding]);
    if (length > MOST_FIELD_BYTES) {
      return { nBytes, ends, problem: `field ${field.tag} would have ${length} bytes, more than 9,999` };
    }
    nBytes += length;
    ends.push(nBytes);
    if (nBytes > MOST_RECORD_BYTES) return { nBytes, ends, problem: 'it would have more than 99,999 bytes' };
  }
  return { nBytes, ends };
}

/** @returns for each new field before which of the old ones it goes, in ascending order */
function directoryPlaces(
  record: MarcRecord,
  removed: ReadonlySet<number>,
  added: readonly NewField[],
): readonly number[] {
  const kept: number[] = [];
  for (let i = 0; i < record.tags.length; i++) if (!removed.has(i)) kept.push(i);
  const tags = removed.size === 0 ? record.tags : kept.map((i) => record.tags[i] as string);
  let last = '';
  let place = 0;
  return added.map(({ tag }) => {
    if (tag !== last) {
      const before = placeOfNewField(tags, tag);
      place = before === 0 ? 0 : (kept[before - 1] as number) + 1;
    }
    last = tag;
    return place;
  });
}

/** @param n with at most so many digits */
function setDigits(bytes: Buffer, at: number, width: number, n: number): void {
  for (let i = at + width - 1, rest = n; i >= at; i--) {
    const tenth = Math.floor(rest / 10);
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

/** @returns a data field with its end mark */
export function iso2709Field(field: NewField, encoding: MarcEncoding): Buffer {
  return Buffer.from(iso2709Text(field, encoding), CHARSETS[encoding]);
}

/** How characters become bytes; those of MARC-8 stand for one each. */
const CHARSETS = { 'utf-8': 'utf8', 'marc-8': 'latin1' } as const;

function iso2709Text(field: NewField, encoding: MarcEncoding): string {
  const { indicators, marked } = field;
  if (marked !== undefined && encoding === 'utf-8') return `${marked}\x1e`;
  const { subfields } = field;
  let text = indicators;
  for (const { code, value } of subfields) text += `\x1f${code}${encoding === 'marc-8' ? encodeMarc8(value) : value}`;
  return `${text}\x1e`;
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
