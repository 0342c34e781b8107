import type { ServingTask } from './serving-task.js';
import type { ServingThread } from './serving-thread.js';

/** What came of a piece of work. */
export interface Outcome {
  readonly result?: unknown;
  readonly error?: Error;
  /** True where the thread ended before it began with the piece. */
  readonly isUntouched?: boolean;
}

/** A part of a request, for one thread. */
export interface Piece {
  readonly task: Exclude<ServingTask, { kind: 'open' | 'close' | 'learn' }>;
  readonly nDocs: number;
  readonly nCharacters: number;
  /** Set by the queue. */
  addedAt?: number;
  job?: Job;
  settle?: (outcome: Outcome) => void;
}

interface Job {
  readonly waiting: Piece[];
}

/** Waiting pieces of many requests, each request in its order, the requests in turn. */
export class ServingQueue {
  private readonly jobs: Job[] = [];
  private readonly rejects = new Set<(error: Error) => void>();
  private nDocs_ = 0;

  get nDocs(): number {
    return this.nDocs_;
  }

  /** Since when the piece that waits longest does, as `performance.now()`; undefined where none waits. */
  get waitingSince(): number | undefined {
    let since: number | undefined;
    for (const { waiting } of this.jobs) {
      const { addedAt } = waiting[0] as Piece;
      if (addedAt !== undefined && (since === undefined || addedAt < since)) since = addedAt;
    }
    return since;
  }

  /** @returns the results in the order of the pieces; rejects with the first error, or with the signal's reason */
  add<R>(pieces: readonly Piece[], signal: AbortSignal | undefined): Promise<R[]> {
    return new Promise<R[]>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const job: Job = { waiting: [] };
      const results: R[] = new Array(pieces.length);
      let nOpen = pieces.length;
      const end = () => {
        this.drop(job);
        this.rejects.delete(fail);
        signal?.removeEventListener('abort', onAbort);
      };
      const fail = (error: Error) => {
        end();
        reject(error);
      };
      const onAbort = () => fail(signal?.reason);
      signal?.addEventListener('abort', onAbort);
      this.rejects.add(fail);
      const addedAt = performance.now();
      for (const [i, piece] of pieces.entries()) {
        piece.addedAt = addedAt;
        piece.job = job;
        piece.settle = ({ result, error }) => {
          if (error) return fail(error);
          results[i] = result as R;
          if (--nOpen > 0) return;
          end();
          resolve(results);
        };
        job.waiting.push(piece);
        this.nDocs_ += piece.nDocs;
      }
      this.jobs.push(job);
    });
  }

  /** Takes the first piece that a thread can be found for; its request goes to the end of the line. */
  next(
    find: (piece: Piece) => ServingThread | undefined,
  ): { readonly piece: Piece; readonly thread: ServingThread } | undefined {
    for (const [i, job] of this.jobs.entries()) {
      const piece = job.waiting[0] as Piece;
      const thread = find(piece);
      if (!thread) continue;
      job.waiting.shift();
      this.nDocs_ -= piece.nDocs;
      this.jobs.splice(i, 1);
      if (job.waiting.length > 0) this.jobs.push(job);
      return { piece, thread };
    }
    return undefined;
  }

  /** Puts a piece back that no thread has begun with: it is the next one. */
  putBack(piece: Piece): void {
    const job = piece.job as Job;
    job.waiting.unshift(piece);
    this.nDocs_ += piece.nDocs;
    if (!this.jobs.includes(job)) this.jobs.unshift(job);
  }

  rejectAll(error: Error): void {
    for (const reject of [...this.rejects]) reject(error);
  }

  private drop(job: Job): void {
    for (const piece of job.waiting.splice(0)) this.nDocs_ -= piece.nDocs;
    const i = this.jobs.indexOf(job);
    if (i >= 0) this.jobs.splice(i, 1);
  }
}
