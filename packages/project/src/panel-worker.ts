import type { SourceQuestion } from '@catchword/core';
import { serveTasks, transferring } from '@catchword/math';
import { askSources } from '@catchword/sources';
import type { PanelAnswer, PanelBatch, PanelInit } from './panel-answer.js';
import { openSources } from './suggester.js';

serveTasks<PanelInit, SourceQuestion, PanelAnswer>(async ({ sources, nSubjects }) => {
  const opened = await openSources(sources, nSubjects);
  return async ({ docs, options }) => {
    const { batches, warnings } = await askSources(opened, docs, nSubjects, options);
    const answers = batches.map((batch): PanelBatch | undefined => {
      if (!batch) return undefined;
      const { indptr, subjectIds, scores, evidence } = batch;
      const { names = [], values = new Float32Array(0) } = evidence ?? {};
      return { indptr, subjectIds, scores, names, values };
    });
    const buffers = answers.flatMap((answer) =>
      answer
        ? [answer.indptr, answer.subjectIds, answer.scores, answer.values].map((a) => a.buffer as ArrayBuffer)
        : [],
    );
    return transferring({ batches: answers, warnings }, buffers);
  };
});
