import { isAscii, isUtf8 } from 'node:buffer';
import {
  isControlTag,
  type MarcField,
  type MarcRecord,
  type MarcSubfield,
  markedSubfields,
  SUBFIELD_MARK,
} from './marc-record.js';
import { decodeMarc8, Marc8Error } from './marc8.js';

export const FIELD_END = 0x1e;
export const RECORD_END = 0x1d;

export const LEADER_LENGTH = 24;
export const ENTRY_LENGTH = 12;

/** How the text of a record is written in bytes. */
export type MarcEncoding = 'utf-8' | 'marc-8';

/** Where the parts of an ISO 2709 record lie. */
export interface Iso2709Layout {
  readonly format: 'iso2709';
  readonly encoding: MarcEncoding;
  /** True where the leader says MARC-8 and the bytes are UTF-8. */
  readonly contradictsLeader: boolean;
  /** Where the fields' data begins, in the record. */
  readonly base: number;
  /** By field, from the base. */
  readonly starts: readonly number[];
  /** By field, in bytes, the end mark included. */
  readonly lengths: readonly number[];
  /** The fields' data, a character for each byte. */
  readonly characters: () => string;
}

/**
 * Reads an ISO 2709 record. Lengths, places and marks are checked against each other, and the bytes against the encoding;
 * text is decoded when it is asked for.
 *
 * A leader that says MARC-8 over bytes that are UTF-8, as many systems write it, is not believed: what is UTF-8 beyond ASCII is
 * hardly ever MARC-8.
 *
 * @param bytes up to and with the record's end mark
 * @returns the record, or what is wrong with it
 */
export function readIso2709(bytes: Buffer): MarcRecord | string {
  const length = digitsAt(bytes, 0, 5);
  if (bytes.length < LEADER_LENGTH + 2) return `it has ${bytes.length} bytes, and a record has at least 26`;
  if (length === undefined) return 'its leader does not begin with a length';
  if (length !== bytes.length) return `its leader says ${length} bytes, and it has ${bytes.length}`;
  const base = digitsAt(bytes, 12, 5);
  if (base === undefined || base <= LEADER_LENGTH || base >= bytes.length)
    return 'its leader says no place for its fields';
  if (bytes[base - 1] !== FIELD_END || (base - 1 - LEADER_LENGTH) % ENTRY_LENGTH !== 0) {
    return `its directory does not end at byte ${base}, as the leader says`;
  }
  const all = bytes.subarray(base);
  const isAllAscii = isAscii(all);
  const encoding = encodingOf(bytes, base, isAllAscii || isUtf8(all), isAllAscii);
  if (encoding === undefined) return 'its leader says UTF-8, and its bytes are not';
  const starts: number[] = [];
  const lengths: number[] = [];
  const fields: Iso2709Field[] = [];
  const data = new FieldData(bytes, base, encoding, isAllAscii);
  let behind = base;
  for (let at = LEADER_LENGTH; at < base - 1; at += ENTRY_LENGTH) {
    const tag = tagAt(bytes, at);
    if (tag === undefined) return `its directory has the tag ${JSON.stringify(bytes.toString('latin1', at, at + 3))}`;
    const fieldLength = digitsAt(bytes, at + 3, 4);
    const start = digitsAt(bytes, at + 7, 5);
    if (!fieldLength || start === undefined || base + start + fieldLength > bytes.length - 1) {
      return `its directory puts field ${tag} outside the record`;
    }
    const end = base + start + fieldLength - 1;
    const first = bytes.indexOf(FIELD_END, base + start);
    if (first !== end) return `field ${tag} does not end where its directory says`;
    data.isInOrder &&= base + start === behind;
    behind = end + 1;
    starts.push(start);
    lengths.push(fieldLength);
    fields.push(new Iso2709Field(tag, data, base + start, end));
  }
  const doubled = data.isInOrder ? undefined : fieldOverAnother(fields, starts, lengths);
  if (doubled !== undefined) return `field ${doubled} lies where another one does`;
  const contradictsLeader = encoding === 'utf-8' && bytes[9] !== 0x61 && !data.isAscii;
  if (encoding === 'marc-8' && !data.isPlain) {
    const problem = marc8Problem(bytes.toString('latin1', base, bytes.length - 1));
    if (problem !== undefined) return problem;
  }
  return {
    bytes,
    leader: bytes.toString('latin1', 0, LEADER_LENGTH),
    fields,
    layout: {
      format: 'iso2709',
      encoding,
      contradictsLeader,
      base,
      starts,
      lengths,
      characters: () => data.characters,
    },
  };
}

/** Whatever overlaps ends at the same mark; nothing could be taken out without harm. */
function fieldOverAnother(
  fields: readonly MarcField[],
  starts: readonly number[],
  lengths: readonly number[],
): string | undefined {
  const ends = new Set<number>();
  for (let i = 0; i < fields.length; i++) {
    const end = (starts[i] as number) + (lengths[i] as number);
    if (ends.has(end)) return fields[i]?.tag;
    ends.add(end);
  }
  return undefined;
}

/** One string for each tag, by its three bytes; at most 62³. */
const tags = new Map<number, string>();

/** @returns undefined for what is not three letters or digits */
function tagAt(bytes: Buffer, at: number): string | undefined {
  const key = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
  let tag = tags.get(key);
  if (tag === undefined) {
    const text = bytes.toString('latin1', at, at + 3);
    if (!/^[0-9A-Za-z]{3}$/.test(text)) return undefined;
    tag = text;
    tags.set(key, tag);
  }
  return tag;
}

/** The data of a record's fields. */
class FieldData {
  readonly isAscii: boolean;
  /** ASCII that stands for itself in either encoding. */
  readonly isPlain: boolean;
  /** Whether each field begins where the one before it ends. */
  isInOrder = true;
  private readonly bytes: Buffer;
  private readonly base: number;
  private readonly encoding: MarcEncoding;
  private latin1: string | undefined;

  constructor(bytes: Buffer, base: number, encoding: MarcEncoding, isAllAscii: boolean) {
    this.bytes = bytes;
    this.base = base;
    this.encoding = encoding;
    this.isAscii = isAllAscii;
    this.isPlain =
      this.isAscii && (encoding === 'utf-8' || (!bytes.includes(0x1b, base) && !bytes.includes('&#x', base, 'latin1')));
  }

  get isMarc8(): boolean {
    return this.encoding === 'marc-8' && !this.isPlain;
  }

  /** All of it with a character for each byte: what is ASCII is read there, which takes next to nothing. */
  get characters(): string {
    this.latin1 ??= this.bytes.toString('latin1', this.base);
    return this.latin1;
  }

  /** @returns the text between two places in the record; of MARC-8, a character for each byte */
  text(start: number, end: number): string {
    const text = this.characters.slice(start - this.base, end - this.base);
    return this.isAscii || this.isMarc8 || !BEYOND_ASCII.test(text) ? text : this.bytes.toString('utf8', start, end);
  }
}

const BEYOND_ASCII = /[\x80-\xff]/;

/** A field whose text is decoded when it is asked for. */
class Iso2709Field implements MarcField {
  readonly tag: string;
  private readonly data: FieldData;
  private readonly start: number;
  private readonly end: number;

  constructor(tag: string, data: FieldData, start: number, end: number) {
    this.tag = tag;
    this.data = data;
    this.start = start;
    this.end = end;
  }

  get value(): string {
    return isControlTag(this.tag) ? this.marked : '';
  }

  get indicators(): string {
    if (isControlTag(this.tag)) return '';
    const { marked } = this;
    const end = marked.indexOf(SUBFIELD_MARK);
    return (end < 0 ? marked : marked.slice(0, end)).slice(0, 2).padEnd(2);
  }

  get subfields(): readonly MarcSubfield[] {
    return isControlTag(this.tag) ? [] : markedSubfields(this.marked);
  }

  get marked(): string {
    const text = this.data.text(this.start, this.end);
    const isControl = isControlTag(this.tag);
    if (!this.data.isMarc8) return isControl ? text.replaceAll(SUBFIELD_MARK, '') : text;
    return text
      .split(SUBFIELD_MARK)
      .map(decodeMarc8)
      .join(isControl ? '' : SUBFIELD_MARK);
  }
}

/** @returns undefined where the leader says UTF-8 and the bytes are not */
function encodingOf(bytes: Buffer, base: number, isValid: boolean, isAllAscii: boolean): MarcEncoding | undefined {
  if (bytes[9] === 0x61) return isValid ? 'utf-8' : undefined;
  // What is ASCII is both; what is put in has to be what the leader says.
  return isValid && !isAllAscii && !bytes.includes(0x1b, base) && !bytes.includes('&#x', base, 'latin1')
    ? 'utf-8'
    : 'marc-8';
}

function marc8Problem(text: string): string | undefined {
  try {
    for (const field of text.split('\x1e')) for (const part of field.split(SUBFIELD_MARK)) decodeMarc8(part);
    return undefined;
  } catch (error) {
    if (error instanceof Marc8Error) return error.message;
    throw error;
  }
}

function digitsAt(bytes: Buffer, at: number, n: number): number | undefined {
  let value = 0;
  for (let i = at; i < at + n; i++) {
    const digit = (bytes[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = 10 * value + digit;
  }
  return value;
}
