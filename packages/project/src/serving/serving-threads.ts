import {
  type Document,
  type JsonValue,
  type ModelData,
  OperationError,
  type SubjectId,
  SuggestionBatch,
  type Usage,
  type Vocabulary,
} from '@catchword/core';
import type { LearntRecord } from '../learning/learnt-records.js';
import { batchOf, type SuggestAnswer } from '../suggest-answer.js';
import type { ExplainedDocument, SuggesterParts, SuggestionFilter } from '../suggester.js';
import { type Piece, ServingQueue } from './serving-queue.js';
import { ServingThread } from './serving-thread.js';

/** Documents and characters that go to a thread at once: little, so that the requests of others come in between. */
const PIECE_DOCS = 8;
const PIECE_CHARACTERS = 1 << 15;
/** Records that are assessed, or learnt, at a time: a great many neither fill the queue nor hold a thread for long. */
const LEARNT_AT_ONCE = 32;
/** Longer texts leave one thread to the others, where there are two or more. */
const LONG_CHARACTERS = 1 << 17;
/** Where work has waited longer than the first at every look for the second, another thread is started. */
const LATE_MS = 50;
const OVERLOADED_MS = 500;

export interface ServingThreadsOptions {
  /** At most; each takes memory, so those after the first are started when work waits longer than a moment. */
  readonly nThreads: number;
  /** Documents that may wait; more are refused. */
  readonly maxWaiting: number;
  /** A thread that works longer on a piece of at most 8 documents is stopped and started anew. */
  readonly timeoutMs: number;
  /** Told after a piece is done. */
  readonly onWork?: (work: ServedWork) => void;
  /** Told when a thread died or was stopped; another has taken its place. */
  readonly onRestart?: (error: Error) => void;
}

/** A document, and the subjects that are to be explained. */
export interface ToExplain {
  readonly doc: Document;
  readonly subjectIds: readonly SubjectId[];
}

/** A piece of work that a thread has done. */
export interface ServedWork {
  readonly key: string;
  readonly nDocs: number;
  readonly waitedMs: number;
  readonly workedMs: number;
  /** What language models were asked for it; absent where none was. */
  readonly usage?: Usage;
}

/**
 * Threads that suggest for many requests and several models at once; all share one copy of each model.
 *
 * Requests are cut into small pieces, and the pieces of different requests alternate: a large request does not hold up the
 * small ones. A thread that dies or hangs is replaced; only the piece that it worked on fails.
 *
 * One thread answers thousands of short texts a second, and each takes its share of memory. So there is one at first; another
 * is started when pieces have waited for more than 50 ms during half a second, or a long text comes that would hold up the others.
 */
export class ServingThreads {
  private readonly options: ServingThreadsOptions;
  private readonly threads: ServingThread[] = [];
  private readonly models = new Map<string, SuggesterParts>();
  private readonly queue = new ServingQueue();
  /** At most so many: fewer than allowed once one could not be started. */
  private mostThreads: number;
  private watch: NodeJS.Timeout | undefined;
  /** Since when work has waited too long, at every look. */
  private lateSince: number | undefined;
  private isGrowing = false;
  private stopped = false;

  constructor(options: ServingThreadsOptions) {
    this.options = options;
    this.mostThreads = Math.max(1, options.nThreads);
    this.threads.push(new ServingThread());
  }

  /** Those that run. */
  get nThreads(): number {
    return this.threads.length;
  }

  /** Documents that no thread has begun with. */
  get nWaiting(): number {
    return this.queue.nDocs;
  }

  /**
   * Opens a model in every thread, one after the other so that the others go on serving.
   *
   * @param key names it from now on; one that is not open
   * @throws as `Suggester.open`; it is open in no thread then
   */
  async open(key: string, parts: SuggesterParts): Promise<void> {
    this.models.set(key, parts);
    try {
      for (const thread of [...this.threads]) await this.openIn(thread, key, parts);
    } catch (error) {
      await this.close(key);
      throw error;
    } finally {
      this.dispatch();
    }
  }

  /** Lets go of a model in every thread; work that was asked for before is still done. */
  async close(key: string): Promise<void> {
    if (!this.models.delete(key)) return;
    await Promise.allSettled(this.threads.map((thread) => thread.close(key)));
  }

  /**
   * @returns a row for each document, in their order; with confidences where scores are calibrated, also without documents
   * @throws {OperationError} `overloaded` where too much waits already; `timed-out`; `operation-failed` where the thread
   *   died; else as `Suggester.suggest`, or the signal's reason
   */
  async suggest(
    key: string,
    docs: readonly Document[],
    filter: SuggestionFilter,
    signal?: AbortSignal,
  ): Promise<SuggestionBatch> {
    const answers = await this.run<SuggestAnswer>(piecesOf(key, docs, filter), signal);
    const batches = answers.map(batchOf);
    const [first] = batches;
    return first && batches.length === 1 ? first : SuggestionBatch.concat(first?.nSubjects ?? 0, batches);
  }

  /**
   * @returns an explanation of each document, in their order; they are one request among others, however many they are
   * @throws as `suggest`; `not-supported` where the backend cannot explain
   */
  explain(key: string, docs: readonly ToExplain[], signal?: AbortSignal): Promise<ExplainedDocument[]> {
    const pieces = docs.map(({ doc, subjectIds }): Piece => {
      const task = { kind: 'explain', key, doc: workersDocument(doc), subjectIds } as const;
      return { task, nDocs: 1, nCharacters: doc.text.length };
    });
    return this.run<ExplainedDocument>(pieces, signal);
  }

  /**
   * What the model notes of records before it learns them.
   *
   * @param docs with gold subjects
   * @throws as `suggest`; `not-supported` where the backend cannot learn
   */
  async assess(key: string, docs: readonly Document[], signal?: AbortSignal): Promise<readonly JsonValue[]> {
    const pieces = docs.map((doc): Piece => {
      const task = { kind: 'assess', key, docs: [{ ...workersDocument(doc), subjects: doc.subjects ?? [] }] } as const;
      return { task, nDocs: 1, nCharacters: doc.text.length };
    });
    // Without documents it is asked nevertheless whether the backend can learn.
    const none: Piece = { task: { kind: 'assess', key, docs: [] }, nDocs: 0, nCharacters: 0 };
    if (pieces.length === 0) pieces.push(none);
    const most = Math.max(1, Math.min(LEARNT_AT_ONCE, this.options.maxWaiting >> 1));
    const notes: JsonValue[] = [];
    for (let i = 0; i < pieces.length; i += most) {
      notes.push(...(await this.run<readonly JsonValue[]>(pieces.slice(i, i + most), signal)).flat());
    }
    return notes;
  }

  /**
   * Has a model learn records in every thread, also in those that take the place of one. What is asked for later knows them.
   *
   * @throws whatever the backend throws: the threads may have learnt differently then, and the model has to be opened anew
   */
  async learn(key: string, records: readonly LearntRecord[]): Promise<void> {
    const parts = this.models.get(key);
    if (!parts) return;
    for (let i = 0; i < records.length; i += LEARNT_AT_ONCE) {
      const part = records.slice(i, i + LEARNT_AT_ONCE);
      const learn = async (thread: ServingThread): Promise<void> => {
        try {
          await thread.run({ kind: 'learn', key, records: part });
        } catch (error) {
          if (!thread.hasEnded) throw error;
        }
      };
      // At the same time: a thread that is opened from now on knows them, and one that was opened before is told.
      parts.learnt.records.push(...part);
      await Promise.all(this.threads.map(learn));
    }
  }

  /**
   * Builds the arrays of a `LabelSearch` beside what else is done.
   *
   * @throws as `suggest`
   */
  async indexLabels(vocabulary: Vocabulary): Promise<ModelData> {
    const task = { kind: 'index-labels', vocabulary: vocabulary.toModelData() } as const;
    const nCharacters = vocabulary.labels.texts.bytes.length;
    const [arrays] = await this.run<ModelData>([{ task, nDocs: 1, nCharacters }], undefined);
    return arrays as ModelData;
  }

  /** Stops the threads; what waits or is under way is rejected. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.watch);
    this.queue.rejectAll(new OperationError('operation-failed', 'The threads were stopped'));
    await Promise.all(this.threads.map((thread) => thread.stop()));
  }

  private run<R>(pieces: readonly Piece[], signal: AbortSignal | undefined): Promise<R[]> {
    if (pieces.length === 0) return Promise.resolve([]);
    const nDocs = pieces.reduce((sum, piece) => sum + piece.nDocs, 0);
    const { maxWaiting } = this.options;
    if (this.queue.nDocs > 0 && this.queue.nDocs + nDocs > maxWaiting) {
      const message = `${this.queue.nDocs} documents wait already, and ${maxWaiting} may wait`;
      return Promise.reject(new OperationError('overloaded', message, { hint: 'Try again in a moment.' }));
    }
    const results = this.queue.add<R>(pieces, signal);
    if (this.threads.length === 1 && pieces.some(({ nCharacters }) => nCharacters > LONG_CHARACTERS)) void this.grow();
    this.dispatch();
    return results;
  }

  private dispatch(): void {
    if (this.stopped) return;
    for (;;) {
      const nLong = this.threads.filter((thread) => thread.nCharacters > LONG_CHARACTERS).length;
      const mayBeLong = nLong + 1 < this.threads.length || this.threads.length === 1;
      const found = this.queue.next((piece) => {
        if (piece.nCharacters > LONG_CHARACTERS && !mayBeLong) return undefined;
        const free = this.threads.filter((thread) => thread.canTake(piece));
        return free.find((thread) => thread.isIdle) ?? free[0];
      });
      if (!found) break;
      void this.work(found.thread, found.piece);
    }
    this.watchQueue();
  }

  /** Looks how long work waits while any does, and starts another thread where that is too long. */
  private watchQueue(): void {
    if (this.watch || this.stopped || this.queue.nDocs === 0 || this.threads.length >= this.mostThreads) return;
    this.watch = setTimeout(() => {
      this.watch = undefined;
      const now = performance.now();
      const since = this.queue.waitingSince ?? now;
      this.lateSince = now - since < LATE_MS ? undefined : (this.lateSince ?? since);
      if (this.lateSince !== undefined && now - this.lateSince >= OVERLOADED_MS) {
        this.lateSince = undefined;
        void this.grow();
      }
      this.watchQueue();
    }, LATE_MS);
  }

  /** Starts another thread, which takes part once all models are open in it. */
  private async grow(): Promise<void> {
    if (this.isGrowing || this.threads.length >= this.mostThreads) return;
    this.isGrowing = true;
    const thread = new ServingThread();
    this.threads.push(thread);
    try {
      await thread.busyWith(() => Promise.all([...this.models].map(([key, parts]) => thread.open(key, parts))));
    } catch (error) {
      if (!this.stopped) {
        this.mostThreads = Math.max(1, this.threads.length - 1);
        this.drop(thread, error as Error);
      }
    } finally {
      this.isGrowing = false;
    }
    this.dispatch();
  }

  private async work(thread: ServingThread, piece: Piece): Promise<void> {
    const { settle, task } = piece;
    const begun = performance.now();
    const outcome = await thread.work(piece, this.options.timeoutMs);
    if (thread.hasEnded) this.replace(thread, outcome.error);
    if (outcome.isUntouched && !this.stopped) this.queue.putBack(piece);
    else {
      const workedMs = performance.now() - begun;
      if (!outcome.error && task.kind !== 'index-labels') {
        const waitedMs = begun - (piece.addedAt ?? begun);
        const usage = task.kind === 'suggest' ? (outcome.result as SuggestAnswer).usage : undefined;
        const work = { key: task.key, nDocs: piece.nDocs, waitedMs, workedMs };
        this.options.onWork?.(usage ? { ...work, usage } : work);
      }
      settle?.(outcome);
    }
    this.dispatch();
  }

  private async openIn(thread: ServingThread, key: string, parts: SuggesterParts): Promise<void> {
    if (!this.threads.includes(thread)) return; // replaced by one that has the model from the start
    try {
      await thread.busyWith(() => thread.open(key, parts));
    } catch (error) {
      if (!thread.hasEnded) throw error;
      this.models.delete(key); // it must not be what the new thread dies of again
      this.replace(thread, error as Error);
      throw error;
    }
  }

  private replace(thread: ServingThread, error: Error | undefined): void {
    const i = this.threads.indexOf(thread);
    if (i < 0 || this.stopped) return; // replaced already
    const fresh = new ServingThread();
    this.threads[i] = fresh;
    this.options.onRestart?.(error ?? new Error('a thread has ended'));
    for (const [key, parts] of this.models) {
      // What is sent from now on finds the models open, or is told why not.
      fresh.open(key, parts).catch((error: Error) => this.options.onRestart?.(error));
    }
    void thread.stop();
  }

  /** Does without a thread that could not be made ready. */
  private drop(thread: ServingThread, error: Error): void {
    const i = this.threads.indexOf(thread);
    if (i >= 0) this.threads.splice(i, 1);
    this.options.onRestart?.(error);
    void thread.stop();
  }
}

/** A worker needs what a transform reads; gold subjects and paths stay here. */
function workersDocument({ text, metadata }: Document): Document {
  return metadata ? { text, metadata: { ...metadata } } : { text };
}

function piecesOf(key: string, docs: readonly Document[], { limit, threshold, atMost }: SuggestionFilter): Piece[] {
  const filter = { limit, threshold, ...(atMost === undefined ? undefined : { atMost }) };
  const pieces: Piece[] = [];
  let part: Document[] = [];
  let nCharacters = 0;
  // Without documents it is asked nevertheless whether scores are calibrated.
  if (docs.length === 0) pieces.push({ task: { kind: 'suggest', key, docs: part, ...filter }, nDocs: 0, nCharacters });
  for (const [i, doc] of docs.entries()) {
    part.push(workersDocument(doc));
    nCharacters += doc.text.length;
    if (part.length < PIECE_DOCS && nCharacters < PIECE_CHARACTERS && i + 1 < docs.length) continue;
    pieces.push({ task: { kind: 'suggest', key, docs: part, ...filter }, nDocs: part.length, nCharacters });
    part = [];
    nCharacters = 0;
  }
  return pieces;
}
