import { openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { OperationError } from '@catchword/core';

const CHUNK = 1 << 18;
let nSpools = 0;

/**
 * A stream that can be read more than once: what the first reader gets is kept in a temporary file.
 *
 * The file has no name once it is open, so nothing is left behind however the process ends.
 */
export class ReplayedStream {
  private readonly given: Readable | undefined;
  private readonly keep: boolean;
  private chunks: AsyncIterator<Buffer | string> | undefined;
  private file: number | undefined;
  private nKept = 0;
  private hasEnded = false;
  private pulling: Promise<void> | undefined;

  /**
   * @param source standard input where it is absent, touched only when it is read
   * @param keep false: nothing is kept, and a second reader gets an error
   */
  constructor(source: Readable | undefined, keep: boolean) {
    this.given = source;
    this.keep = keep;
  }

  /**
   * Reads from the beginning.
   *
   * @throws {OperationError} `operation-failed` for a second reader where nothing is kept; `write-failed` where the
   *   temporary file cannot be written
   */
  async *bytes(): AsyncGenerator<Buffer, void, undefined> {
    if (!this.keep) {
      if (this.chunks) {
        throw new OperationError('operation-failed', 'Cannot read standard input twice', {
          hint: 'Write the documents to a file and name it.',
        });
      }
      for (let next = await this.open().next(); !next.done; next = await this.open().next()) {
        yield Buffer.from(next.value as Buffer);
      }
      return;
    }
    for (let from = 0; ; ) {
      if (from < this.nKept) {
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK, this.nKept - from));
        from += readSync(this.file as number, chunk, 0, chunk.length, from);
        yield chunk;
      } else if (this.hasEnded) return;
      else await this.pull();
    }
  }

  /** Lets the process end though the stream has not: what a reader left in the pipe need not be waited for. */
  release(): void {
    if (this.chunks) this.handle.unref?.();
  }

  private get handle(): Readable & { ref?(): void; unref?(): void } {
    return this.given ?? process.stdin;
  }

  private open(): AsyncIterator<Buffer | string> {
    this.chunks ??= this.handle[Symbol.asyncIterator]();
    this.handle.ref?.();
    return this.chunks;
  }

  /** Keeps one more chunk; readers that wait at the same time wait for the same one. */
  private pull(): Promise<void> {
    this.pulling ??= (async () => {
      try {
        const next = await this.open().next();
        if (next.done) this.hasEnded = true;
        else this.spool(Buffer.from(next.value as Buffer));
      } finally {
        this.pulling = undefined;
      }
    })();
    return this.pulling;
  }

  private spool(chunk: Buffer): void {
    try {
      this.file ??= openUnnamed();
      for (let done = 0; done < chunk.length; ) {
        done += writeSync(this.file, chunk, done, chunk.length - done, this.nKept + done);
      }
      this.nKept += chunk.length;
    } catch (cause) {
      throw new OperationError(
        'write-failed',
        `Cannot keep standard input in ${tmpdir()} for a second reading: ${(cause as Error).message}`,
        { hint: 'Write the documents to a file and name it, or set TMPDIR to a folder with space.', cause },
      );
    }
  }
}

function openUnnamed(): number {
  const path = join(tmpdir(), `catchword-${process.pid}-${Date.now().toString(36)}-${nSpools++}`);
  const file = openSync(path, 'wx+', 0o600);
  rmSync(path, { force: true });
  return file;
}
