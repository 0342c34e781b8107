import type { Document, SuggestionBatch } from '@catchword/core';
import { type IndexOutputOptions, indexLine } from './index-output.js';

/**
 * How results stand in a file that takes many documents: a piece for each document, in the order of the documents, between
 * a head and an end. A piece depends on its document alone, so that pieces can be made anew and put in later.
 */
export interface ResultFormat {
  /** What stands before the first piece. */
  readonly head: string | Uint8Array;
  /** What stands after the last piece. */
  readonly end: string | Uint8Array;
  /**
   * @param row of the document in the batch
   * @returns the document's piece with its line end, or whatever ends it
   */
  piece(document: Document, suggestions: SuggestionBatch, row: number): string | Uint8Array;
}

/**
 * JSON lines as `annif index` writes them.
 *
 * @param includeDocument false: only document_id and results
 * @see indexLine
 */
export function jsonlFormat(options: IndexOutputOptions, includeDocument = true): ResultFormat {
  return {
    head: '',
    end: '',
    piece: (document, suggestions, row) =>
      `${indexLine(identified(document), suggestions, row, options, includeDocument)}\n`,
  };
}

/** Names a document that is a file of a folder by its path, where it has no id of its own. */
function identified(document: Document): Document {
  return document.documentId || !document.path ? document : { ...document, documentId: document.path };
}
