import { existsSync } from 'node:fs';
import { OperationError } from '@catchword/core';
import { readBytes } from '@catchword/input';
import type { FileSystem } from '@catchword/storage';
import { GrowingResult } from './growing-result.js';
import type { ResultLengths } from './job.js';

/**
 * A result file made anew from the one that is there and pieces that are put in between, in constant memory. The old file
 * stays until the new one is whole.
 */
export class SplicedResult {
  private readonly path: string;
  private readonly newPath: string;
  private readonly length: number;
  private readonly gzip: boolean;
  private readonly fs: FileSystem | undefined;
  private result: GrowingResult | undefined;
  private old: AsyncGenerator<Buffer, void, undefined> | undefined;
  private block: Buffer = Buffer.alloc(0);
  private nCopied = 0;
  private nInserted_ = 0;

  /** @param length text bytes that the old file has to have */
  constructor(path: string, newPath: string, length: number, gzip: boolean, fs: FileSystem | undefined) {
    this.path = path;
    this.newPath = newPath;
    this.length = length;
    this.gzip = gzip;
    this.fs = fs;
  }

  /** Bytes that were put in so far. */
  get nInserted(): number {
    return this.nInserted_;
  }

  /**
   * @param offset in the text of the old file; never smaller than the one before
   * @throws {OperationError} `job-changed` where the old file is not as long as it was; `write-failed`
   */
  async insert(offset: number, piece: string | Uint8Array): Promise<void> {
    const result = await this.copyTo(offset);
    await result.append(piece);
    this.nInserted_ += Buffer.byteLength(piece);
  }

  /** Copies the rest, and ends the new file. @throws as `insert` */
  async end(): Promise<ResultLengths> {
    const result = await this.copyTo(this.length);
    const isLonger = this.block.length > 0 || !(await this.old?.next())?.done;
    if (isLonger) throw this.changed(`it has more than the ${this.length} bytes of text that the job wrote`);
    this.result = undefined;
    return result.end();
  }

  async close(): Promise<void> {
    await this.old?.return();
    await this.result?.close().catch(() => undefined); // it is given up
    if (this.result) await GrowingResult.discard(this.newPath);
  }

  private async copyTo(offset: number): Promise<GrowingResult> {
    if (!this.result) {
      if (!existsSync(this.path)) throw this.changed('it is gone');
      const none = { part: 0, waiting: 0, waitingFile: 0, text: 0 };
      const io = this.fs ? { fs: this.fs } : undefined;
      this.result = await GrowingResult.open(this.newPath, none, { gzip: this.gzip, ...io });
      this.old = readBytes(this.path);
    }
    while (this.nCopied < offset) {
      if (this.block.length === 0) {
        const next = await this.old?.next();
        if (!next || next.done)
          throw this.changed(`it has ${this.nCopied} bytes of text, and the job wrote ${this.length}`);
        this.block = next.value;
        continue;
      }
      const part = this.block.subarray(0, offset - this.nCopied);
      await this.result.append(part);
      this.block = this.block.subarray(part.length);
      this.nCopied += part.length;
    }
    return this.result;
  }

  private changed(what: string): OperationError {
    return new OperationError('job-changed', `Cannot put results into ${this.path}: ${what}`, {
      hint: 'Bring the file back as the job wrote it, or index the documents anew.',
      context: { path: this.path },
    });
  }
}
