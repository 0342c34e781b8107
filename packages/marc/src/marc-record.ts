import type { Iso2709Layout } from './iso2709-record.js';
import type { MarcxmlLayout } from './marcxml-record.js';

/** A subfield: its code, one character, and its text. */
export interface MarcSubfield {
  readonly code: string;
  readonly value: string;
}

/** Stands before each subfield of a field's text. */
export const SUBFIELD_MARK = '\x1f';

/** A field of a record. Text is Unicode, as it was written: perhaps not in composed form (NFC); what was MARC-8 is. */
export interface MarcField {
  /** Three characters. */
  readonly tag: string;
  /** Of a control field (00X); `''` for any other. */
  readonly value: string;
  /** Two characters; `''` for a control field. */
  readonly indicators: string;
  /** In their order; empty for a control field. */
  readonly subfields: readonly MarcSubfield[];
  /** All of it in one text: the value, or the indicators and each subfield behind a mark; subfields are found in it without being made. */
  readonly marked: string;
}

/** The two ways in which MARC 21 is written to files. */
export const MARC_FORMATS = ['iso2709', 'marcxml'] as const;

export type MarcFormat = (typeof MARC_FORMATS)[number];

/** A MARC 21 record together with the bytes that it came in. */
export interface MarcRecord {
  /** The record as it came, and nothing around it. */
  readonly bytes: Buffer;
  /** 24 characters where it is right. */
  readonly leader: string;
  readonly fields: readonly MarcField[];
  /** By field. */
  readonly tags: readonly string[];
  /** @returns the i-th field, without making the others */
  field(i: number): MarcField;
  /** Where each field lies in the bytes. */
  readonly layout: Iso2709Layout | MarcxmlLayout;
}

/** A field that is to be written. */
export interface NewField {
  readonly tag: string;
  /** Two characters. */
  readonly indicators: string;
  readonly subfields: readonly MarcSubfield[];
  /** As of `MarcField`, where it is at hand. */
  readonly marked?: string;
}

/** A record in a file of records. */
export interface RecordPiece {
  readonly kind: 'record';
  readonly bytes: Buffer;
  readonly record: MarcRecord;
  readonly place: MarcPlace;
}

/** A piece of a file of records; the pieces in their order are the file, byte for byte. */
export type MarcPiece =
  | RecordPiece
  /** Something that was to be a record and cannot be read as one. */
  | { readonly kind: 'broken'; readonly bytes: Buffer; readonly problem: string; readonly place: MarcPlace }
  /** What stands before, between and after records. */
  | { readonly kind: 'between'; readonly bytes: Buffer };

/** Where a record stands in its file. */
export interface MarcPlace {
  /** From 1, broken records included. */
  readonly number: number;
  /** Of its first byte, in the unpacked file. */
  readonly offset: number;
}

/** @returns true for 00X, whose fields have a value and neither indicators nor subfields */
export function isControlTag(tag: string): boolean {
  return tag.startsWith('00');
}

/** @returns the subfields of a field's text */
export function markedSubfields(marked: string): MarcSubfield[] {
  const subfields: MarcSubfield[] = [];
  for (let at = marked.indexOf(SUBFIELD_MARK); at >= 0; ) {
    const next = marked.indexOf(SUBFIELD_MARK, at + 1);
    const end = next < 0 ? marked.length : next;
    subfields.push({ code: at + 1 < end ? (marked[at + 1] as string) : '', value: marked.slice(at + 2, end) });
    at = next;
  }
  return subfields;
}

/** @returns the values of a field's subfields with the code, in their order */
export function subfieldValues({ marked }: Pick<MarcField, 'marked'>, code: string): string[] {
  const values: string[] = [];
  const wanted = SUBFIELD_MARK + code;
  for (let at = marked.indexOf(wanted); at >= 0; at = marked.indexOf(wanted, at + 2)) {
    values.push(subfieldAt(marked, at));
  }
  return values;
}

/** @returns the value of the first subfield with the code, or undefined */
export function firstSubfield({ marked }: Pick<MarcField, 'marked'>, code: string): string | undefined {
  const at = marked.indexOf(SUBFIELD_MARK + code);
  return at < 0 ? undefined : subfieldAt(marked, at);
}

/** @param at of the mark */
function subfieldAt(marked: string, at: number): string {
  const next = marked.indexOf(SUBFIELD_MARK, at + 2);
  return marked.slice(at + 2, next < 0 ? marked.length : next);
}

/**
 * Where a new field goes among the others: behind the last of the same hundred whose tag is not greater, so that fields
 * that are in order stay in order.
 *
 * @returns how many fields stand before it
 */
export function placeOfNewField(tags: readonly string[], tag: string): number {
  const hundred = tag.charCodeAt(0);
  for (let i = tags.length; i > 0; i--) {
    const before = tags[i - 1] as string;
    const hundredBefore = before.charCodeAt(0);
    if (hundredBefore === hundred ? before <= tag : hundredBefore < hundred) return i;
  }
  return 0;
}
