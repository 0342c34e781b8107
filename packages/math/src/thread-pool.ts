import type { TransferListItem } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import { holdHeapsSmall } from './small-heaps.js';
import type { FromThread, PackedError } from './thread-messages.js';

interface Waiting {
  readonly task: unknown;
  readonly transfer: readonly TransferListItem[];
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Tasks handed over and not answered yet, oldest first. */
  readonly sent: Waiting[];
}

/** A thread has the next task at hand when it ends one, so that it need not wait until this thread is free. */
const TASKS_AHEAD = 2;
/** Half a thread's memory would be room for garbage that a batch never fills. */
const YOUNG_GENERATION_MIB = 12;

export interface ThreadPoolOptions {
  /** The worker's module; it must call `serveTasks`. */
  readonly module: URL;
  readonly nThreads: number;
  /** Handed to each worker once; typed arrays over a SharedArrayBuffer are shared, not copied. */
  readonly init: unknown;
  /** Room for new objects in each thread's heap, 12 by default: a third of it is filled between two collections. */
  readonly youngGenerationMib?: number;
}

/**
 * Worker threads that all run one module; tasks go to whichever is free.
 *
 * Results do not depend on the number of threads as long as a task's result depends on the task alone.
 */
export class ThreadPool {
  private readonly threads: Thread[] = [];
  private readonly queue: Waiting[] = [];
  private failure: Error | undefined;
  private closed = false;

  constructor(options: ThreadPoolOptions) {
    for (let i = 0; i < options.nThreads; i++) {
      const worker = new Worker(options.module, {
        workerData: options.init,
        resourceLimits: { maxYoungGenerationSizeMb: options.youngGenerationMib ?? YOUNG_GENERATION_MIB },
      });
      const thread: Thread = { worker, sent: [] };
      worker.once('online', holdHeapsSmall);
      worker.on('message', (message: FromThread) => this.settle(thread, message));
      worker.on('error', (error) => this.fail(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', (code) => {
        if (!this.closed) this.fail(new Error(`a worker thread stopped with exit code ${code}`));
      });
      this.threads.push(thread);
    }
  }

  get nThreads(): number {
    return this.threads.length;
  }

  /** True once a thread has died: every task is refused from then on. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Runs one task.
   *
   * @throws the worker's error, with its name, message, and own properties such as `code` and `hint`
   */
  run<R>(task: unknown, transfer: readonly TransferListItem[] = []): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      if (this.failure || this.closed) {
        reject(this.failure ?? new Error('the thread pool is closed'));
        return;
      }
      this.queue.push({ task, transfer, resolve: resolve as (value: unknown) => void, reject });
      this.dispatch();
    });
  }

  /**
   * Runs a task for each item and yields the results in the items' order.
   *
   * At most `2 * nThreads` items are read ahead of the result that is yielded, so memory stays bounded.
   */
  async *map<T, R>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<R, void, undefined> {
    const ahead: Promise<R>[] = [];
    try {
      for await (const item of items) {
        const result = this.run<R>(item);
        result.catch(() => undefined); // reported when its turn comes
        ahead.push(result);
        if (ahead.length >= 2 * this.nThreads) yield await (ahead.shift() as Promise<R>);
      }
      while (ahead.length > 0) yield await (ahead.shift() as Promise<R>);
    } finally {
      await Promise.allSettled(ahead);
    }
  }

  /** Stops the threads; tasks that have not finished are rejected. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.rejectAll(new Error('the thread pool was closed'));
    await Promise.all(this.threads.map((thread) => thread.worker.terminate()));
  }

  private dispatch(): void {
    for (let ahead = 1; ahead <= TASKS_AHEAD; ahead++) {
      for (const thread of this.threads) {
        if (thread.sent.length >= ahead) continue;
        const next = this.queue.shift();
        if (!next) return;
        thread.sent.push(next);
        thread.worker.postMessage(next.task, next.transfer);
      }
    }
  }

  private settle(thread: Thread, message: FromThread): void {
    const done = thread.sent.shift();
    if (message.error) done?.reject(unpackError(message.error));
    else done?.resolve(message.result);
    this.dispatch();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.rejectAll(this.failure);
  }

  private rejectAll(error: Error): void {
    for (const thread of this.threads) {
      for (const waiting of thread.sent.splice(0)) waiting.reject(error);
    }
    for (const waiting of this.queue.splice(0)) waiting.reject(error);
  }
}

function unpackError(packed: PackedError): Error {
  const error = new Error(packed.message);
  error.name = packed.name;
  if (packed.stack !== undefined) error.stack = packed.stack;
  return Object.assign(error, packed.properties);
}
