import { constants, promises } from 'node:fs';
import { makeFolders } from './make-folders.js';

/** The few calls by which files are written and read back; tests put failures in between. */
export interface FileSystem {
  /** @param flags as `fs.open` takes them; a new file gets mode 0666 less the umask */
  open(path: string, flags: string | number): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Makes the folder and those above it. */
  mkdir(path: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
}

/** An open file. */
export interface OpenFile {
  /** @returns bytes written, possibly fewer than asked for */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** @returns bytes read, possibly fewer than asked for; 0 at the end */
  read(bytes: Uint8Array, position: number): Promise<number>;
  stat(): Promise<{ readonly size: number; readonly isFile: boolean }>;
  /** Cuts the file off after so many bytes. */
  truncate(length: number): Promise<void>;
  /** Returns when the disk has it. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Opening for reading must not wait where a named pipe lies in a file's place. */
export const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The file system of the machine. */
export const nodeFileSystem: FileSystem = {
  async open(path, flags) {
    const handle = await promises.open(path, flags, 0o666);
    return {
      write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
      read: async (bytes, position) => (await handle.read(bytes, 0, bytes.length, position)).bytesRead,
      stat: async () => {
        const info = await handle.stat();
        return { size: info.size, isFile: info.isFile() };
      },
      truncate: (length) => handle.truncate(length),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename: (from, to) => promises.rename(from, to),
  unlink: (path) => promises.unlink(path),
  mkdir: async (path) => {
    makeFolders(path);
  },
  readdir: (path) => promises.readdir(path),
};

/** Writes all bytes, however few each call takes. */
export async function writeFully(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const n = await file.write(bytes.subarray(done), position + done);
    if (n <= 0) throw new Error(`only ${done} of ${bytes.length} bytes were taken`);
    done += n;
  }
}

/** @returns bytes read, fewer than asked for only at the end of the file */
export async function readFully(file: OpenFile, bytes: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const n = await file.read(bytes.subarray(done), position + done);
    if (n === 0) break;
    done += n;
  }
  return done;
}

/** Makes the names in a folder survive a power cut. Windows cannot open a folder, and orders its journal itself. */
export async function syncFolder(fs: FileSystem, dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await fs.open(dir, 'r');
  await closing(folder, () => folder.sync());
}

/** Closes the file after the work; an error of the work is told before one of closing. */
export async function closing<T>(file: OpenFile, work: () => Promise<T>): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await file.close().catch(() => undefined); // the first error is the one that explains
    throw error;
  }
  await file.close();
  return result;
}
