import { createHash } from 'node:crypto';
import type { Document, JsonValue } from '@catchword/core';
import type { LearntEntry } from './project-journal.js';

/** A record as a backend learns it, and what was noted of it; as data, for every thread. */
export interface LearntRecord {
  /** Its subjects are those of the project's vocabulary that may be suggested. */
  readonly doc: Document;
  /** Null where the model is another one than when it was learnt, or had learnt the text before. */
  readonly note: JsonValue;
}

/** What a project learns on top of its stored model when it is opened. */
export interface LearntState {
  /** In their order; added to while the project learns. */
  readonly records: LearntRecord[];
  /** What was learnt already into the model that comes with it; absent where nothing was. */
  readonly known: KnownRecords | undefined;
}

/** Records that a model has learnt: content hashes of their texts as the backend reads them, and their subjects. */
export interface KnownRecords {
  /** Shape (n). */
  readonly hashes: Float64Array;
  /** Shape (n + 1). */
  readonly indptr: Uint32Array;
  /** Shape (nnz). */
  readonly subjects: Uint32Array;
}

/** A name of a state: equal where the same entries were learnt in the same order from the same beginning. */
export function learntKey(start: string, entries: Iterable<Pick<LearntEntry, 'id'>>): string {
  let key = start;
  for (const { id } of entries) key = createHash('sha256').update(`${key} ${id}`).digest('hex').slice(0, 32);
  return key;
}

/** @param idOf the subject with a URI, or −1 */
export function learntRecord(
  { document_id, text, metadata, subjects, note, model }: LearntEntry,
  idOf: (uri: string) => number,
  currentModel: string,
): LearntRecord {
  const ids = [...new Set(subjects.map(({ uri }) => idOf(String(uri))))].filter((id) => id >= 0);
  return {
    doc: {
      text,
      subjects: ids,
      ...(document_id === undefined ? undefined : { documentId: document_id }),
      ...(metadata === undefined ? undefined : { metadata }),
    },
    note: model === currentModel ? (note ?? null) : null,
  };
}
