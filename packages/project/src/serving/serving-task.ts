import type { Document, JsonValue, ModelData, SubjectId } from '@catchword/core';
import type { LearntRecord } from '../learning/learnt-records.js';
import type { SuggestAnswer } from '../suggest-answer.js';
import type { ExplainedDocument, SuggesterParts, SuggestionFilter } from '../suggester.js';

/** What a thread that serves is asked to do; `key` names a model that was opened in it. */
export type ServingTask =
  | { readonly kind: 'open'; readonly key: string; readonly parts: SuggesterParts }
  | { readonly kind: 'close'; readonly key: string }
  | ({ readonly kind: 'suggest'; readonly key: string; readonly docs: readonly Document[] } & SuggestionFilter)
  | {
      readonly kind: 'explain';
      readonly key: string;
      readonly doc: Document;
      readonly subjectIds: readonly SubjectId[];
    }
  | { readonly kind: 'assess'; readonly key: string; readonly docs: readonly Document[] }
  | { readonly kind: 'learn'; readonly key: string; readonly records: readonly LearntRecord[] }
  | { readonly kind: 'index-labels'; readonly vocabulary: ModelData };

export type ServingAnswer = SuggestAnswer | ExplainedDocument | ModelData | readonly JsonValue[] | undefined;
