import { type Document, SuggestionBatch } from '@catchword/core';
import type { SuggestedBatch, SuggestionFilter } from '@catchword/project';
import type { Queue, Job as QueuedJob } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Job } from '../job.js';
import { type Announcement, announce, announcementOf, answersKey, queueName, withdraw } from './announcement.js';
import { answeredBatch, type ChunkAnswer, type ChunkTask, chunkAnswer, chunkId, chunkTask, inChunks } from './chunk.js';
import { PREFIX, type QueueServer } from './redis-queue.js';

/** Chunks that are in the queue or with workers: enough for many workers, and little memory for the server. */
const MOST_UNDER_WAY = 64;
/** What workers have done and nobody has fetched is forgotten after a day. */
const FORGET_SECONDS = 24 * 3600;
/** A chunk whose worker failed for another reason than a document's is tried so often. */
const ATTEMPTS = 3;
const SWEEP_MS = 1_000;
const TIDY_MS = 3_000;
/** A chunk that is neither in the queue nor answered for so long was lost by the server. */
const LOST_MS = 10_000;

/** A chunk that is waited for. */
interface Asked {
  readonly task: ChunkTask;
  askedAt: number;
  readonly resolve: (answer: ChunkAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Suggests through workers, by a queue that delivers each chunk at least once.
 *
 * A chunk's name is a checksum of its content, so that asking for it again asks for the same, and an answer that comes twice is
 * taken once. What the server loses is asked for again. Order, and what is written once, are the caller's.
 */
export class QueuedSuggestions {
  private readonly server: QueueServer;
  private readonly announcement: Announcement;
  private readonly filter: SuggestionFilter;
  private readonly nSubjects: number;
  private readonly asked = new Map<string, Asked>();
  private readonly queue: Queue<ChunkTask>;
  private readonly answers: Redis;
  private hasEnded = false;
  private stopSweeping: () => void = () => undefined;
  private readonly ending = new Promise<void>((resolve) => {
    this.stopSweeping = resolve;
  });
  /** Ends soon after `hasEnded`. */
  private sweeping: Promise<void> = Promise.resolve();

  private constructor(server: QueueServer, job: Job, filter: SuggestionFilter, nSubjects: number) {
    this.server = server;
    this.announcement = announcementOf(job);
    this.filter = filter;
    this.nSubjects = nSubjects;
    this.queue = new server.bullmq.Queue<ChunkTask>(queueName(this.announcement), {
      connection: server.connect(),
      prefix: PREFIX,
      defaultJobOptions: {
        attempts: ATTEMPTS,
        removeOnComplete: true,
        removeOnFail: { age: FORGET_SECONDS },
      },
      streams: { events: { maxLen: 100 } },
    });
    this.queue.on('error', () => undefined); // the server tells that it is lost
    this.answers = server.connect();
  }

  /**
   * @param filter as the workers' projects use it
   * @param nSubjects of the vocabulary
   * @param signal ends it with its reason
   * @throws the signal's reason
   */
  static async *suggest(
    server: QueueServer,
    job: Job,
    documents: AsyncIterable<Document>,
    options: { readonly filter: SuggestionFilter; readonly nSubjects: number; readonly signal?: AbortSignal },
  ): AsyncGenerator<SuggestedBatch, void, undefined> {
    const { filter, nSubjects, signal } = options;
    const suggestions = new QueuedSuggestions(server, job, filter, nSubjects);
    const onAbort = () => suggestions.rejectAll(signal?.reason as Error);
    signal?.addEventListener('abort', onAbort);
    try {
      signal?.throwIfAborted();
      yield* suggestions.stream(documents, signal);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      await suggestions.end();
    }
  }

  private async *stream(
    documents: AsyncIterable<Document>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SuggestedBatch, void, undefined> {
    await announce(this.server.redis, this.announcement);
    this.listen().catch((error: Error) => this.rejectAll(error));
    this.sweeping = this.sweep();
    const underWay: { docs: readonly Document[]; answer: Promise<ChunkAnswer>; isDone: boolean }[] = [];
    const take = async (): Promise<SuggestedBatch> => {
      const { docs, answer } = underWay.shift() as (typeof underWay)[number];
      return answeredBatch(docs, await answer);
    };
    for await (const docs of inChunks(documents)) {
      signal?.throwIfAborted();
      const chunk = { docs, answer: this.ask(docs), isDone: false };
      const done = () => {
        chunk.isDone = true;
      };
      chunk.answer.then(done, done); // a failure is thrown when its turn comes
      underWay.push(chunk);
      while (underWay[0]?.isDone || underWay.length >= MOST_UNDER_WAY) yield await take();
    }
    while (underWay.length > 0) yield await take();
  }

  private async ask(docs: readonly Document[]): Promise<ChunkAnswer> {
    const task = chunkTask(docs, this.filter);
    try {
      return await this.askFor(task);
    } catch (error) {
      if (!(error instanceof ChunkFailed)) throw error;
      if (docs.length > 1) return this.askApart(docs);
      const none = new SuggestionBatch(this.nSubjects, Uint32Array.of(0, 0), new Uint32Array(0), new Float32Array(0));
      return chunkAnswer(chunkId(task), none, [{ row: 0, error }]);
    }
  }

  /** Of a chunk that no worker could do: each document is a chunk of its own, so that it shows which one is to blame. */
  private async askApart(docs: readonly Document[]): Promise<ChunkAnswer> {
    const parts: SuggestedBatch[] = [];
    for (const doc of docs) parts.push(answeredBatch([doc], await this.ask([doc])));
    const joined = SuggestionBatch.concat(
      this.nSubjects,
      parts.map(({ suggestions }) => suggestions),
    );
    const confidences = parts.map(({ suggestions }) => suggestions.confidence?.[0]);
    const { indptr, subjectIds, scores, warnings } = joined;
    const confidence = confidences.some((value) => value !== undefined)
      ? Float32Array.from(confidences, (value) => value ?? 0)
      : undefined;
    const batch = new SuggestionBatch(this.nSubjects, indptr, subjectIds, scores, { warnings, confidence });
    const failures = parts.flatMap(({ failures = [] }, row) => failures.map(({ error }) => ({ row, error })));
    return chunkAnswer('', batch, failures);
  }

  private askFor(task: ChunkTask): Promise<ChunkAnswer> {
    const id = chunkId(task);
    return new Promise((resolve, reject) => {
      const before = this.asked.get(id);
      const both = before && {
        resolve: (answer: ChunkAnswer) => {
          before.resolve(answer);
          resolve(answer);
        },
        reject: (error: Error) => {
          before.reject(error);
          reject(error);
        },
      };
      this.asked.set(id, { task, askedAt: Date.now(), resolve, reject, ...both });
      this.queue.add('chunk', task, { jobId: id }).catch(reject);
    });
  }

  /** Takes answers as they come; one that nobody waits for was given before. */
  private async listen(): Promise<void> {
    const key = answersKey(this.announcement);
    while (!this.hasEnded) {
      const popped = await this.answers.blpop(key, 1).catch((error: Error) => {
        if (this.hasEnded) return null;
        throw error;
      });
      if (!popped) continue;
      const answer = JSON.parse(popped[1]) as ChunkAnswer;
      const asked = this.asked.get(answer.id);
      this.asked.delete(answer.id);
      asked?.resolve(answer);
    }
  }

  /** Looks for chunks that failed, and for those that the server has lost. */
  private async sweep(): Promise<void> {
    for (;;) {
      await Promise.race([this.ending, new Promise((resolve) => setTimeout(resolve, SWEEP_MS).unref())]);
      if (this.hasEnded) return;
      try {
        await announce(this.server.redis, this.announcement);
        for (const failed of await this.queue.getFailed()) await this.takeFailed(failed);
        for (const [id, asked] of this.asked) {
          if (Date.now() - asked.askedAt < LOST_MS) continue;
          asked.askedAt = Date.now();
          if (!(await this.queue.getJob(id))) await this.queue.add('chunk', asked.task, { jobId: id });
        }
      } catch {
        // the server is gone for a while, which it tells itself; the next round looks again
      }
    }
  }

  private async takeFailed(failed: QueuedJob<ChunkTask>): Promise<void> {
    const asked = this.asked.get(failed.id ?? '');
    await failed.remove();
    if (!asked) return;
    this.asked.delete(failed.id ?? '');
    asked.reject(new ChunkFailed(failed.failedReason || 'no worker could do it'));
  }

  private rejectAll(error: Error): void {
    for (const { reject } of this.asked.values()) reject(error);
    this.asked.clear();
  }

  /** Chunks that are left are of no use to anybody else. */
  private async end(): Promise<void> {
    this.hasEnded = true;
    this.stopSweeping();
    const tidy = async (): Promise<void> => {
      await this.sweeping;
      await withdraw(this.server, this.announcement);
      await this.queue.close();
    };
    // A server that is gone keeps nobody from ending.
    await Promise.race([tidy(), new Promise((resolve) => setTimeout(resolve, TIDY_MS).unref())]);
    this.answers.disconnect();
  }
}

/** The queue has given a chunk up. */
class ChunkFailed extends Error {}
