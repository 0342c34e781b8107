import type { BackendContext, Corpus, JsonObject, TrainOptions } from '@catchword/core';
import { OperationError } from '@catchword/core';
import { costFor, LABEL_TREE_DEFAULTS, trainLabelTree } from '@catchword/learners';
import type { CsrMatrix, CsrPattern } from '@catchword/math';
import { sharedVectors } from '@catchword/text';
import { labelTextVectors } from '../label-text-vectors.js';
import { vectorSettings } from '../vector-params.js';
import type { StoredTrees } from './model.js';
import type { LabelTreeBackendParams } from './params.js';

/** Where there are no more records than this, labels are worth as much as a record each; measured in the README. */
const FEW_RECORDS = 20_000;

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
  const shared = await sharedVectors(context, corpus, vectorSettings(params.vectors, context.language), options);
  const { vectorizer } = shared;
  options.signal?.throwIfAborted();
  if (shared.Y.indices.length === 0) {
    throw new OperationError('corpus-empty', 'Cannot train label trees: there is no document with a known subject', {
      hint: 'Check that the corpus names subjects of this vocabulary.',
    });
  }
  const { labelWeight = shared.X.nRows <= FEW_RECORDS ? 1 : 0 } = params;
  const { X, Y, weights } =
    labelWeight > 0 ? withLabels(shared, labelTextVectors(context, vectorizer), labelWeight) : shared;
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
      documents: shared.X.nRows,
      ...(X.nRows > shared.X.nRows ? { labelTexts: X.nRows - shared.X.nRows } : undefined),
      features: X.nCols,
      featuresPerDocument: Math.round((10 * X.indices.length) / X.nRows) / 10,
      cost: params.cost ?? costFor(X),
      trees: trees.nTrees,
      classifiers: arrays.childId.length,
      weightBytes: arrays.bucketBytes.length,
    },
  };
}

/** What trees are trained on. */
interface TrainingRows {
  /** Shape (nRows, nFeatures). */
  readonly X: CsrMatrix;
  /** Shape (nRows, nSubjects). */
  readonly Y: CsrPattern;
  /** Shape (nRows); absent: all are 1. */
  readonly weights?: Float32Array | undefined;
}

/**
 * Adds the labels of each subject as a document that has the subject.
 *
 * @param labels shape (nSubjects, nFeatures)
 */
function withLabels({ X, Y, weights }: TrainingRows, labels: CsrMatrix, weight: number): TrainingRows {
  const subjects: number[] = [];
  for (let id = 0; id < labels.nRows; id++) if (labels.indptr[id + 1] > labels.indptr[id]) subjects.push(id);
  const nRows = X.nRows + subjects.length;
  const xPtr = new Uint32Array(nRows + 1);
  const yPtr = new Uint32Array(nRows + 1);
  xPtr.set(X.indptr);
  yPtr.set(Y.indptr);
  const indices = new Uint32Array(X.indices.length + labels.indices.length);
  const values = new Float32Array(indices.length);
  const gold = new Uint32Array(Y.indices.length + subjects.length);
  indices.set(X.indices);
  values.set(X.values);
  gold.set(Y.indices);
  // rows without entries take no room, so that the labels' entries follow as they are
  indices.set(labels.indices, X.indices.length);
  values.set(labels.values, X.indices.length);
  gold.set(subjects, Y.indices.length);
  subjects.forEach((id, i) => {
    xPtr[X.nRows + i + 1] = X.indices.length + labels.indptr[id + 1];
    yPtr[X.nRows + i + 1] = Y.indices.length + i + 1;
  });
  const all = new Float32Array(nRows).fill(1, 0, X.nRows).fill(weight, X.nRows);
  if (weights) all.set(weights);
  return {
    X: { nRows, nCols: X.nCols, indptr: xPtr, indices, values },
    Y: { nRows, nCols: Y.nCols, indptr: yPtr, indices: gold },
    weights: all,
  };
}
