import type { BackendContext, Corpus, JsonObject, TrainOptions } from '@catchword/core';
import { OperationError } from '@catchword/core';
import { trainLabelTree } from '@catchword/learners';
import { sharedVectors } from '@catchword/text';
import type { StoredTrees } from './model.js';
import type { LabelTreeBackendParams } from './params.js';

/** Nodes with fewer labels are not split, as in Omikuji. */
const MIN_BRANCH_SIZE = 100;
/** Leaves with more labels are split beyond the depth: all of a leaf's classifiers are asked. */
const MAX_LEAF_SIZE = 1000;
/** Entries of a label's vector that the clustering sees. */
const LABEL_VECTOR_SIZE = 500;

/**
 * Vectorises the corpus and trains the trees on the vectors.
 *
 * Peak memory is the vectorizer's (see `vectorizeCorpus`), then for each thread 8 bytes a stored value of the largest node it
 * works on and 64 to 128 bytes a feature of it, and twice the model.
 */
export async function trainTrees(
  context: BackendContext,
  corpus: Corpus,
  params: LabelTreeBackendParams,
  options: TrainOptions,
): Promise<{ model: StoredTrees; report: JsonObject }> {
  const { vectorizer, X, Y } = await sharedVectors(context, corpus, params.vectors, options);
  options.signal?.throwIfAborted();
  if (Y.indices.length === 0) {
    throw new OperationError('corpus-empty', 'Cannot train label trees: there is no document with a known subject', {
      hint: 'Check that the corpus names subjects of this vocabulary.',
    });
  }
  const trees = await trainLabelTree(
    X,
    Y,
    {
      nTrees: params.trees,
      clusterK: params.clusterK,
      clusterBalanced: params.clusterBalanced,
      minBranchSize: MIN_BRANCH_SIZE,
      maxDepth: params.maxDepth,
      collapseEveryNLayers: params.collapseEveryNLayers,
      maxLeafSize: MAX_LEAF_SIZE,
      cost: 1,
      eps: 0.2,
      maxEpochs: 20,
      weightThreshold: params.weightThreshold,
      weightBudget: params.weightBudget,
      labelVectorSize: LABEL_VECTOR_SIZE,
      seed: options.seed,
    },
    {
      nThreads: options.nJobs,
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
      trees: trees.nTrees,
      classifiers: arrays.childId.length,
      weights: arrays.weight.length,
    },
  };
}
