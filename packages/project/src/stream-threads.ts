import type { Document, SuggestionBatch } from '@catchword/core';
import { ThreadPool } from '@catchword/math';
import { batchOf, type SuggestAnswer } from './suggest-answer.js';
import type { SuggestTask } from './suggest-worker.js';
import type { SuggesterParts, SuggestionFilter } from './suggester.js';

/** A thread ended while documents were under way; the cause says how. */
export class ThreadDied extends Error {}

/** The threads were closed: whoever still asks has been given up. */
export class ThreadsClosed extends Error {}

/** Threads that suggest for a stream. When one dies, all are replaced, and each batch that was under way is told. */
export class StreamThreads {
  readonly nThreads: number;
  private readonly parts: SuggesterParts;
  private readonly filter: SuggestionFilter;
  private pool: ThreadPool | undefined;
  private lone: ThreadPool | undefined;
  private nSent = 0;
  private isClosed = false;

  constructor(parts: SuggesterParts, filter: SuggestionFilter, nThreads: number) {
    this.parts = parts;
    this.filter = filter;
    this.nThreads = nThreads;
  }

  /** True while a further batch would not wait for long. */
  get hasRoom(): boolean {
    return this.nSent < 2 * this.nThreads;
  }

  /** @throws {ThreadDied} where any of the threads has died meanwhile; {ThreadsClosed}; else what suggesting throws */
  async suggest(docs: readonly Document[]): Promise<SuggestionBatch> {
    if (this.pool?.hasFailed) await this.drop('pool');
    if (this.isClosed) throw new ThreadsClosed('the threads were closed');
    this.pool ??= this.newPool(this.nThreads);
    this.nSent++;
    return this.run(this.pool, docs).finally(() => this.nSent--);
  }

  /** Suggests in a thread of its own, so that nobody else's document can be what it dies of. One call at a time. */
  async suggestAlone(docs: readonly Document[]): Promise<SuggestionBatch> {
    if (this.lone?.hasFailed) await this.drop('lone');
    if (this.isClosed) throw new ThreadsClosed('the threads were closed');
    this.lone ??= this.newPool(1);
    return this.run(this.lone, docs);
  }

  /** Ends all threads, and with them what is under way; none is started any more. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.drop('pool');
    await this.drop('lone');
  }

  private async run(pool: ThreadPool, docs: readonly Document[]): Promise<SuggestionBatch> {
    // A worker needs what a transform reads; gold subjects and paths stay here.
    const task: SuggestTask = {
      ...this.filter,
      docs: docs.map(({ text, metadata }) => (metadata ? { text, metadata } : { text })),
    };
    try {
      return batchOf(await pool.run<SuggestAnswer>(task));
    } catch (error) {
      if (this.isClosed) throw new ThreadsClosed('the threads were closed', { cause: error });
      if (!pool.hasFailed) throw error;
      throw new ThreadDied(`The thread that suggested ended: ${(error as Error).message}`, { cause: error });
    }
  }

  private async drop(name: 'pool' | 'lone'): Promise<void> {
    const pool = this[name];
    this[name] = undefined;
    await pool?.close();
  }

  private newPool(nThreads: number): ThreadPool {
    const module = new URL('../dist/suggest-worker.js', import.meta.url);
    return new ThreadPool({ module, nThreads, init: this.parts });
  }
}
