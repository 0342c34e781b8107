import { createHash } from 'node:crypto';
import { type Document, IndexingError, OperationError, SuggestionBatch } from '@catchword/core';
import type { DocumentFailure, SuggestedBatch, SuggestionFilter } from '@catchword/project';

/** Documents of a chunk, and characters that close one earlier. */
const CHUNK_DOCS = 64;
const CHUNK_CHARACTERS = 1 << 19;

/** Documents on their way to a worker, as JSON. */
export interface ChunkTask extends SuggestionFilter {
  readonly docs: readonly { readonly text: string; readonly metadata?: Readonly<Record<string, string>> }[];
}

/** What a worker answers, as JSON. Equal tasks have equal answers, whoever gives them, however often. */
export interface ChunkAnswer {
  readonly id: string;
  readonly nSubjects: number;
  readonly indptr: readonly number[];
  readonly subjectIds: readonly number[];
  /** Each a number of single precision, which JSON keeps. */
  readonly scores: readonly number[];
  readonly confidence?: readonly number[];
  readonly warnings: readonly string[];
  readonly failures: readonly { readonly row: number; readonly code?: string; readonly message: string }[];
}

/** @returns the task for documents: gold subjects, ids and paths stay behind */
export function chunkTask(docs: readonly Document[], filter: SuggestionFilter): ChunkTask {
  return { ...filter, docs: docs.map(({ text, metadata }) => (metadata ? { text, metadata } : { text })) };
}

/** @returns a name that equal tasks share, so that asking for one again is asking for the same */
export function chunkId(task: ChunkTask): string {
  return createHash('sha256').update(JSON.stringify(task)).digest('hex').slice(0, 32);
}

export function chunkAnswer(
  id: string,
  suggestions: SuggestionBatch,
  failures: readonly DocumentFailure[] = [],
): ChunkAnswer {
  const { nSubjects, indptr, subjectIds, scores, confidence, warnings } = suggestions;
  return {
    ...{ id, nSubjects, warnings },
    indptr: [...indptr],
    subjectIds: [...subjectIds],
    scores: [...scores],
    ...(confidence ? { confidence: [...confidence] } : undefined),
    failures: failures.map(({ row, error }) => ({
      ...{ row, message: error.message },
      ...(IndexingError.is(error) ? { code: error.code } : undefined),
    })),
  };
}

/** @returns documents with the suggestions of an answer */
export function answeredBatch(docs: readonly Document[], answer: ChunkAnswer): SuggestedBatch {
  const { nSubjects, indptr, subjectIds, scores, confidence, warnings, failures } = answer;
  const suggestions = new SuggestionBatch(
    nSubjects,
    Uint32Array.from(indptr),
    Uint32Array.from(subjectIds),
    Float32Array.from(scores),
    { warnings, ...(confidence ? { confidence: Float32Array.from(confidence) } : undefined) },
  );
  return {
    ...{ docs, suggestions },
    failures: failures.map(({ row, code, message }) => {
      const error = IndexingError.is(Object.assign(new Error(), { code }))
        ? new OperationError(code as OperationError['code'], message)
        : new Error(message);
      return { row, error };
    }),
  };
}

/** Deals documents into chunks. */
export async function* inChunks(documents: AsyncIterable<Document>): AsyncGenerator<Document[], void, undefined> {
  let chunk: Document[] = [];
  let nCharacters = 0;
  for await (const doc of documents) {
    chunk.push(doc);
    nCharacters += doc.text.length;
    if (chunk.length < CHUNK_DOCS && nCharacters < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = [];
    nCharacters = 0;
  }
  if (chunk.length > 0) yield chunk;
}
