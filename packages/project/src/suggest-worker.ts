import type { Document } from '@catchword/core';
import { serveTasks } from '@catchword/math';
import { answerOf, type SuggestAnswer } from './suggest-answer.js';
import { Suggester, type SuggesterParts, type SuggestionFilter } from './suggester.js';

/** A batch of documents on its way to a worker. */
export interface SuggestTask extends SuggestionFilter {
  readonly docs: readonly Document[];
}

serveTasks<SuggesterParts, SuggestTask, SuggestAnswer>(async (parts) => {
  const suggester = await Suggester.open(parts);
  return async (task) => answerOf(await suggester.suggest(task.docs, task));
});
