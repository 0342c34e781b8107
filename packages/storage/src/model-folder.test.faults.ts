import { type FileSystem, nodeFileSystem, type OpenFile } from './file-system.js';

/** How a call fails: with the system's error, or, of a write, after half of the bytes. */
export type Fault = 'ENOSPC' | 'EIO' | 'EMFILE' | 'short';

/**
 * A file system whose n-th call fails, for tests; all others work.
 *
 * @param n counted from 0; none fails where it is beyond the last call
 * @param done whether the call does its work before it says that it failed, as a lost answer of a network drive
 */
export function faultyFileSystem(n: number, fault: Fault, done = false): FileSystem & { readonly calls: string[] } {
  const calls: string[] = [];
  const failing = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    calls.push(name);
    if (calls.length - 1 !== n || fault === 'short') return work();
    if (done) await work();
    throw Object.assign(new Error(`${fault}: injected, ${name}`), { code: fault });
  };
  const wrap = (file: OpenFile, name: string): OpenFile => ({
    write: (bytes, position) =>
      failing(`write ${name}`, () => {
        const isShort = fault === 'short' && calls.length - 1 === n;
        return file.write(isShort ? bytes.subarray(0, bytes.length >> 1) : bytes, position);
      }),
    read: (bytes, position) => failing(`read ${name}`, () => file.read(bytes, position)),
    stat: () => failing(`stat ${name}`, () => file.stat()),
    truncate: (length) => failing(`truncate ${name}`, () => file.truncate(length)),
    sync: () => failing(`sync ${name}`, async () => undefined), // the disk's own work is not what is tested, and slow
    // a file that says it could not be closed is closed nevertheless
    close: async () => {
      calls.push(`close ${name}`);
      const isFaulty = calls.length - 1 === n && fault !== 'short';
      await file.close();
      if (isFaulty) throw Object.assign(new Error(`${fault}: injected, close`), { code: fault });
    },
  });
  return {
    calls,
    open: async (path, flags) => {
      let opened: OpenFile | undefined;
      try {
        return await failing(`open ${path}`, async () => {
          opened = wrap(await nodeFileSystem.open(path, flags), path);
          return opened;
        });
      } catch (error) {
        if (opened) await opened.close();
        throw error;
      }
    },
    rename: (from, to) => failing(`rename ${from} ${to}`, () => nodeFileSystem.rename(from, to)),
    unlink: (path) => failing(`unlink ${path}`, () => nodeFileSystem.unlink(path)),
    mkdir: (path) => failing(`mkdir ${path}`, () => nodeFileSystem.mkdir(path)),
    readdir: (path) => failing(`readdir ${path}`, () => nodeFileSystem.readdir(path)),
  };
}
