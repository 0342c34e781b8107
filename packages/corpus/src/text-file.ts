import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { InputError } from '@catchword/core';
import { readBytes, unpacked } from '@catchword/input';

/** A text as read from a file. */
export interface TextFile {
  readonly text: string;
  /** True where bytes were not UTF-8 and U+FFFD stands in their place. */
  readonly hasReplacements: boolean;
}

/**
 * Reads a whole file as one text: UTF-8, or UTF-16 where it begins with that byte-order mark; unpacked where it is gzip.
 *
 * Bytes that are not UTF-8 become U+FFFD, as Annif does; line ends become LF; a byte-order mark is left out.
 *
 * @throws {InputError} as `readBytes`; `input-invalid` for more than 512 MiB of text
 */
export async function readTextFile(path: string): Promise<TextFile> {
  return decodeText(readBytes(path), path);
}

/** Reads a whole stream, such as standard input, as one text; see `readTextFile`. The stream is destroyed at its end. */
export async function readTextStream(stream: Readable, name: string): Promise<TextFile> {
  return decodeText(unpacked(stream, name), name);
}

async function decodeText(chunks: AsyncIterable<Buffer>, name: string): Promise<TextFile> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const bytes = Buffer.concat(parts);
  try {
    const { text, hasReplacements } = decode(bytes);
    return { text: text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text, hasReplacements };
  } catch (cause) {
    throw new InputError('input-invalid', `Cannot read ${name} as one text: ${bytes.length} bytes are too many`, {
      hint: 'Split it into documents.',
      context: { path: name, nBytes: bytes.length },
      cause,
    });
  }
}

function decode(bytes: Buffer): TextFile {
  if (bytes[0] === 0xff && bytes[1] === 0xfe)
    return { text: new TextDecoder('utf-16le').decode(bytes), hasReplacements: false };
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return { text: new TextDecoder('utf-16be').decode(bytes), hasReplacements: false };
  return { text: new TextDecoder('utf-8').decode(bytes), hasReplacements: !isUtf8(bytes) };
}
