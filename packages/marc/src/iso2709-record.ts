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
const END_MARK = '\x1e';
/** Before what a field is linked by. */
const LINK = '\x1f8';

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
  readonly block: Iso2709Block;
  /** Where the record begins in the block. */
  readonly from: number;
  /** Where the fields' data begins, in the record. */
  readonly base: number;
  /** By field, from the base. */
  readonly starts: readonly number[];
  /** By field, in bytes, the end mark included. */
  readonly lengths: readonly number[];
}

/** Bytes that records are read from: what can be found out for all of them at once takes next to nothing. */
export class Iso2709Block {
  readonly bytes: Buffer;
  /** A character for each byte: what is ASCII is read there. */
  readonly characters: string;
  /** Whether all of it is, and so every record, which begins and ends with ASCII. */
  readonly isUtf8: boolean;
  /** Between these two places no link ($8) begins. */
  private unlinkedFrom = 0;
  private unlinkedTo = -1;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.characters = bytes.toString('latin1');
    this.isUtf8 = isUtf8(bytes);
  }

  hasLink(from: number, to: number): boolean {
    if (from < this.unlinkedFrom || from > this.unlinkedTo) {
      const next = this.characters.indexOf(LINK, from);
      this.unlinkedFrom = from;
      this.unlinkedTo = next < 0 ? this.characters.length : next;
    }
    return this.unlinkedTo < to;
  }
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
  return recordIn(new Iso2709Block(bytes), 0, bytes.length);
}

/** Like `readIso2709`, from one place to another of what holds more. */
export function recordIn(block: Iso2709Block, from: number, to: number): MarcRecord | string {
  const bytes = block.bytes.subarray(from, to);
  const length = digitsAt(bytes, 0, 5);
  if (bytes.length < LEADER_LENGTH + 2) return `it has ${bytes.length} bytes, and a record has at least 26`;
  if (length < 0) return 'its leader does not begin with a length';
  if (length !== bytes.length) return `its leader says ${length} bytes, and it has ${bytes.length}`;
  const base = digitsAt(bytes, 12, 5);
  if (base <= LEADER_LENGTH || base >= bytes.length) return 'its leader says no place for its fields';
  if (bytes[base - 1] !== FIELD_END || (base - 1 - LEADER_LENGTH) % ENTRY_LENGTH !== 0) {
    return `its directory does not end at byte ${base}, as the leader says`;
  }
  const saysUtf8 = bytes[9] === 0x61;
  const isValid = block.isUtf8 || isUtf8From(bytes, base);
  if (saysUtf8 && !isValid) return 'its leader says UTF-8, and its bytes are not';
  const isAllAscii = !saysUtf8 && isAsciiFrom(bytes, base);
  const isPlain = isAllAscii && hasNoEscape(bytes, base);
  // What is ASCII is both; what is put in has to be what the leader says.
  const isUtf8 = saysUtf8 || (isValid && !isAllAscii && hasNoEscape(bytes, base));
  const encoding = isUtf8 ? 'utf-8' : 'marc-8';
  const { characters } = block;
  const tags: string[] = [];
  const starts: number[] = [];
  const lengths: number[] = [];
  let isInOrder = true;
  let behind = 0;
  for (let at = LEADER_LENGTH; at < base - 1; at += ENTRY_LENGTH) {
    const tag = tagAt(bytes, at);
    if (tag === undefined) return `its directory has the tag ${JSON.stringify(bytes.toString('latin1', at, at + 3))}`;
    const length = digitsAt(bytes, at + 3, 4);
    const start = digitsAt(bytes, at + 7, 5);
    if (length <= 0 || start < 0 || base + start + length > bytes.length - 1) {
      return `its directory puts field ${tag} outside the record`;
    }
    const first = from + base + start;
    if (characters.indexOf(END_MARK, first) !== first + length - 1) {
      return `field ${tag} does not end where its directory says`;
    }
    isInOrder &&= start === behind;
    behind = start + length;
    tags.push(tag);
    starts.push(start);
    lengths.push(length);
  }
  const doubled = isInOrder ? undefined : fieldOverAnother(tags, starts, lengths);
  if (doubled !== undefined) return `field ${doubled} lies where another one does`;
  if (encoding === 'marc-8' && !isPlain) {
    const problem = marc8Problem(bytes.toString('latin1', base, bytes.length - 1));
    if (problem !== undefined) return problem;
  }
  const contradictsLeader = isUtf8 && !saysUtf8;
  const layout = { format: 'iso2709', encoding, contradictsLeader, block, from, base, starts, lengths } as const;
  return new Iso2709Record(bytes, tags, layout, encoding === 'marc-8' && !isPlain);
}

/** A view of a part takes longer than to look at the leader and the directory as well. */
function isAsciiFrom(bytes: Buffer, base: number): boolean {
  return isAscii(bytes) || (hasOddHead(bytes, base) && isAscii(bytes.subarray(base)));
}

function isUtf8From(bytes: Buffer, base: number): boolean {
  return isUtf8(bytes) || (hasOddHead(bytes, base) && isUtf8(bytes.subarray(base)));
}

function hasOddHead(bytes: Buffer, base: number): boolean {
  for (let i = 0; i < base; i++) if ((bytes[i] as number) > 0x7f) return true;
  return false;
}

/** No escape sequence, and no character written as a number, as MARC-8 has them. */
function hasNoEscape(bytes: Buffer, base: number): boolean {
  return !bytes.includes(0x1b, base) && !bytes.includes('&#x', base, 'latin1');
}

/** Whatever overlaps ends at the same mark; nothing could be taken out without harm. */
function fieldOverAnother(
  tags: readonly string[],
  starts: readonly number[],
  lengths: readonly number[],
): string | undefined {
  const ends = new Set<number>();
  for (let i = 0; i < tags.length; i++) {
    const end = (starts[i] as number) + (lengths[i] as number);
    if (ends.has(end)) return tags[i];
    ends.add(end);
  }
  return undefined;
}

/** One string for each tag, by its three bytes; at most 62³. */
const knownTags = new Map<number, string>();
/** The same for numbers, as nearly all tags are. */
const knownNumbers: (string | undefined)[] = new Array(1000).fill(undefined);

/** @returns undefined for what is not three letters or digits */
function tagAt(bytes: Buffer, at: number): string | undefined {
  const number = digitsAt(bytes, at, 3);
  const known = number < 0 ? knownTags.get(keyAt(bytes, at)) : knownNumbers[number];
  if (known !== undefined) return known;
  const tag = bytes.toString('latin1', at, at + 3);
  if (!/^[0-9A-Za-z]{3}$/.test(tag)) return undefined;
  if (number < 0) knownTags.set(keyAt(bytes, at), tag);
  else knownNumbers[number] = tag;
  return tag;
}

function keyAt(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
}

/** A record whose fields are made, and whose text is decoded, when somebody asks for them. */
class Iso2709Record implements MarcRecord {
  readonly bytes: Buffer;
  readonly tags: readonly string[];
  readonly layout: Iso2709Layout;
  readonly isMarc8: boolean;
  private characters_: string | undefined;
  private isAscii_: boolean | undefined;
  private fields_: readonly MarcField[] | undefined;

  constructor(bytes: Buffer, tags: readonly string[], layout: Iso2709Layout, isMarc8: boolean) {
    this.bytes = bytes;
    this.tags = tags;
    this.layout = layout;
    this.isMarc8 = isMarc8;
  }

  get leader(): string {
    return this.characters.slice(0, LEADER_LENGTH);
  }

  get fields(): readonly MarcField[] {
    this.fields_ ??= this.tags.map((tag, i) => new Iso2709Field(this, tag, i));
    return this.fields_;
  }

  field(i: number): MarcField {
    return this.fields_?.[i] ?? new Iso2709Field(this, this.tags[i] as string, i);
  }

  /** @returns the text of the i-th field without its end mark; of MARC-8, a character for each byte */
  text(i: number): string {
    const { base, starts, lengths } = this.layout;
    const start = base + (starts[i] as number);
    const end = start + (lengths[i] as number) - 1;
    if (this.isAscii || this.isMarc8) return this.characters.slice(start, end);
    if (end - start < SHORT) {
      const text = this.characters.slice(start, end);
      if (!BEYOND_ASCII.test(text)) return text;
    }
    return this.bytes.toString('utf8', start, end);
  }

  /** A character for each byte. Parts of it are kept with what is made of a record; they would keep all of the block. */
  private get characters(): string {
    this.characters_ ??= this.bytes.toString('latin1');
    return this.characters_;
  }

  private get isAscii(): boolean {
    this.isAscii_ ??= isAsciiFrom(this.bytes, this.layout.base);
    return this.isAscii_;
  }
}

/** Bytes of texts that are searched for what is beyond ASCII sooner than decoded. */
const SHORT = 100;
const BEYOND_ASCII = /[\x80-\xff]/;

/** A field whose text is decoded when it is asked for. */
class Iso2709Field implements MarcField {
  readonly tag: string;
  private readonly record: Iso2709Record;
  private readonly i: number;

  constructor(record: Iso2709Record, tag: string, i: number) {
    this.record = record;
    this.tag = tag;
    this.i = i;
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
    const text = this.record.text(this.i);
    const isControl = isControlTag(this.tag);
    if (!this.record.isMarc8) return isControl ? text.replaceAll(SUBFIELD_MARK, '') : text;
    return text
      .split(SUBFIELD_MARK)
      .map(decodeMarc8)
      .join(isControl ? '' : SUBFIELD_MARK);
  }
}

function marc8Problem(text: string): string | undefined {
  try {
    for (const field of text.split(END_MARK)) for (const part of field.split(SUBFIELD_MARK)) decodeMarc8(part);
    return undefined;
  } catch (error) {
    if (error instanceof Marc8Error) return error.message;
    throw error;
  }
}

/** @returns less than 0 for what are not all digits */
function digitsAt(bytes: Buffer, at: number, n: number): number {
  let value = 0;
  let sign = 0;
  for (let i = at; i < at + n; i++) {
    const digit = (bytes[i] as number) - 0x30;
    sign |= digit | (9 - digit);
    value = 10 * value + digit;
  }
  return sign < 0 ? -1 : value;
}
