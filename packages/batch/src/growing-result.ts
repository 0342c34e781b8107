import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FileSystem, GzipMembers, PartFile } from '@catchword/storage';
import type { ResultLengths } from './job.js';

/** Text that is gathered before it is written. */
const BLOCK_BYTES = 1 << 18;

export interface GrowingResultOptions {
  readonly gzip: boolean;
  readonly fs?: FileSystem;
}

/** @returns the name that a result has while a job writes it: beside its final place, hidden, with the job's id */
export function partPath(output: string, jobId: string): string {
  return join(dirname(output), `.${basename(output)}.${jobId}.part`);
}

/**
 * A result file that grows while a job works. After `commit` the disk has all of it, and its lengths are what to go on with.
 *
 * With gzip the file holds whole members, and the text of the member to come stands in a second file. There are two of these
 * by turns: what was committed stays as it is until the next commit.
 */
export class GrowingResult {
  private readonly part: PartFile;
  private readonly packed: WaitingText | undefined;
  /** What is gathered: one block for all, as blocks of their own would be waste that lies around until it is collected. */
  private readonly block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  private nGathered = 0;
  private textLength: number;

  private constructor(part: PartFile, packed: WaitingText | undefined, textLength: number) {
    this.part = part;
    this.packed = packed;
    this.textLength = textLength;
  }

  /**
   * @param path the part file
   * @param lengths those of the last commit
   * @throws as `PartFile.open`
   */
  static async open(path: string, lengths: ResultLengths, options: GrowingResultOptions): Promise<GrowingResult> {
    const { gzip, ...io } = options;
    const part = await PartFile.open(path, lengths.part, io);
    try {
      const packed = gzip ? await WaitingText.open(path, lengths, io) : undefined;
      return new GrowingResult(part, packed, lengths.text);
    } catch (error) {
      await part.close().catch(() => undefined); // the first error is the one that explains
      throw error;
    }
  }

  /** Bytes of text so far, before compression. */
  get nTextBytes(): number {
    return this.textLength;
  }

  /** @throws {OperationError} `write-failed` */
  async append(piece: string | Uint8Array): Promise<void> {
    const nBytes = Buffer.byteLength(piece);
    this.textLength += nBytes;
    if (this.nGathered + nBytes > BLOCK_BYTES) await this.write();
    if (nBytes > BLOCK_BYTES) {
      await this.put(typeof piece === 'string' ? Buffer.from(piece) : piece);
      return;
    }
    if (typeof piece === 'string') this.block.write(piece, this.nGathered);
    else this.block.set(piece, this.nGathered);
    this.nGathered += nBytes;
  }

  /** Brings all to the disk. @returns lengths to be noted */
  async commit(): Promise<ResultLengths> {
    await this.write();
    await this.part.sync();
    const waiting = (await this.packed?.commit()) ?? { waiting: 0, waitingFile: 0 };
    return { part: this.part.length, ...waiting, text: this.textLength };
  }

  /** Ends the file; nothing can be appended any more. @returns lengths to be noted before `place` */
  async end(): Promise<ResultLengths> {
    await this.write();
    const last = await this.packed?.members.end(this.part.length === 0);
    if (last) await this.part.append(last);
    await this.part.sync();
    await this.close();
    return { part: this.part.length, waiting: 0, waitingFile: 0, text: this.textLength };
  }

  async close(): Promise<void> {
    await this.part.close();
    await this.packed?.close();
  }

  /** Gives an ended file its final name; what was only needed to write it goes. */
  static async place(path: string, output: string, options: { readonly fs?: FileSystem } = {}): Promise<void> {
    for (const name of waitingPaths(path)) await rm(name, { force: true });
    await PartFile.rename(path, output, options);
  }

  /** Removes what was written, if it is there. */
  static async discard(path: string): Promise<void> {
    for (const name of [path, ...waitingPaths(path)]) await rm(name, { force: true });
  }

  private async write(): Promise<void> {
    if (this.nGathered === 0) return;
    const block = this.block.subarray(0, this.nGathered);
    await this.put(this.packed ? Uint8Array.from(block) : block); // members that are not full keep what they are given
    this.nGathered = 0;
  }

  private async put(block: Uint8Array): Promise<void> {
    if (!this.packed) await this.part.append(block);
    else for (const member of await this.packed.add(block)) await this.part.append(member);
  }
}

/** The text of a member that is not full, in memory and in one of two files. */
class WaitingText {
  readonly members = new GzipMembers();
  private readonly files: readonly PartFile[];
  private current: number;
  private hasSwitched = false;

  private constructor(files: readonly PartFile[], current: number) {
    this.files = files;
    this.current = current;
  }

  static async open(path: string, lengths: ResultLengths, io: { readonly fs?: FileSystem }): Promise<WaitingText> {
    const { waiting, waitingFile } = lengths;
    const files: PartFile[] = [];
    try {
      for (const [i, name] of waitingPaths(path).entries()) {
        files.push(await PartFile.open(name, i === waitingFile ? waiting : 0, io));
      }
      const text = new WaitingText(files, waitingFile);
      await text.members.add(await (files[waitingFile] as PartFile).content());
      return text;
    } catch (error) {
      for (const file of files) await file.close().catch(() => undefined); // the first error is the one that explains
      throw error;
    }
  }

  /** @returns members that are full now */
  async add(block: Uint8Array): Promise<Uint8Array[]> {
    const full = await this.members.add(block);
    if (full.length > 0) {
      if (!this.hasSwitched) this.current = 1 - this.current;
      this.hasSwitched = true;
      await this.file.clear();
    }
    await this.file.append(full.length > 0 ? this.members.pending() : block);
    return full;
  }

  async commit(): Promise<Pick<ResultLengths, 'waiting' | 'waitingFile'>> {
    await this.file.sync();
    this.hasSwitched = false;
    return { waiting: this.file.length, waitingFile: this.current };
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
  }

  private get file(): PartFile {
    return this.files[this.current] as PartFile;
  }
}

function waitingPaths(path: string): readonly [string, string] {
  return [`${path}.a`, `${path}.b`];
}
