import { OperationError, type SubjectId } from '@catchword/core';
import { serveTasks } from '@catchword/math';
import { LabelSearch, openVocabulary } from '@catchword/vocabulary';
import { answerOf } from '../suggest-answer.js';
import { Suggester, type SuggesterParts } from '../suggester.js';
import type { ServingAnswer, ServingTask } from './serving-task.js';

/** Suggesters of several projects, and of several versions of one, by the key that they were opened under. */
serveTasks<undefined, ServingTask, ServingAnswer>(async () => {
  const suggesters = new Map<string, Suggester>();
  const opened = (key: string): Suggester => {
    const suggester = suggesters.get(key);
    if (!suggester) throw new OperationError('operation-failed', `No model is open under "${key}"`);
    return suggester;
  };
  return async (task) => {
    switch (task.kind) {
      case 'open':
        suggesters.set(task.key, await Suggester.open(task.parts as SuggesterParts));
        return undefined;
      case 'close':
        await suggesters.get(task.key)?.close();
        suggesters.delete(task.key);
        return undefined;
      case 'index-labels':
        return LabelSearch.build(openVocabulary(task.vocabulary));
      case 'explain':
        return opened(task.key).explain(task.doc, task.subjectIds as SubjectId[]);
      case 'suggest':
        return answerOf(await opened(task.key).suggest(task.docs, task));
    }
  };
});
