import { availableParallelism } from 'node:os';
import type { Document, SuggestionBatch } from '@catchword/core';
import { StreamThreads, ThreadDied } from './stream-threads.js';
import { type Answer, type DocumentFailure, type Suggest, suggestEach } from './suggest-each.js';
import type { Suggester, SuggesterParts, SuggestionFilter } from './suggester.js';

/** Documents of a batch, and how many characters of text close one earlier. */
const BATCH_DOCS = 32;
const BATCH_CHARACTERS = 1 << 18;
/** Work that others are to share in has to last so long: thousands of documents, for most backends. */
const WORTH_THREADS_MS = 4000;
/** Work after which it can be told how long the rest will last; before, much of it is the engine's compiling. */
const TELLING_MS = 1000;
/** The latest work by which the pace is judged. */
const PACE_MS = 250;

/** Documents with their suggestions: row i belongs to document i. */
export interface SuggestedBatch {
  readonly docs: readonly Document[];
  readonly suggestions: SuggestionBatch;
  /** Documents that were set aside, their rows empty; only with the option `setAside`. */
  readonly failures?: readonly DocumentFailure[];
}

/** @returns how many threads `nJobs` stands for; 0 means one for each processor */
export function threadCount(nJobs: number): number {
  return nJobs > 0 ? nJobs : availableParallelism();
}

/** How a stream of documents is worked. */
export interface StreamOptions extends SuggestionFilter {
  /** Threads, this one included; 0 = one for each processor. */
  readonly nJobs: number;
  /** How many documents there are, about, where it is known. */
  readonly nExpected?: number | undefined;
  /** Work of this thread after which others join in, whatever there is left. */
  readonly threadsAfterMs?: number;
  /** Ends the stream with the signal's reason, between two batches. */
  readonly signal?: AbortSignal;
  /** Goes on where suggesting for a document fails, and tells of it with the batch; without it the stream ends with the error. */
  readonly setAside?: boolean;
}

/**
 * Suggests for a stream of documents, in its order.
 *
 * This thread works alone at first, since it costs others about half a second and 40 MiB each to get going. Where `nJobs` is not 1
 * they join in: after one second where what is expected to be left would take this thread four more, else after four. The suggestions are the same for any number of threads.
 */
export async function* suggestStream(
  suggester: Suggester,
  parts: SuggesterParts,
  documents: AsyncIterable<Document>,
  options: StreamOptions,
): AsyncGenerator<SuggestedBatch, void, undefined> {
  const { limit, threshold, signal, setAside = false } = options;
  const filter = { limit, threshold, ...(options.atMost === undefined ? undefined : { atMost: options.atMost }) };
  const suggest: Suggest = (docs) => suggester.suggest(docs, filter, signal);
  const nThreads = threadCount(options.nJobs);
  const batches = inBatches(documents);
  const pace = new Pace(options);
  try {
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      const docs = next.value;
      await nextTurn(); // lets signals come in
      signal?.throwIfAborted();
      if (nThreads > 1 && pace.isLongWork) {
        const threads = new StreamThreads(parts, filter, nThreads - 1);
        yield* suggestInThreads(suggest, threads, prepended(docs, batches), suggester.nSubjects, signal, setAside);
        return;
      }
      const started = performance.now();
      const answer = setAside
        ? await suggestEach(suggest, docs, suggester.nSubjects)
        : { suggestions: await suggest(docs) };
      pace.add(docs.length, performance.now() - started);
      yield { docs, ...answer };
    }
  } finally {
    await batches.return();
  }
}

/** Judges how much work is left. */
class Pace {
  private readonly options: Pick<StreamOptions, 'nExpected' | 'threadsAfterMs'>;
  private workedMs = 0;
  private nDone = 0;
  /** Of the latest stretch, and of the whole one before it. */
  private latest = { ms: 0, nDocs: 0 };
  private before = { ms: 0, nDocs: 0 };

  constructor(options: Pick<StreamOptions, 'nExpected' | 'threadsAfterMs'>) {
    this.options = options;
  }

  add(nDocs: number, ms: number): void {
    this.workedMs += ms;
    this.nDone += nDocs;
    if (this.latest.ms > PACE_MS) {
      this.before = this.latest;
      this.latest = { ms: 0, nDocs: 0 };
    }
    this.latest.ms += ms;
    this.latest.nDocs += nDocs;
  }

  get isLongWork(): boolean {
    const { nExpected, threadsAfterMs } = this.options;
    if (threadsAfterMs !== undefined) return this.workedMs > threadsAfterMs;
    if (nExpected === undefined) return this.workedMs > WORTH_THREADS_MS;
    const { ms, nDocs } = this.latest.ms > PACE_MS ? this.latest : this.before;
    if (this.workedMs < TELLING_MS || nDocs === 0) return false;
    return (nExpected - this.nDone) * (ms / nDocs) > WORTH_THREADS_MS;
  }
}

/** A batch whose suggestions may still be under way. */
interface BatchUnderWay {
  readonly docs: readonly Document[];
  readonly answer: Promise<Answer>;
  isDone: boolean;
}

/** Other threads always have a batch to go on with; the batches that they have no room for are this thread's. */
async function* suggestInThreads(
  suggest: Suggest,
  threads: StreamThreads,
  batches: AsyncIterable<Document[]>,
  nSubjects: number,
  signal: AbortSignal | undefined,
  setAside: boolean,
): AsyncGenerator<SuggestedBatch, void, undefined> {
  const underWay: BatchUnderWay[] = [];
  const begin = (docs: readonly Document[], work: Suggest): void => {
    const answer = setAside ? suggestEach(work, docs, nSubjects) : work(docs).then((suggestions) => ({ suggestions }));
    const batch: BatchUnderWay = { docs, answer, isDone: false };
    underWay.push(batch);
    const done = () => {
      batch.isDone = true;
    };
    answer.then(done, done); // a failure is thrown when its turn comes
  };
  const take = async (): Promise<SuggestedBatch> => {
    const { docs, answer } = underWay.shift() as BatchUnderWay;
    try {
      return { docs, ...(await answer) };
    } catch (error) {
      if (!setAside || !(error instanceof ThreadDied)) throw error;
      return { docs, ...(await suggestEach((some) => threads.suggestAlone(some), docs, nSubjects, true)) };
    }
  };
  try {
    for await (const docs of batches) {
      signal?.throwIfAborted();
      if (threads.hasRoom) begin(docs, (some) => threads.suggest(some));
      else {
        begin(docs, suggest);
        await nextTurn(); // lets answers come in
      }
      while (underWay[0]?.isDone || underWay.length > 4 * (threads.nThreads + 1)) yield await take();
    }
    while (underWay.length > 0) {
      signal?.throwIfAborted();
      yield await take();
    }
  } finally {
    await threads.close();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function* inBatches(documents: AsyncIterable<Document>): AsyncGenerator<Document[], void, undefined> {
  let batch: Document[] = [];
  let nCharacters = 0;
  for await (const doc of documents) {
    batch.push(doc);
    nCharacters += doc.text.length;
    if (batch.length < BATCH_DOCS && nCharacters < BATCH_CHARACTERS) continue;
    yield batch;
    batch = [];
    nCharacters = 0;
  }
  if (batch.length > 0) yield batch;
}

async function* prepended<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield first;
  yield* rest;
}
