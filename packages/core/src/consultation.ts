import type { SubjectId } from './document.js';
import type { SuggestionBatch } from './suggestion-batch.js';
import type { Usage } from './usage.js';

/** One question to a language model, and what came of it. */
export interface Question {
  /** As it is sent, in parts: who speaks, and what is said. */
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  /** As it came; absent where none did. */
  readonly answer?: string;
  /** Why there is none, or why it is of no use. */
  readonly failure?: string;
}

/** How a language model's reading of one document went. */
export interface Consultation {
  /** Why the model was not asked at all; absent where it was. */
  readonly reason?: string;
  readonly questions: readonly Question[];
  /** What the model makes of candidates, 0 to 1; those that it said nothing of are missing. */
  readonly grades: ReadonlyMap<SubjectId, number>;
  readonly usage: Usage;
  /** Of one document: without the model, and with it. */
  readonly before: SuggestionBatch;
  readonly after: SuggestionBatch;
}
