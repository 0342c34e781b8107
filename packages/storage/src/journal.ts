import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolders } from './make-folders.js';
import { writeError } from './write-error.js';

const FILE = /^\d{4}-\d\d\.jsonl$/;
const NEWLINE = 0x0a;
/** A line longer than this is none of ours. */
const MAX_LINE_BYTES = 64 << 20;
const BLOCK_BYTES = 1 << 16;

/** A line of a journal, and where the next one begins. */
export interface JournalEntry {
  readonly value: unknown;
  /** Give it to `read` to go on after this entry. */
  readonly cursor: string;
}

/**
 * Lines of JSON that are only ever added to: what was acknowledged is on the disk, and nothing that was written changes.
 *
 * A month has a file of its own (`2026-11.jsonl`), so that old ones can be moved away. The files need no program to be
 * read, and a backup is a copy. A line that a crash has cut short is passed over. Each line is one write at the end of the
 * file, so that several processes may add to one journal.
 */
export class Journal {
  private readonly folder: string;
  private before: Promise<unknown> = Promise.resolve();

  /** @param folder made with the first entry */
  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Adds an entry; it is on the disk when the promise is fulfilled.
   *
   * @param time decides about the file
   * @returns the bytes that the journal has grown by
   * @throws {OperationError} `write-failed`; part of a line may be there, which reading passes over
   */
  append(value: object, time: Date): Promise<number> {
    return this.appendAll([value], time);
  }

  /**
   * Adds entries one after the other; all are on the disk when the promise is fulfilled. A crash leaves the first ones.
   *
   * @returns the bytes that the journal has grown by
   * @throws as `append`
   */
  appendAll(values: readonly object[], time: Date): Promise<number> {
    const added = this.before.then(() => this.add(values, time));
    this.before = added.catch(() => undefined); // told to whoever has added it
    return added;
  }

  /**
   * Reads entries, the oldest first, in bounded memory.
   *
   * @param after a cursor of an earlier entry; absent: from the beginning
   * @param onPassedOver told the place of each line that was cut short or is no JSON: `PATH:LINE` from the position on
   */
  async *read(after = '', onPassedOver?: (place: string) => void): AsyncGenerator<JournalEntry, void, undefined> {
    const [afterFile = '', afterPosition = '0'] = after.split(':');
    const names = (await this.names()).filter((name) => name >= afterFile);
    for (const name of names) {
      const start = name === afterFile ? Number(afterPosition) : 0;
      const path = join(this.folder, name);
      let nLines = 0;
      for await (const { line, end, isWhole } of linesFrom(path, start)) {
        nLines++;
        const value = isWhole ? parsed(line) : undefined;
        if (value !== undefined) yield { value, cursor: `${name}:${end}` };
        else if (line !== '') onPassedOver?.(`${path}:${nLines}`);
      }
    }
  }

  /** @returns how many bytes the journal has on the disk */
  async size(): Promise<number> {
    const sizes = (await this.names()).map(async (name) => (await stat(join(this.folder, name))).size);
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  private async names(): Promise<string[]> {
    try {
      return (await readdir(this.folder)).filter((name) => FILE.test(name)).sort();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  private async add(values: readonly object[], time: Date): Promise<number> {
    const path = join(this.folder, `${time.toISOString().slice(0, 7)}.jsonl`);
    try {
      makeFolders(this.folder);
      const file = await open(path, 'a+');
      try {
        const { size } = await file.stat();
        const last = Buffer.alloc(1);
        if (size > 0) await file.read(last, 0, 1, size - 1);
        let nBytes = 0;
        const isTorn = size > 0 && last[0] !== NEWLINE;
        if (isTorn) nBytes += await writeWhole(file, Buffer.from('\n'));
        // Where another process adds at the same time, its lines come between two of ours, never into one.
        for (const value of values) nBytes += await writeWhole(file, Buffer.from(`${JSON.stringify(value)}\n`));
        await file.datasync();
        return nBytes;
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw writeError(path, cause);
    }
  }
}

/** @returns the bytes written @throws {Error} if the disk takes only a part of the line, as when it is full */
async function writeWhole(file: FileHandle, line: Buffer): Promise<number> {
  const { bytesWritten } = await file.write(line);
  if (bytesWritten < line.length) throw new Error(`only ${bytesWritten} of ${line.length} bytes could be written`);
  return bytesWritten;
}

interface Line {
  readonly line: string;
  /** The position after it. */
  readonly end: number;
  /** False for a last one without end, and for one that is too long to be ours. */
  readonly isWhole: boolean;
}

async function* linesFrom(path: string, start: number): AsyncGenerator<Line> {
  const file = await open(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let position = start;
    let isTooLong = false;
    for (;;) {
      const block = Buffer.alloc(Math.max(BLOCK_BYTES, rest.length));
      const { bytesRead } = await file.read(block, 0, block.length, position + rest.length);
      if (bytesRead === 0) {
        const isCutShort = rest.length > 0 || isTooLong;
        if (isCutShort) yield { line: rest.toString('utf8') || '…', end: position, isWhole: false };
        return;
      }
      rest = Buffer.concat([rest, block.subarray(0, bytesRead)]);
      for (let i = rest.indexOf(NEWLINE); i >= 0; i = rest.indexOf(NEWLINE)) {
        const line = rest.toString('utf8', 0, i);
        position += i + 1;
        rest = rest.subarray(i + 1);
        yield { line: isTooLong ? '…' : line, end: position, isWhole: !isTooLong };
        isTooLong = false;
      }
      if (rest.length <= MAX_LINE_BYTES) continue;
      isTooLong = true;
      position += rest.length;
      rest = Buffer.alloc(0);
    }
  } finally {
    await file.close();
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // cut short by a crash
  }
}
