import type { SubjectId } from './document.js';

/** A training record that is like a document. */
export interface SimilarRecord {
  /** Absent where the record has none. */
  readonly documentId?: string;
  readonly title: string;
  /** In (0, 1]. */
  readonly similarity: number;
  /** Those that people gave it. */
  readonly subjects: readonly SubjectId[];
}
