import { IndexingError, OperationError } from '@catchword/core';
import type { FileSystem, OpenFile } from './file-system.js';

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOSPC: ['no space is left on the disk', 'Free some space and run it again; what was there before is unchanged.'],
  EDQUOT: ['the disk quota is used up', 'Free some space and run it again; what was there before is unchanged.'],
  EACCES: ['no permission', 'Give yourself permission to write there, or choose another folder.'],
  EPERM: ['no permission', 'Give yourself permission to write there, or choose another folder.'],
  EROFS: ['the file system is read-only', 'Choose another folder.'],
  ENOENT: ['its folder does not exist', 'Make the folder first, or choose another one.'],
  ENOTDIR: ['a part of its path is a file, not a folder', 'Move that file away, or choose another folder.'],
  EISDIR: ['there is a folder in its place', 'Move that folder away, or choose another name.'],
  EEXIST: ['there is a file in its place', 'Move that file away, or choose another folder.'],
  EMFILE: ['this process has too many files open', 'Raise the limit: ulimit -n'],
  ENFILE: ['the system has too many files open', 'Close other programs and run it again.'],
};

/** The parent is there, and yet the file system says that it is not. */
const NO_FOLDER = ['no folder can be made there', 'Choose another folder.'] as const;

/**
 * Gives a failed write its file, a code and a hint.
 *
 * @returns an OperationError `write-failed`, or the error itself where it is one of Catchword's already
 */
export function writeError(path: string, cause: unknown): Error {
  if (IndexingError.is(cause)) return cause;
  const {
    code = '',
    syscall,
    message,
  }: Partial<NodeJS.ErrnoException> = cause instanceof Error ? cause : { message: String(cause) };
  const [reason, hint] = (syscall === 'mkdir' && code === 'ENOENT' ? NO_FOLDER : REASONS[code]) ?? [
    message ?? '',
    'Check the disk; what was there before is unchanged.',
  ];
  return new OperationError('write-failed', `Cannot write ${path}: ${reason}`, {
    hint,
    context: { path, code },
    cause,
  });
}

/** @returns the same file system, whose errors are `writeError`s about one file, whatever temporary file they struck */
export function reportingAs(fs: FileSystem, path: string): FileSystem {
  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw writeError(path, cause);
    }
  };
  const toldFile = (file: OpenFile): OpenFile => ({
    write: async (bytes, position) => {
      const n = await told(file.write(bytes, position));
      if (n <= 0 && bytes.length > 0) throw writeError(path, new Error('the disk takes no more bytes'));
      return n;
    },
    read: (bytes, position) => told(file.read(bytes, position)),
    stat: () => told(file.stat()),
    truncate: (length) => told(file.truncate(length)),
    sync: () => told(file.sync()),
    close: () => told(file.close()),
  });
  return {
    open: async (name, flags) => toldFile(await told(fs.open(name, flags))),
    rename: (from, to) => told(fs.rename(from, to)),
    unlink: (name) => told(fs.unlink(name)),
    mkdir: (name) => told(fs.mkdir(name)),
    readdir: (name) => told(fs.readdir(name)),
  };
}
