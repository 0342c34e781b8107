import { OperationError } from '@catchword/core';
import { ThreadPool } from '@catchword/math';
import { ByteOutput } from './byte-output.js';
import type { MarcPlace } from './marc-record.js';
import { MetConcepts, PartsPacker } from './packed-parts.js';
import type { RecordWriter, WritePart, WriteSettings, WrittenParts } from './record-writer.js';
import type { PackedAnswer } from './write-worker.js';

/** Work of this thread after which others are worth their start. */
const WORTH_THREADS_MS = 300;
/** Parts that a thread has at hand or under way. */
const MOST_SENT = 2;
/** What may wait for something before it that is under way, for each thread: some megabytes. */
const MOST_WAITING = 16;

/** Written parts together with their bytes. */
export interface WrittenRun extends WrittenParts {
  readonly bytes: Buffer;
}

interface PartsUnderWay {
  readonly written: WrittenRun | Promise<WrittenRun>;
  isDone: boolean;
}

/**
 * Writes parts in their order. This thread does so alone at first; then others always have parts at hand, and those that they have
 * no room for are this thread's.
 *
 * @param nThreads this one included
 * @throws what `parts` throws, and what another thread does; {OperationError} `operation-failed` where one ends
 */
export async function* writtenInOrder(
  parts: AsyncIterable<readonly WritePart[]>,
  writer: RecordWriter,
  settings: WriteSettings,
  nThreads: number,
  threadsAfterMs = WORTH_THREADS_MS,
): AsyncGenerator<WrittenRun, void, undefined> {
  const threads: WriteThread[] = [];
  const underWay: PartsUnderWay[] = [];
  const output = new ByteOutput();
  let workedMs = 0;
  let filling: { readonly thread: WriteThread; readonly packer: PartsPacker } | undefined;
  const send = ({ thread, packer }: NonNullable<typeof filling>): void => {
    const sent: PartsUnderWay = { written: thread.write(packer), isDone: false };
    const done = () => {
      sent.isDone = true;
    };
    (sent.written as Promise<WrittenRun>).then(done, done); // a failure is thrown when its turn comes
    underWay.push(sent);
    filling = undefined;
  };
  const take = async () => (underWay.shift() as PartsUnderWay).written;
  try {
    for await (const some of parts) {
      if (threads.length === 0 && workedMs > threadsAfterMs) {
        for (let i = 1; i < nThreads; i++) threads.push(new WriteThread(settings));
      }
      const free = filling ? undefined : threads.find(({ hasRoom }) => hasRoom);
      if (free) filling = { thread: free, packer: new PartsPacker(free.met) };
      if (filling) {
        for (const part of some) filling.packer.add(part);
        if (filling.packer.isFull) send(filling);
      } else {
        const started = performance.now();
        const written = writer.write(some, output);
        underWay.push({ written: { ...written, bytes: output.take() }, isDone: true });
        workedMs += performance.now() - started;
        if (threads.length > 0) await nextTurn(); // lets answers come in
      }
      while (underWay[0]?.isDone || underWay.length > MOST_WAITING * threads.length) yield await take();
    }
    if (filling) send(filling);
    while (underWay.length > 0) yield await take();
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Another thread that writes parts. */
class WriteThread {
  readonly met = new MetConcepts();
  private readonly pool: ThreadPool;
  private nSent = 0;
  private isReady = false;

  constructor(settings: WriteSettings) {
    const module = new URL('../dist/write-worker.js', import.meta.url);
    this.pool = new ThreadPool({ module, nThreads: 1, init: settings });
    const ready = () => {
      this.isReady = true;
    };
    this.write(new PartsPacker(this.met)).then(ready, ready); // what keeps it from starting is thrown with its first parts
  }

  /** True where parts would be at hand when it ends what it is at; not while it gets going. */
  get hasRoom(): boolean {
    return this.isReady && this.nSent < MOST_SENT;
  }

  async write(packer: PartsPacker): Promise<WrittenRun> {
    const packed = packer.packed();
    this.nSent++;
    try {
      const { bytes, report, problems } = await this.pool.run<PackedAnswer>(packed, [
        packed.bytes.buffer as ArrayBuffer,
      ]);
      const placed = problems.map(({ problem, part }) => ({ problem, place: packer.places[part] as MarcPlace }));
      const run = Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
      return { bytes: run, report, problems: placed };
    } catch (cause) {
      if (!this.pool.hasFailed) throw cause;
      throw new OperationError(
        'operation-failed',
        `The thread that writes records ended: ${(cause as Error).message}`,
        {
          hint: 'Where memory is scarce, write with one thread: --jobs 1.',
          cause,
        },
      );
    } finally {
      this.nSent--;
    }
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
