import { type Document, OperationError, type SubjectId } from '@catchword/core';
import { serveTasks } from '@catchword/math';
import { LabelSearch, openVocabulary } from '@catchword/vocabulary';
import type { LearntRecord } from '../learning/learnt-records.js';
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
      case 'assess':
        return opened(task.key).learning.assess(task.docs as Document[]);
      case 'learn':
        await opened(task.key).learning.learn(task.records as LearntRecord[]);
        return undefined;
      case 'explain':
        return opened(task.key).explain(task.doc, task.subjectIds as SubjectId[]);
      case 'suggest':
        return answerOf(await opened(task.key).suggest(task.docs, task));
    }
  };
});
