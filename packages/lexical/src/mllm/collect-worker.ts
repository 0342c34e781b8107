import type { ModelData } from '@catchword/core';
import { type ArrayPack, serveTasks, transferring, viewArrays } from '@catchword/math';
import { createAnalyzer } from '@catchword/text';
import { openVocabulary } from '@catchword/vocabulary';
import { type CollectTask, type RowChunk, RowCollector } from './collect-rows.js';
import { LabelIndex } from './label-index.js';
import type { MatcherOptions } from './matcher.js';

/** What a thread that collects rows is opened with; vocabulary and label index are shared memory. */
export interface CollectInit {
  readonly vocabulary: ModelData;
  readonly index: ArrayPack;
  readonly analyzer: string;
  readonly language: string;
  readonly options: MatcherOptions;
}

serveTasks<CollectInit, CollectTask, RowChunk>(async (init) => {
  const vocabulary = openVocabulary(init.vocabulary);
  const analyzer = await createAnalyzer(init.analyzer, { language: init.language });
  const index = new LabelIndex(viewArrays(init.index), vocabulary.nSubjects);
  const collector = new RowCollector(index, vocabulary, analyzer, init.options);
  return (task) => {
    const chunk = collector.collect(task);
    const buffers = [chunk.candidates, chunk.X, chunk.subjects, chunk.y, chunk.weights, chunk.docs];
    return transferring(
      chunk,
      buffers.map((array) => array.buffer as ArrayBuffer),
    );
  };
});
