import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeError } from './write-error.js';

/** Numbers kept before they are put away. */
const CHUNK = 1 << 18;

export interface SpoolOptions {
  /** Memory that may be used; what goes beyond lies in a file. */
  readonly memoryBytes: number;
  /** Where the file is made; the system's folder for temporary files unless told. */
  readonly folder?: string;
}

/**
 * A long sequence of 32-bit numbers, written once and read several times, in bounded memory.
 *
 * Its file is unlinked as soon as it is open, so that a killed process leaves nothing behind.
 */
export class Spool {
  private readonly options: SpoolOptions;
  private readonly inMemory: Uint32Array[] = [];
  private memoryBytes = 0;
  private chunk = new Uint32Array(CHUNK);
  private nInChunk = 0;
  private file: { readonly descriptor: number; readonly path: string; readonly isUnlinked: boolean } | undefined;
  private readonly fileChunks: number[] = [];
  private length_ = 0;

  constructor(options: SpoolOptions) {
    this.options = options;
  }

  /** Numbers written so far. */
  get length(): number {
    return this.length_;
  }

  /** Bytes that lie in the file. */
  get fileBytes(): number {
    return this.fileChunks.reduce((bytes, length) => bytes + length * 4, 0);
  }

  /** @throws {OperationError} `write-failed` where the file cannot be made or grown */
  push(value: number): void {
    if (this.nInChunk === CHUNK) this.putAway();
    this.chunk[this.nInChunk++] = value;
    this.length_++;
  }

  /** @throws {OperationError} `write-failed` */
  pushAll(values: Uint32Array): void {
    let from = 0;
    while (from < values.length) {
      if (this.nInChunk === CHUNK) this.putAway();
      const n = Math.min(CHUNK - this.nInChunk, values.length - from);
      this.chunk.set(values.subarray(from, from + n), this.nInChunk);
      this.nInChunk += n;
      from += n;
    }
    this.length_ += values.length;
  }

  /** @returns all numbers in order, in arrays that are valid until the next one is asked for */
  *chunks(): Generator<Uint32Array, void, undefined> {
    yield* this.inMemory;
    if (this.file) {
      const buffer = new Uint32Array(CHUNK);
      let position = 0;
      for (const length of this.fileChunks) {
        const bytes = new Uint8Array(buffer.buffer, 0, length * 4);
        for (let done = 0; done < bytes.length; ) {
          const read = readSync(this.file.descriptor, bytes, done, bytes.length - done, position + done);
          if (read === 0) throw new RangeError(`the spool's file ends after ${position + done} bytes`);
          done += read;
        }
        position += bytes.length;
        yield buffer.subarray(0, length);
      }
    }
    if (this.nInChunk > 0) yield this.chunk.subarray(0, this.nInChunk);
  }

  /** Gives the memory and the file back; the spool is not used afterwards. */
  dispose(): void {
    this.inMemory.length = 0;
    this.nInChunk = 0;
    if (!this.file) return;
    closeSync(this.file.descriptor);
    if (!this.file.isUnlinked) unlinkSync(this.file.path);
    this.file = undefined;
  }

  private putAway(): void {
    const chunk = this.chunk.subarray(0, this.nInChunk);
    if (!this.file && this.memoryBytes + 2 * CHUNK * 4 <= this.options.memoryBytes) {
      this.inMemory.push(chunk);
      this.memoryBytes += chunk.byteLength;
      this.chunk = new Uint32Array(CHUNK);
    } else {
      this.write(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      this.fileChunks.push(chunk.length);
    }
    this.nInChunk = 0;
  }

  private write(bytes: Uint8Array): void {
    this.file ??= this.open();
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.file.descriptor, bytes, done);
    } catch (error) {
      throw writeError(this.file.path, error);
    }
  }

  private open() {
    const path = join(this.options.folder ?? tmpdir(), `catchword-spool-${randomBytes(8).toString('hex')}`);
    try {
      const descriptor = openSync(path, 'wx+', 0o600);
      let isUnlinked = true;
      try {
        unlinkSync(path);
      } catch (error) {
        // Windows keeps a file that is open: it goes when the spool is disposed of.
        if (!['EBUSY', 'EPERM', 'EACCES'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
        isUnlinked = false;
      }
      return { descriptor, path, isUnlinked };
    } catch (error) {
      throw writeError(path, error);
    }
  }
}
