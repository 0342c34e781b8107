import { type Document, IndexingError } from '@catchword/core';
import { type Project, ServingThreads, suggestEach } from '@catchword/project';
import type { Job as QueuedJob, Worker } from 'bullmq';
import { projectState } from '../job-model.js';
import { type Announcement, announcements, answersKey, queueName, withdraw } from './announcement.js';
import { type ChunkTask, chunkAnswer } from './chunk.js';
import { PREFIX, type QueueServer } from './redis-queue.js';

const WATCH_MS = 100;
/** A project that does not fit is looked at again, since it may have been trained meanwhile. */
const LOOK_AGAIN_MS = 30_000;
/** A worker that does not answer for so long has its chunks given to others. */
const LOCK_MS = 10_000;
const STALLED_MS = 5_000;
/** A chunk is taken over so often before it is to blame itself. */
const MOST_TAKEOVERS = 5;
/** A document that takes longer has its thread stopped. */
const TIMEOUT_MS = 600_000;
/** What nobody fetches is forgotten after a day. */
const FORGET_SECONDS = 24 * 3600;

export interface QueueWorkerOptions {
  /** Opens a project of this machine's configuration, with parameters as they were typed. */
  readonly openProject: (id: string, backendParams: readonly string[]) => Promise<Project>;
  readonly nThreads: number;
  /** Told what the worker begins, ends and refuses. */
  readonly onMessage: (message: string) => void;
  readonly onWarning: (message: string) => void;
  /** Told after each chunk. */
  readonly onDone?: (nDocuments: number) => void;
}

/**
 * Works chunks of all jobs that want workers and whose project is here with the very model, vocabulary and settings of the job.
 *
 * Suggesting is done in threads, so that this one keeps telling the queue that it is alive.
 */
export class QueueWorker {
  private readonly server: QueueServer;
  private readonly options: QueueWorkerOptions;
  private readonly threads: ServingThreads;
  /** By the names of their queues. */
  private readonly served = new Map<string, Worker<ChunkTask>>();
  /** Those that are being left, which may take seconds. */
  private readonly leaving = new Map<string, Promise<void>>();
  /** When each was looked at. */
  private readonly refused = new Map<string, number>();

  constructor(server: QueueServer, options: QueueWorkerOptions) {
    this.server = server;
    this.options = options;
    this.threads = new ServingThreads({
      nThreads: options.nThreads,
      maxWaiting: Number.POSITIVE_INFINITY,
      timeoutMs: TIMEOUT_MS,
      onRestart: (error) => options.onWarning(`A thread was started anew: ${error.message}`),
    });
  }

  /** Works until the signal; chunks that are under way are ended first. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        await this.look();
        await pause(WATCH_MS, signal);
      }
    } finally {
      for (const name of [...this.served.keys()]) this.leave(name);
      await Promise.all(this.leaving.values());
      await this.threads.stop();
    }
  }

  private async look(): Promise<void> {
    const { wanted, left } = await announcements(this.server.redis);
    for (const announcement of left) await withdraw(this.server, announcement);
    const names = new Set(wanted.map(queueName));
    for (const name of [...this.served.keys()]) if (!names.has(name)) this.leave(name);
    for (const name of [...this.refused.keys()]) if (!names.has(name)) this.refused.delete(name);
    for (const announcement of wanted) {
      const name = queueName(announcement);
      const isLooked = Date.now() - (this.refused.get(name) ?? 0) < LOOK_AGAIN_MS;
      if (!this.served.has(name) && !this.leaving.has(name) && !isLooked) await this.join(name, announcement);
    }
  }

  private async join(name: string, announcement: Announcement): Promise<void> {
    const { jobId, projectId, backendParams, modelVersion, settings } = announcement;
    try {
      const project = await this.options.openProject(projectId, backendParams);
      const files = await project.snapshot();
      const state = await projectState(project, files);
      if (state.modelVersion !== modelVersion || state.settings !== settings) {
        const what = state.settings === settings ? `model ${modelVersion}` : 'other settings';
        const own = state.settings === settings ? `model ${state.modelVersion}` : 'settings of its own';
        return this.refuse(name, `Job ${jobId} needs ${what} of project "${projectId}", and this worker has ${own}`);
      }
      await this.threads.open(name, files.parts);
      const { nSubjects } = files.vocabulary.vocabulary;
      this.served.set(name, this.newWorker(name, announcement, nSubjects));
      this.refused.delete(name);
      this.options.onMessage(`Working on job ${jobId} of project "${projectId}"`);
    } catch (error) {
      if (!IndexingError.is(error)) throw error;
      this.refuse(name, `Cannot help with job ${jobId}: ${error.message}`);
    }
  }

  private newWorker(name: string, announcement: Announcement, nSubjects: number): Worker<ChunkTask> {
    const { bullmq } = this.server;
    const work = (chunk: QueuedJob<ChunkTask>) => this.work(chunk, announcement, nSubjects);
    const worker = new bullmq.Worker<ChunkTask>(name, work, {
      connection: this.server.connect(),
      prefix: PREFIX,
      concurrency: this.options.nThreads + 1,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_MS,
      maxStalledCount: MOST_TAKEOVERS,
    });
    worker.on('error', () => undefined); // a lost connection is told once; a lost lock means that another has taken the chunk over
    return worker;
  }

  private async work(chunk: QueuedJob<ChunkTask>, announcement: Announcement, nSubjects: number): Promise<void> {
    const { docs, limit, threshold, atMost } = chunk.data;
    const filter = { limit, threshold, ...(atMost === undefined ? undefined : { atMost }) };
    const suggest = (some: readonly Document[]) => this.threads.suggest(queueName(announcement), some, filter);
    const { suggestions, failures } = await suggestEach(suggest, docs, nSubjects);
    const answers = answersKey(announcement);
    const { redis } = this.server;
    await redis.rpush(answers, JSON.stringify(chunkAnswer(chunk.id ?? '', suggestions, failures)));
    await redis.expire(answers, FORGET_SECONDS);
    this.options.onDone?.(docs.length);
  }

  /** Chunks that are under way are ended; other jobs do not wait for that. */
  private leave(name: string): void {
    const worker = this.served.get(name);
    this.served.delete(name);
    const end = async (): Promise<void> => {
      await worker?.close();
      await this.threads.close(name);
      this.leaving.delete(name);
    };
    this.leaving.set(name, end());
  }

  private refuse(name: string, why: string): void {
    const isNew = !this.refused.has(name);
    this.refused.set(name, Date.now());
    if (isNew) this.options.onWarning(`${why}: refused`);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
