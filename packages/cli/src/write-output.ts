import { realpathSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { atomicWriteFile, type FileContent, writeError } from '@catchword/storage';

/**
 * Writes a file that the user named; it appears whole or not at all. A symbolic link is followed, and what is no file but
 * a device or a pipe is written to as it is: renaming a file over `/dev/null` would replace it.
 *
 * @throws {OperationError} `write-failed`; an error of the content's source passes through
 */
export async function writeOutput(path: string, content: FileContent): Promise<void> {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info || info.isFile()) {
    await atomicWriteFile(info ? realpathSync(path) : path, content);
    return;
  }
  const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  const file = await open(path, 'w').catch((cause) => {
    throw writeError(path, cause);
  });
  try {
    for await (const piece of pieces) {
      await file.writeFile(piece).catch((cause) => {
        throw writeError(path, cause);
      });
    }
  } finally {
    await file.close();
  }
}

/**
 * Finds out before the work what would keep its result from being written.
 *
 * @throws {OperationError} `write-failed` where the folder is not there, or a folder has the name
 */
export function checkOutput(path: string): void {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw systemError('EISDIR');
    if (!statSync(dirname(path)).isDirectory()) throw systemError('ENOTDIR');
  } catch (cause) {
    throw writeError(path, cause);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Gives lines their ends. */
export async function* ended(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string, void, undefined> {
  for await (const line of lines) yield `${line}\n`;
}
