import { OperationError } from '@catchword/core';
import { ThreadPool } from '@catchword/math';
import type { SuggesterParts } from '../suggester.js';
import type { Outcome, Piece } from './serving-queue.js';
import type { ServingTask } from './serving-task.js';

/** Two pieces shorter than this are sent together: the second need not wait for the answer of the first to come in. */
const SHORT_CHARACTERS = 1 << 13;

/** A request leaves little garbage. */
const YOUNG_GENERATION_MIB = 3;

/** One thread that suggests, and what it has to do. */
export class ServingThread {
  private readonly pool = new ThreadPool({
    module: new URL('../../dist/serving/serving-worker.js', import.meta.url),
    nThreads: 1,
    init: undefined,
    youngGenerationMib: YOUNG_GENERATION_MIB,
  });
  /** Keys of the models that were sent to it. */
  private readonly opened = new Set<string>();
  /** Pieces that were sent and not answered, oldest first. */
  private readonly underWay: Piece[] = [];
  /** Things that are done in it meanwhile, for which it takes no pieces. */
  private nBusy = 0;
  private isStopped = false;
  /** What the thread worked on when it ended. */
  private last: Piece | undefined;

  get isIdle(): boolean {
    return this.underWay.length === 0;
  }

  /** Of the pieces under way. */
  get nCharacters(): number {
    return this.underWay.reduce((sum, piece) => sum + piece.nCharacters, 0);
  }

  /** True once it has died or was stopped. */
  get hasEnded(): boolean {
    return this.isStopped || this.pool.hasFailed;
  }

  canTake(piece: Piece): boolean {
    if (this.nBusy > 0 || this.hasEnded) return false;
    if (this.isIdle) return true;
    return this.underWay.length === 1 && this.nCharacters + piece.nCharacters < SHORT_CHARACTERS;
  }

  /** Opens a model, unless it was sent here before. It does its tasks in order: what is sent from now on finds the model open. */
  async open(key: string, parts: SuggesterParts): Promise<void> {
    if (this.opened.has(key)) return;
    this.opened.add(key);
    // What is learnt from now on is told to this thread as well: it must not be among what it begins with.
    const { learnt } = parts;
    await this.run({ kind: 'open', key, parts: { ...parts, learnt: { ...learnt, records: [...learnt.records] } } });
  }

  /** Lets go of a model; work that was sent before is still done. */
  async close(key: string): Promise<void> {
    this.opened.delete(key);
    await this.run({ kind: 'close', key });
  }

  /** Runs a task that is no piece of a request. */
  run(task: ServingTask): Promise<unknown> {
    return this.pool.run(task);
  }

  /** Takes no pieces while something is done. */
  async busyWith<T>(work: () => Promise<T>): Promise<T> {
    this.nBusy++;
    try {
      return await work();
    } finally {
      this.nBusy--;
    }
  }

  /** Works a piece. Does not throw. */
  async work(piece: Piece, timeoutMs: number): Promise<Outcome> {
    this.underWay.push(piece);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      void this.stop();
    }, timeoutMs * this.underWay.length);
    try {
      return { result: await this.pool.run(piece.task) };
    } catch (error) {
      if (this.hasEnded) this.last ??= this.underWay[0];
      if (isLate && this.last === piece) {
        const message = `Suggesting took longer than ${timeoutMs / 1000} s and was stopped`;
        return { error: new OperationError('timed-out', message, { hint: 'Send shorter texts.' }) };
      }
      if (!this.hasEnded) return { error: error as Error };
      if (this.last !== piece) return { isUntouched: true };
      return {
        error: new OperationError('operation-failed', 'The thread that worked on this ended', { cause: error }),
      };
    } finally {
      clearTimeout(timer);
      this.underWay.splice(this.underWay.indexOf(piece), 1);
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.pool.close();
  }
}
