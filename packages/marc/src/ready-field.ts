import { FIELD_END, type MarcEncoding } from './iso2709-record.js';
import { type MarcSubfield, type NewField, SUBFIELD_MARK } from './marc-record.js';
import { encodeMarc8 } from './marc8.js';

/** Subfields whose bytes in ISO 2709 are made once. */
export class ReadySubfields {
  readonly subfields: readonly MarcSubfield[];
  private readonly utf8: Buffer;
  private marc8: Buffer | undefined;

  constructor(...subfields: readonly MarcSubfield[]) {
    this.subfields = subfields;
    this.utf8 = Buffer.from(markedText(subfields), 'utf8');
  }

  bytes(encoding: MarcEncoding): Buffer {
    if (encoding === 'utf-8') return this.utf8;
    this.marc8 ??= Buffer.from(markedText(this.subfields, encodeMarc8), 'latin1');
    return this.marc8;
  }
}

/** @returns each subfield behind a mark, its value as it is or as `encode` gives it */
export function markedText(subfields: readonly MarcSubfield[], encode?: (value: string) => string): string {
  let text = '';
  for (const { code, value } of subfields) text += SUBFIELD_MARK + code + (encode ? encode(value) : value);
  return text;
}

/** A new field that is put together of subfields whose bytes are there already. */
export class ReadyField implements NewField {
  readonly tag: string;
  readonly indicators: string;
  private readonly parts: readonly ReadySubfields[];

  /** @param indicators two, in ASCII */
  constructor(tag: string, indicators: string, parts: readonly ReadySubfields[]) {
    this.tag = tag;
    this.indicators = indicators;
    this.parts = parts;
  }

  get subfields(): readonly MarcSubfield[] {
    return this.parts.flatMap(({ subfields }) => subfields);
  }

  /** @returns bytes in ISO 2709, the end mark included */
  nBytes(encoding: MarcEncoding): number {
    let n = this.indicators.length + 1;
    for (const part of this.parts) n += part.bytes(encoding).length;
    return n;
  }

  /** @returns the place behind it */
  write(target: Buffer, place: number, encoding: MarcEncoding): number {
    const { indicators, parts } = this;
    let at = place;
    for (let i = 0; i < indicators.length; i++) target[at++] = indicators.charCodeAt(i);
    for (const part of parts) {
      const bytes = part.bytes(encoding);
      target.set(bytes, at);
      at += bytes.length;
    }
    target[at] = FIELD_END;
    return at + 1;
  }
}
