import { availableParallelism } from 'node:os';
import type { Document, SuggestionBatch } from '@catchword/core';
import { ThreadPool } from '@catchword/math';
import { batchOf, type SuggestAnswer } from './suggest-answer.js';
import type { SuggestTask } from './suggest-worker.js';
import type { Suggester, SuggesterParts, SuggestionFilter } from './suggester.js';

/** Documents of a batch, and how many characters of text close one earlier. */
const BATCH_DOCS = 32;
const BATCH_CHARACTERS = 1 << 18;
/** Thousands of documents, for most backends. */
const THREADS_AFTER_MS = 4000;

/** Documents with their suggestions: row i belongs to document i. */
export interface SuggestedBatch {
  readonly docs: readonly Document[];
  readonly suggestions: SuggestionBatch;
}

/** @returns how many threads `nJobs` stands for; 0 means one for each processor */
export function threadCount(nJobs: number): number {
  return nJobs > 0 ? nJobs : availableParallelism();
}

/** How a stream of documents is worked. */
export interface StreamOptions extends SuggestionFilter {
  /** Threads, this one included; 0 = one for each processor. */
  readonly nJobs: number;
  /** Work of this thread after which others join in; 4,000 by default. */
  readonly threadsAfterMs?: number;
  /** Ends the stream with the signal's reason, between two batches. */
  readonly signal?: AbortSignal;
}

/**
 * Suggests for a stream of documents, in its order.
 *
 * This thread works alone at first, since it costs others about half a second and 50 MiB each to get going; where work
 * goes on for longer and `nJobs` is not 1, they join in. The suggestions are the same for any number of threads.
 */
export async function* suggestStream(
  suggester: Suggester,
  parts: SuggesterParts,
  documents: AsyncIterable<Document>,
  options: StreamOptions,
): AsyncGenerator<SuggestedBatch, void, undefined> {
  const { limit, threshold, threadsAfterMs = THREADS_AFTER_MS, signal } = options;
  const nThreads = threadCount(options.nJobs);
  const batches = inBatches(documents);
  let workedMs = 0;
  try {
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      const docs = next.value;
      await nextTurn(); // lets signals come in
      signal?.throwIfAborted();
      if (nThreads > 1 && workedMs > threadsAfterMs) {
        yield* suggestInThreads(suggester, parts, prepended(docs, batches), { limit, threshold }, nThreads, signal);
        return;
      }
      const started = performance.now();
      const suggestions = await suggester.suggest(docs, { limit, threshold }, signal);
      workedMs += performance.now() - started;
      yield { docs, suggestions };
    }
  } finally {
    await batches.return();
  }
}

/** A batch whose suggestions may still be under way. */
interface BatchUnderWay {
  readonly docs: readonly Document[];
  readonly suggestions: Promise<SuggestionBatch>;
  isDone: boolean;
}

/** Other threads always have a batch to go on with; the batches that they have no room for are this thread's. */
async function* suggestInThreads(
  suggester: Suggester,
  parts: SuggesterParts,
  batches: AsyncIterable<Document[]>,
  filter: SuggestionFilter,
  nThreads: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<SuggestedBatch, void, undefined> {
  const pool = new ThreadPool({
    module: new URL('../dist/suggest-worker.js', import.meta.url),
    nThreads: nThreads - 1,
    init: parts,
  });
  const underWay: BatchUnderWay[] = [];
  let nSent = 0;
  const begin = (docs: readonly Document[], suggestions: Promise<SuggestionBatch>): void => {
    const batch: BatchUnderWay = { docs, suggestions, isDone: false };
    underWay.push(batch);
    const done = () => {
      batch.isDone = true;
    };
    suggestions.then(done, done); // a failure is thrown when its turn comes
  };
  const send = async (docs: readonly Document[]): Promise<SuggestionBatch> => {
    // A worker needs what a transform reads; gold subjects and paths stay here.
    const task: SuggestTask = {
      ...filter,
      docs: docs.map(({ text, metadata }) => (metadata ? { text, metadata } : { text })),
    };
    nSent++;
    return batchOf(await pool.run<SuggestAnswer>(task).finally(() => nSent--));
  };
  try {
    for await (const docs of batches) {
      signal?.throwIfAborted();
      if (nSent < 2 * pool.nThreads) begin(docs, send(docs));
      else {
        begin(docs, suggester.suggest(docs, filter, signal));
        await nextTurn(); // lets answers come in
      }
      while (underWay[0]?.isDone || underWay.length > 4 * nThreads) {
        const { docs, suggestions } = underWay.shift() as BatchUnderWay;
        yield { docs, suggestions: await suggestions };
      }
    }
    for (let batch = underWay.shift(); batch; batch = underWay.shift()) {
      signal?.throwIfAborted();
      yield { docs: batch.docs, suggestions: await batch.suggestions };
    }
  } finally {
    await pool.close();
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
