import type { JsonObject, TrainOptions } from '@catchword/core';
import { type TreeEnsemble, trainBoosting } from '@catchword/learners';
import { Calibration } from './calibration.js';
import { documentGroups, rankingWeights } from './document-groups.js';
import { type FusionRows, selectRows } from './fusion-table.js';
import { MeanRanker, type ScoreColumns } from './mean-ranker.js';
import { FUSION_MODELS, type FusionModelKind, type FusionParams } from './params.js';
import { rankingQuality } from './ranking-quality.js';

const N_FOLDS = 3;
/** Documents that models are compared on; more would only take longer. */
const MOST_DOCS = 1500;
/** With fewer documents nothing can be compared, and the simplest model is taken. */
const LEAST_DOCS = 12;
const LAMBDA = 10;

/** A fusion's model: of means, or trees whose sum is the log odds, or a score that only orders. */
export type FusionRanker = MeanRanker | TreeEnsemble;

/** What was chosen, with the evidence. */
export interface ChosenModel {
  readonly kind: FusionModelKind;
  readonly ranker: FusionRanker;
  readonly calibration: Calibration;
  readonly report: JsonObject;
}

/**
 * Compares models by cross-validation over documents and fits the best one to all rows.
 *
 * Its scores on the documents that it had not learnt give the calibration.
 *
 * @see FUSION_MODELS for the rungs of the ladder
 */
export async function chooseModel(
  rows: FusionRows,
  columns: ScoreColumns,
  params: FusionParams,
  options: TrainOptions,
): Promise<ChosenModel> {
  const nDocs = rows.nGold.length;
  if (nDocs < LEAST_DOCS) {
    options.onWarning?.(`${nDocs} documents are too few to compare models: the fusion is a mean of calibrated scores`);
    const ranker = await fitRanker('mean', rows, columns, params, options);
    const calibration = Calibration.fit(rows, scoreRows(ranker, rows), columns.frequency);
    return { kind: 'mean', ranker, calibration, report: { documents: nDocs, model: 'mean', compared: [] } };
  }
  const kinds = params.model === 'auto' ? FUSION_MODELS : [params.model];
  const sampled = nDocs > MOST_DOCS ? selectRows(rows, (doc) => doc % Math.ceil(nDocs / MOST_DOCS) === 0) : rows;
  const step = nDocs > MOST_DOCS ? Math.ceil(nDocs / MOST_DOCS) : 1;
  const foldOf = (doc: number) => Math.floor(doc / step) % N_FOLDS;
  const compared: { kind: FusionModelKind; scores: Float64Array; ndcgAt10: number; recallAt10Untrained: number }[] = [];
  for (const [k, kind] of kinds.entries()) {
    options.onProgress?.({ stage: 'comparing models', done: k, total: kinds.length, unit: 'models' });
    const scores = await heldOutScores(kind, sampled, foldOf, columns, params, options);
    compared.push({ kind, scores, ...rankingQuality(sampled, scores, columns.frequency) });
  }
  const best = compared.reduce((a, b) => (b.ndcgAt10 > a.ndcgAt10 ? b : a));
  const ranker = await fitRanker(best.kind, rows, columns, params, options);
  const calibration = Calibration.fit(sampled, best.scores, columns.frequency);
  return {
    kind: best.kind,
    ranker,
    calibration,
    report: {
      documents: nDocs,
      rows: rows.y.length,
      model: best.kind,
      compared: compared.map(({ kind, ndcgAt10, recallAt10Untrained }) => ({
        model: kind,
        ndcgAt10: round(ndcgAt10),
        recallAt10Untrained: Number.isNaN(recallAt10Untrained) ? null : round(recallAt10Untrained),
      })),
    },
  };
}

/** @returns shape (nRows), of models that had not learnt the row's document */
async function heldOutScores(
  kind: FusionModelKind,
  rows: FusionRows,
  foldOf: (doc: number) => number,
  columns: ScoreColumns,
  params: FusionParams,
  options: TrainOptions,
): Promise<Float64Array> {
  const scores = new Float64Array(rows.y.length);
  for (let fold = 0; fold < N_FOLDS; fold++) {
    const ranker = await fitRanker(
      kind,
      selectRows(rows, (doc) => foldOf(doc) !== fold),
      columns,
      params,
      options,
    );
    const held = selectRows(rows, (doc) => foldOf(doc) === fold);
    const heldScores = scoreRows(ranker, held);
    let k = 0;
    for (let i = 0; i < rows.y.length; i++) if (foldOf(rows.doc[i]) === fold) scores[i] = heldScores[k++];
  }
  return scores;
}

async function fitRanker(
  kind: FusionModelKind,
  rows: FusionRows,
  columns: ScoreColumns,
  params: FusionParams,
  options: TrainOptions,
): Promise<FusionRanker> {
  if (kind !== 'trees' && kind !== 'lambdamart') return MeanRanker.fit(kind, rows, columns, options.seed);
  const { signal, onProgress } = options;
  return trainBoosting(
    rows.X,
    rows.y,
    kind === 'lambdamart' ? rankingWeights(rows, params.hiddenWeight) : rows.weights,
    rows.nFeatures,
    {
      nTrees: params.trees,
      maxLeaves: params.maxLeaves,
      minRows: 20,
      learningRate: params.learningRate,
      lambda: LAMBDA,
      rowShare: 0.7,
      featureShare: 0.5,
      seed: options.seed,
      ...(kind === 'lambdamart' ? { ranking: documentGroups(rows) } : undefined),
    },
    options.nJobs,
    async (tree) => {
      onProgress?.({ stage: 'growing trees', done: tree, total: params.trees, unit: 'trees' });
      if (tree % 8 === 0) await new Promise((resolve) => setImmediate(resolve)); // lets a signal come in
      signal?.throwIfAborted();
    },
  );
}

/** @returns shape (nRows): means in [0, 1], or sums of trees brought into (0, 1) */
function scoreRows(ranker: FusionRanker, rows: FusionRows): Float64Array {
  if (ranker instanceof MeanRanker) return ranker.score(rows);
  const n = rows.y.length;
  const scores = new Float64Array(n).fill(ranker.base);
  ranker.addValues(
    rows.X,
    Uint32Array.from({ length: n }, (_, i) => i),
    n,
    scores,
  );
  for (let i = 0; i < n; i++) scores[i] = 1 / (1 + Math.exp(-scores[i]));
  return scores;
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
