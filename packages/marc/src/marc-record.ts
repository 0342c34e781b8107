import type { Iso2709Layout } from './iso2709-record.js';
import type { MarcxmlLayout } from './marcxml-record.js';

/** A subfield: its code, one character, and its text. */
export interface MarcSubfield {
  readonly code: string;
  readonly value: string;
}

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
  /** Where each field lies in the bytes. */
  readonly layout: Iso2709Layout | MarcxmlLayout;
}

/** A field that is to be written. */
export interface NewField {
  readonly tag: string;
  /** Two characters. */
  readonly indicators: string;
  readonly subfields: readonly MarcSubfield[];
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

/** @returns the values of a field's subfields with the code, in their order */
export function subfieldValues(field: MarcField, code: string): string[] {
  return field.subfields.filter((subfield) => subfield.code === code).map(({ value }) => value);
}

/** @returns the value of the first subfield with the code, or undefined */
export function firstSubfield(field: MarcField, code: string): string | undefined {
  return field.subfields.find((subfield) => subfield.code === code)?.value;
}

/**
 * Where a new field goes among the others: behind the last of the same hundred whose tag is not greater, so that fields
 * that are in order stay in order.
 *
 * @returns how many fields stand before it
 */
export function placeOfNewField(tags: readonly string[], tag: string): number {
  const hundred = tag[0] as string;
  for (let i = tags.length; i > 0; i--) {
    const before = tags[i - 1] as string;
    if (before[0] === hundred ? before <= tag : (before[0] as string) < hundred) return i;
  }
  return 0;
}
