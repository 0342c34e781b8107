import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '@catchword/core';
import { type FileSystem, nodeFileSystem, type OpenFile, readFully, syncFolder, writeFully } from './file-system.js';
import { reportingAs } from './write-error.js';

/**
 * A file that grows piece by piece under a name of its own, over any number of processes, and takes its final name when it
 * is whole.
 *
 * Whoever writes it notes its length somewhere after `sync`; what lies beyond that length when it is opened again is cut off.
 */
export class PartFile {
  readonly path: string;
  private readonly file: OpenFile;
  private length_: number;

  private constructor(path: string, file: OpenFile, length: number) {
    this.path = path;
    this.file = file;
    this.length_ = length;
  }

  /**
   * Opens the file and cuts it to the length that was noted; 0 makes it anew.
   *
   * @throws {InputError} `file-not-found` or `input-invalid` where it is gone or shorter than that
   * @throws {OperationError} `write-failed`
   */
  static async open(path: string, length: number, options: { readonly fs?: FileSystem } = {}): Promise<PartFile> {
    const fs = reportingAs(options.fs ?? nodeFileSystem, path);
    if (length > 0 && !statSync(path, { throwIfNoEntry: false })) {
      throw new InputError('file-not-found', `Cannot go on writing ${path}: it is gone`, { context: { path } });
    }
    const file = await fs.open(path, length > 0 ? 'r+' : 'w+');
    try {
      const { size } = await file.stat();
      if (size < length) {
        const sizes = `it has ${size} bytes, and ${length} were written`;
        throw new InputError('input-invalid', `Cannot go on writing ${path}: ${sizes}`, { context: { path, size } });
      }
      if (size > length) await file.truncate(length);
      if (length === 0) await syncFolder(fs, dirname(path));
    } catch (error) {
      await file.close().catch(() => undefined); // the first error is the one that explains
      throw error;
    }
    return new PartFile(path, file, length);
  }

  /** Bytes that were appended, those before the opening included. */
  get length(): number {
    return this.length_;
  }

  /** @throws {OperationError} `write-failed`; the file may have some of the bytes, which the next opening cuts off */
  async append(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    await writeFully(this.file, bytes, this.length_);
    this.length_ += bytes.length;
  }

  /** Returns when the disk has all that was appended. */
  async sync(): Promise<void> {
    await this.file.sync();
  }

  /** @returns all bytes of the file, which is a small one */
  async content(): Promise<Uint8Array> {
    const bytes = new Uint8Array(this.length_);
    await readFully(this.file, bytes, 0);
    return bytes;
  }

  /** Cuts the file to nothing. */
  async clear(): Promise<void> {
    await this.file.truncate(0);
    this.length_ = 0;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  /** Gives a whole file that was synced and closed its final name. */
  static async rename(path: string, finalPath: string, options: { readonly fs?: FileSystem } = {}): Promise<void> {
    const fs = reportingAs(options.fs ?? nodeFileSystem, finalPath);
    await fs.rename(path, finalPath);
    await syncFolder(fs, dirname(finalPath));
  }
}
