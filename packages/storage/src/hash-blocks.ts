import { createHash } from 'node:crypto';
import { type OpenFile, readFully } from './file-system.js';

/** How much is read, hashed and written at a time. */
export const BLOCK_BYTES = 4 << 20;

/**
 * Reads a file block by block, the next one while the last is hashed.
 *
 * @param blockAt where block i is to be put; two in a row must not overlap
 * @returns the checksum, or undefined if the file ends early
 */
export async function hashBlocks(
  file: OpenFile,
  nBytes: number,
  blockAt: (i: number) => Uint8Array,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  const read = async (i: number): Promise<Uint8Array | undefined> => {
    const position = i * BLOCK_BYTES;
    if (position >= nBytes) return undefined;
    const block = blockAt(i).subarray(0, nBytes - position);
    return block.subarray(0, await readFully(file, block, position));
  };
  let done = 0;
  let next = read(0);
  for (let i = 0; ; i++) {
    const block = await next;
    if (!block) break;
    next = read(i + 1);
    next.catch(() => undefined); // told when its turn comes
    hash.update(block);
    done += block.length;
  }
  return done === nBytes ? hash.digest('hex') : undefined;
}
