import { InputError } from '@catchword/core';
import { peeked } from '@catchword/input';
import { iso2709Pieces } from './iso2709-pieces.js';
import type { MarcFormat, MarcPiece } from './marc-record.js';
import { marcxmlPieces } from './marcxml-pieces.js';

/** Bytes at the beginning of a stream that are waited for, to see what it is. */
export const MARC_HEAD_BYTES = 64;
/** Bytes that are looked at where they are there: comments may stand before XML. */
const MOST_HEAD_BYTES = 4096;

/**
 * Tells by its beginning whether something is MARC.
 *
 * @param head the first bytes, `MARC_HEAD_BYTES` or more where there are so many
 * @returns undefined for what is neither: among XML, what does not begin with `collection`, `record`, or an answer of OAI-PMH
 */
export function marcFormatOf(head: Uint8Array): MarcFormat | undefined {
  const text = Buffer.from(head.subarray(0, MOST_HEAD_BYTES)).toString('latin1');
  // A leader with its two numbers, then the first entry of a directory.
  if (/^[\s\0]*\d{5}[\x20-\x7e]{7}\d{5}[\x20-\x7e]{7}[0-9A-Za-z]{3}\d{9}/.test(text)) return 'iso2709';
  const root = /^(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*>\s*|<!--(?:(?!-->)[\s\S])*-->\s*)*<((?:[\w.-]+:)?[\w.-]+)([^>]*)/.exec(
    text,
  );
  if (!root) return undefined;
  const [, name = '', attributes = ''] = root;
  const local = name.slice(name.indexOf(':') + 1);
  if (local === 'OAI-PMH') return 'marcxml';
  if (local !== 'collection' && local !== 'record') return undefined;
  const isOther = /xmlns\s*=/.test(attributes) && !/MARC21|marcxml/i.test(attributes);
  return isOther ? undefined : 'marcxml';
}

/** A stream of records whose format was recognised. */
export interface MarcStream {
  readonly format: MarcFormat;
  /** The pieces in their order, in runs; together they are the stream, byte for byte. */
  readonly pieces: AsyncGenerator<MarcPiece[], void, undefined>;
}

/**
 * Reads records from bytes; ISO 2709 or MARCXML is told from the beginning.
 *
 * @param name what messages call the source
 * @param expected taken for granted where the beginning tells neither, so that what is broken is told record by record
 * @returns a stream; of nothing where there are no bytes
 * @throws {InputError} `input-invalid` for what is not MARC; pieces throw what the bytes throw
 */
export async function openMarc(bytes: AsyncIterable<Buffer>, name: string, expected?: MarcFormat): Promise<MarcStream> {
  const { head, all } = await peeked(bytes, MARC_HEAD_BYTES);
  const format = marcFormatOf(head) ?? (head.length === 0 ? 'iso2709' : expected);
  if (format === undefined) {
    await all.return();
    throw new InputError('input-invalid', `${name} is not MARC: it begins neither with a leader nor with MARCXML`, {
      hint: 'MARC 21 is read as ISO 2709 (.mrc) and as MARCXML with the root collection or record.',
      context: { path: name },
    });
  }
  return { format, pieces: format === 'iso2709' ? iso2709Pieces(all) : marcxmlPieces(all, name) };
}
