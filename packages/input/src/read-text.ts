import { decodeUtf8 } from './read-lines.js';

/**
 * Decodes bytes as UTF-8 piece by piece, without regard to lines; for parsers that find line ends themselves.
 *
 * A byte-order mark is gone. Memory is bounded by the largest piece, also where a file is one single line.
 *
 * @param name what messages call the source
 * @throws {InputError} `encoding-invalid` with path and line where bytes are not UTF-8
 */
export async function* textOf(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<string, void, undefined> {
  let line = 1;
  let carried: Buffer | undefined;
  for await (const chunk of bytes) {
    const block: Buffer = carried ? Buffer.concat([carried, chunk]) : chunk;
    const end = block.length - openSequence(block);
    carried = end < block.length ? Buffer.from(block.subarray(end)) : undefined;
    const whole = block.subarray(0, end);
    if (whole.length > 0) yield decodeUtf8(whole, name, line);
    line += newlines(whole);
  }
  if (carried) yield decodeUtf8(carried, name, line);
}

/** How many bytes at the end begin a character whose other bytes are still to come. */
function openSequence(block: Buffer): number {
  for (let n = 1; n <= 3 && n <= block.length; n++) {
    const byte = block[block.length - n] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return wanted > n ? n : 0;
  }
  return 0;
}

function newlines(block: Buffer): number {
  let n = 0;
  for (let i = block.indexOf(0x0a); i !== -1; i = block.indexOf(0x0a, i + 1)) n++;
  return n;
}
