import { dirname } from 'node:path';
import { closing, type FileSystem, nodeFileSystem, syncFolder, writeFully } from './file-system.js';
import { discard, hasAbandoned, removeLitter, tempPath } from './temp-file.js';
import { reportingAs, writeError } from './write-error.js';

/** What a file is to hold: all at once, or piece by piece as it comes. Text is written as UTF-8. */
export type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

const BLOCK_BYTES = 1 << 20;
const tidied = new Set<string>();

/**
 * Writes a file so that its name holds the old content or the whole new one at any moment, power cuts included.
 *
 * The content goes to a temporary file in the same folder, to the disk, and then takes the name. An error of the content's
 * source passes through, and the old file stays. The first call for a folder removes what dead writers have left there.
 *
 * @returns bytes written
 * @throws {OperationError} `write-failed`
 */
export async function atomicWriteFile(
  path: string,
  content: FileContent,
  options: { readonly fs?: FileSystem } = {},
): Promise<number> {
  const fs = options.fs ?? nodeFileSystem;
  const told = reportingAs(fs, path);
  const dir = dirname(path);
  const temp = tempPath(dir);
  if (!tidied.has(dir) || hasAbandoned(dir)) {
    await removeLitter(fs, dir).catch((cause) => {
      throw writeError(path, cause);
    });
    tidied.add(dir);
  }
  try {
    let position = 0;
    const file = await told.open(temp, 'wx');
    await closing(file, async () => {
      // The next block is made while one is written.
      let writing = Promise.resolve();
      try {
        for await (const block of blocksOf(content)) {
          await writing;
          writing = writeFully(file, block, position);
          writing.catch(() => undefined); // it is thrown where it is waited for
          position += block.length;
        }
        await writing;
      } catch (error) {
        await writing.catch(() => undefined);
        throw error;
      }
      await file.sync();
    });
    await told.rename(temp, path);
    await syncFolder(told, dir);
    return position;
  } catch (error) {
    await discard(fs, temp);
    throw error;
  }
}

/** Gathers small pieces into blocks worth a call. */
async function* blocksOf(content: FileContent): AsyncGenerator<Uint8Array> {
  if (typeof content === 'string' || content instanceof Uint8Array) {
    yield toBytes(content);
    return;
  }
  let pieces: Uint8Array[] = [];
  let nBytes = 0;
  for await (const piece of content) {
    const bytes = toBytes(piece);
    pieces.push(bytes);
    nBytes += bytes.length;
    if (nBytes < BLOCK_BYTES) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    nBytes = 0;
  }
  if (nBytes > 0) yield Buffer.concat(pieces);
}

function toBytes(piece: string | Uint8Array): Uint8Array {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}
