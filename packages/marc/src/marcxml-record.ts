import { isUtf8 } from 'node:buffer';
import { localName, type ParseXml, XmlError } from '@catchword/input';
import { type MarcField, type MarcRecord, type MarcSubfield, SUBFIELD_MARK } from './marc-record.js';
import { readPlainXml } from './plain-xml.js';

/** Where the parts of a MARCXML record lie. */
export interface MarcxmlLayout {
  readonly format: 'marcxml';
  /** The record's bytes as text; places are in its UTF-16 code units. */
  readonly text: string;
  /** What stands before the names of its elements: `marc:` or nothing. */
  readonly prefix: string;
  /** By field, of its element's `<`. */
  readonly starts: readonly number[];
  /** By field, behind its element. */
  readonly ends: readonly number[];
  /** Behind the last element that is no field, or the record's opening tag: where a first field would go. */
  readonly first: number;
}

/**
 * Reads a MARCXML record.
 *
 * @param bytes the element `record`, whole
 * @returns the record, or what is wrong with it
 */
export function readMarcxml(bytes: Buffer, parse: ParseXml): MarcRecord | string {
  if (!isUtf8(bytes)) return 'its bytes are not UTF-8';
  const text = bytes.toString('utf8');
  let reader = new MarcxmlReader();
  if (!readPlainXml(text, reader)) {
    reader = new MarcxmlReader();
    try {
      parse(text, reader);
    } catch (error) {
      if (error instanceof XmlError) return `it is not well-formed XML: ${error.message}`;
      throw error;
    }
  }
  if (reader.problem !== undefined) return reader.problem;
  const { leader, fields, starts, ends, prefix } = reader;
  // Where the leader stands behind fields, the first place is behind the opening tag.
  const first = (starts[0] ?? reader.first) < reader.first ? reader.begin : reader.first;
  const tags = fields.map(({ tag }) => tag);
  const field = (i: number) => fields[i] as MarcField;
  return { bytes, leader, fields, tags, field, layout: { format: 'marcxml', text, prefix, starts, ends, first } };
}

class MarcxmlReader {
  leader = '';
  readonly fields: MarcField[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  first = 0;
  /** Behind the opening tag of the record. */
  begin = 0;
  prefix = '';
  problem: string | undefined;
  private content = '';
  private tag = '';
  private indicators = '';
  private subfields: MarcSubfield[] = [];
  private marked = '';
  private code = '';

  open(name: string, attributes: Readonly<Record<string, string>>, start: number, end: number): void {
    const local = localName(name);
    this.content = '';
    if (local === 'record') {
      this.prefix = name.slice(0, -'record'.length);
      this.first = this.begin = end;
    } else if (local === 'controlfield' || local === 'datafield') {
      this.tag = attributes.tag ?? '';
      this.indicators = `${(attributes.ind1 ?? ' ').slice(0, 1) || ' '}${(attributes.ind2 ?? ' ').slice(0, 1) || ' '}`;
      this.subfields = [];
      this.marked = this.indicators;
      this.starts.push(start);
      if (!/^[0-9A-Za-z]{3}$/.test(this.tag)) this.problem ??= `a field has the tag ${JSON.stringify(this.tag)}`;
    } else if (local === 'subfield') {
      this.code = attributes.code ?? '';
      if (this.code.length !== 1) this.problem ??= `field ${this.tag} has a subfield ${JSON.stringify(this.code)}`;
    } else if (local !== 'leader') this.problem ??= `it has an element ${name}`;
  }

  text(text: string): void {
    this.content += text;
  }

  close(name: string, end: number): void {
    const local = localName(name);
    const { tag, indicators, subfields } = this;
    if (local === 'leader') {
      this.leader = this.content;
      this.first = end;
    } else if (local === 'subfield') {
      subfields.push({ code: this.code, value: this.content });
      this.marked += SUBFIELD_MARK + this.code + this.content;
    } else if (local === 'controlfield') {
      this.fields.push({ tag, value: this.content, indicators: '', subfields: [], marked: this.content });
      this.ends.push(end);
    } else if (local === 'datafield') {
      this.fields.push({ tag, value: '', indicators, subfields, marked: this.marked });
      this.ends.push(end);
    }
    this.content = '';
  }
}
