import type { BackendContext, Corpus, JsonObject, TrainOptions } from '@catchword/core';
import { OperationError } from '@catchword/core';
import { costFor, LABEL_TREE_DEFAULTS, trainLabelTree } from '@catchword/learners';
import { sharedVectors } from '@catchword/text';
import type { StoredTrees } from './model.js';
import type { LabelTreeBackendParams } from './params.js';

/**
 * Vectorises the corpus and trains the trees on the vectors.
 *
 * Peak memory is the vectorizer's (see `vectorizeCorpus`), then 8 bytes a value of the labels' vectors (at most 500 a subject). To it
 * comes, first, for each tree at once, up to as many as there are threads: the same again and 4 bytes times `cluster_k` a feature; that is
 * given back. Then for each thread 8 bytes a stored value of the largest node it works on and 64 to 128 bytes a feature of it, and twice
 * the model.
 */
export async function trainTrees(
  context: BackendContext,
  corpus: Corpus,
  params: LabelTreeBackendParams,
  options: TrainOptions,
): Promise<{ model: StoredTrees; report: JsonObject }> {
  const { vectorizer, X, Y, weights } = await sharedVectors(context, corpus, params.vectors, options);
  options.signal?.throwIfAborted();
  if (Y.indices.length === 0) {
    throw new OperationError('corpus-empty', 'Cannot train label trees: there is no document with a known subject', {
      hint: 'Check that the corpus names subjects of this vocabulary.',
    });
  }
  const trees = await trainLabelTree(
    X,
    Y,
    { ...LABEL_TREE_DEFAULTS, ...params, nTrees: params.trees, seed: options.seed },
    {
      nThreads: options.nJobs,
      weights,
      signal: options.signal,
      onProgress: (done, total) =>
        options.onProgress?.({ stage: 'training classifiers', done, total, unit: 'classifiers' }),
    },
  );
  const { arrays } = trees;
  return {
    model: { vectorizer, fingerprint: vectorizer.fingerprint(), trees },
    report: {
      documents: X.nRows,
      features: X.nCols,
      featuresPerDocument: Math.round((10 * X.indices.length) / X.nRows) / 10,
      cost: params.cost ?? costFor(X),
      trees: trees.nTrees,
      classifiers: arrays.childId.length,
      weightBytes: arrays.bucketBytes.length,
    },
  };
}
