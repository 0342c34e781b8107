import type { TrainOptions } from '@catchword/core';
import { type TreeEnsemble, trainBoosting } from '@catchword/learners';

const LEARNING_RATE = 0.08;
const LAMBDA = 10;

/** How much the trees of a source may believe. */
export interface CandidateTreesSize {
  readonly trees: number;
  readonly maxLeaves: number;
  readonly minRows: number;
}

/**
 * Grows trees that judge candidates: their sum is the log odds that a candidate is right.
 *
 * @param X shape (n, nFeatures), row-major
 * @param y shape (n): 1 for gold subjects
 * @returns undefined where candidates are all right, or all wrong, or there is none
 */
export async function growCandidateTrees(
  X: Float32Array,
  y: readonly number[],
  nFeatures: number,
  { trees, maxLeaves, minRows }: CandidateTreesSize,
  { seed, nJobs, signal, onProgress }: TrainOptions,
): Promise<TreeEnsemble | undefined> {
  const positive = y.reduce((sum, answer) => sum + answer, 0);
  if (positive === 0 || positive === y.length) return undefined;
  return trainBoosting(
    X,
    Uint8Array.from(y),
    new Float32Array(y.length).fill(1),
    nFeatures,
    {
      ...{ nTrees: trees, maxLeaves, minRows, learningRate: LEARNING_RATE, lambda: LAMBDA },
      ...{ rowShare: 0.8, featureShare: 0.7, seed },
    },
    nJobs,
    async (tree) => {
      onProgress?.({ stage: 'growing trees', done: tree, total: trees, unit: 'trees' });
      if (tree % 8 === 0) await new Promise((resolve) => setImmediate(resolve)); // lets a signal come in
      signal?.throwIfAborted();
    },
  );
}
