import { type Document, OperationError, SuggestionBatch } from '@catchword/core';
import type { SuggestedBatch } from '@catchword/project';

/** So many documents are begun one by one: more than are under way at a time. */
const CAREFUL_DOCUMENTS = 512;
/** A document that was begun so often without an end is to blame. */
const MOST_BEGINNINGS = 3;

/**
 * Suggests for documents one by one, each noted before it is begun, so that one that ends the process is known afterwards; one that did so
 * three times is set aside. After some hundred documents it goes on as usual.
 *
 * @param begin notes that the next document is begun; returns how often it was
 */
export async function* carefully(
  documents: AsyncIterable<Document>,
  suggest: (documents: AsyncIterable<Document>) => AsyncIterable<SuggestedBatch>,
  begin: () => number,
): AsyncGenerator<SuggestedBatch, void, undefined> {
  const rest = documents[Symbol.asyncIterator]();
  try {
    for (let n = 0; n < CAREFUL_DOCUMENTS; n++) {
      const { done, value: document } = await rest.next();
      if (done) return;
      if (begin() <= MOST_BEGINNINGS) yield* suggest(only(document));
      else yield withoutResult(document);
    }
    yield* suggest({ [Symbol.asyncIterator]: () => rest });
  } finally {
    await rest.return?.();
  }
}

async function* only(document: Document): AsyncGenerator<Document, void, undefined> {
  yield document;
}

function withoutResult(document: Document): SuggestedBatch {
  const error = new OperationError(
    'operation-failed',
    `The process ended each of the ${MOST_BEGINNINGS} times that it worked on this document`,
  );
  const none = new SuggestionBatch(0, Uint32Array.of(0, 0), new Uint32Array(0), new Float32Array(0));
  return { docs: [document], suggestions: none, failures: [{ row: 0, error }] };
}
