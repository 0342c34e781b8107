import { type Document, IndexingError, SuggestionBatch } from '@catchword/core';
import { ThreadDied, ThreadsClosed } from './stream-threads.js';

/** A document that no suggestions could be made for. */
export interface DocumentFailure {
  /** Its place in the batch. */
  readonly row: number;
  readonly error: Error;
}

/** Suggestions of a batch, and which documents have none because of an error. */
export interface Answer {
  readonly suggestions: SuggestionBatch;
  readonly failures?: readonly DocumentFailure[];
}

export type Suggest = (docs: readonly Document[]) => Promise<SuggestionBatch>;

/**
 * Suggests for a batch; where that fails, for each of its documents by itself, and those that fail again are set aside.
 *
 * @param apart true where it failed before: begins with single documents, and a thread that dies is the fault of its document
 * @throws what is not the fault of a document: `not-supported`, an abort, and without `apart` a thread that died
 */
export async function suggestEach(
  suggest: Suggest,
  docs: readonly Document[],
  nSubjects: number,
  apart = false,
): Promise<Answer> {
  if (!apart) {
    try {
      return { suggestions: await suggest(docs) };
    } catch (error) {
      if (isOfAll(error)) throw error;
    }
  }
  const batches: SuggestionBatch[] = [];
  const failures: DocumentFailure[] = [];
  for (const [row, doc] of docs.entries()) {
    try {
      batches.push(await suggest([doc]));
    } catch (error) {
      if (isOfAll(error) && !(apart && error instanceof ThreadDied)) throw error;
      failures.push({ row, error: error as Error });
      batches.push(new SuggestionBatch(nSubjects, Uint32Array.of(0, 0), new Uint32Array(0), new Float32Array(0)));
    }
  }
  return { suggestions: withConfidence(SuggestionBatch.concat(nSubjects, batches), batches), failures };
}

/** True for an error that the next document would meet as well. */
function isOfAll(error: unknown): boolean {
  if (error instanceof ThreadsClosed) return true;
  return error instanceof ThreadDied || (IndexingError.is(error) && ['not-supported', 'aborted'].includes(error.code));
}

/** `concat` keeps confidences only where every batch has them, and a document that failed has none: 0 stands for it. */
function withConfidence(joined: SuggestionBatch, batches: readonly SuggestionBatch[]): SuggestionBatch {
  if (joined.confidence || !batches.some((batch) => batch.confidence)) return joined;
  const confidence = Float32Array.from(batches, (batch) => batch.confidence?.[0] ?? 0);
  const { nSubjects, indptr, subjectIds, scores, evidence, warnings } = joined;
  return new SuggestionBatch(nSubjects, indptr, subjectIds, scores, { evidence, warnings, confidence });
}
