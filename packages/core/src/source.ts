import type { CsrPattern } from '@catchword/math';
import type { SuggestOptions } from './backend.js';
import type { Document, SubjectId } from './document.js';
import type { Explanation } from './explanation.js';
import type { SimilarRecord } from './similar-record.js';
import type { SuggestionBatch } from './suggestion-batch.js';

/** One input of an ensemble: another project, ready, its suggestions in the ensemble's subjects. */
export interface Source {
  readonly projectId: string;
  /** The name of its backend type. */
  readonly backend: string;
  /** As the configuration gives it; 1 where it says nothing. */
  readonly weight: number;
  /** Applied to its scores before they are weighted; 1 where the configuration says nothing. */
  readonly exponent: number;
  /** Shape (nSubjects): documents of its training corpus that each subject stands on. */
  readonly trainFrequency: Uint32Array;
  /** Training documents of its model. */
  readonly nTrainDocs: number;
  /** Another one after the source was trained again. */
  readonly modelId: string;
  /** True where its scores are probabilities. */
  readonly isCalibrated?: boolean;
  /**
   * @param docs as the ensemble was given them; the source's own transforms come after
   * @throws whatever hinders the source: an ensemble leaves it out and says so
   */
  suggest(docs: readonly Document[], options: SuggestOptions): SuggestionBatch | Promise<SuggestionBatch>;
  explain?(doc: Document, subjectIds: readonly SubjectId[]): readonly Explanation[] | Promise<readonly Explanation[]>;
  /** As `Backend.similar`, in the ensemble's subjects. */
  similar?(doc: Document, n: number): readonly SimilarRecord[] | Promise<readonly SimilarRecord[]>;
  /** As `Backend.assignments`, in the ensemble's subjects. */
  assignments?(): CsrPattern;
  /** Learns at once from records; absent where its backend cannot. */
  learn?(docs: readonly Document[]): void | Promise<void>;
}
