import type { JsonObject, TrainOptions } from '@catchword/core';
import { TreeEnsemble, trainBoosting } from '@catchword/learners';
import { Calibration } from './calibration.js';
import { documentGroups, rankingWeights } from './document-groups.js';
import { type FusionRows, selectRows } from './fusion-table.js';
import { isMean, type MeanKind, MeanRanker, type ScoreColumns } from './mean-ranker.js';
import { FUSION_MODELS, type FusionModelKind, type FusionParams } from './params.js';
import { type RankingQuality, rankingQuality } from './ranking-quality.js';
import { SourceCurves } from './source-curves.js';
import { meanLogOdds, TreeRanker } from './tree-ranker.js';
import { chooseFactor } from './untrained-factor.js';

const N_FOLDS = 3;
/** Documents that models are compared on; more would only take longer. */
const MOST_DOCS = 1500;
/** With fewer documents nothing can be compared, and the simplest model is taken. */
const LEAST_DOCS = 12;
const LAMBDA = 10;

/** A fusion's model: a mean, or trees. */
export type FusionRanker = MeanRanker | TreeRanker;

/** A rung of the ladder, with its scores for rows that it had not learnt. */
interface Compared extends RankingQuality {
  readonly kind: FusionModelKind;
  readonly scores: Float64Array;
  /** Of `joined`: the mean beside the trees, and what it counts. */
  readonly mean?: { readonly kind: MeanKind; readonly weight: number };
}

/** A difference in nDCG@10 that means nothing. What may be given up for subjects without records is the factor's, see `chooseFactor`. */
const NEAR = 0.0005;

/**
 * From so many documents on `joined` is taken unless another model is ahead of it by more than `mostAheadOfJoined`: learnt from 82 documents it ranked
 * the others of two collections better than LambdaMART by .007 and .009 (± .003 and .004); from 40 it was hardly ahead of the means (.003 ± .003).
 */
const LEAST_DOCS_FOR_JOINED = 60;
/**
 * From 200 documents on: random halvings of the documents to learn from had `joined` .008 and .011 (± .003 to .005) ahead of LambdaMART on two
 * collections and .002 (± .005) on a third, so that a smaller lead of another in one comparison is chance more likely than not. Fewer documents
 * say less.
 */
const MOST_AHEAD_OF_JOINED = 0.003;
const mostAheadOfJoined = (nDocs: number): number => MOST_AHEAD_OF_JOINED * Math.max(1, 200 / nDocs);

/** What the mean may count beside the trees of both kinds. */
const MEAN_WEIGHTS = [0.25, 0.5, 1, 2];

/** What was chosen, with the evidence. */
export interface ChosenModel {
  readonly kind: FusionModelKind;
  readonly ranker: FusionRanker;
  readonly calibration: Calibration;
  /** See `promoteUntrained`. */
  readonly untrainedFactor: number;
  /** Absent where calibrated scores are no features. */
  readonly curves?: SourceCurves | undefined;
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
  const curves = fillCalibrated(rows, columns);
  const nCompared = Math.min(nDocs, MOST_DOCS);
  const placeOf = (doc: number) => Math.floor((doc * nCompared) / nDocs);
  const foldOf = (doc: number) => placeOf(doc) % N_FOLDS;
  const sampled = nCompared < nDocs ? selectRows(rows, (doc) => placeOf(doc) > placeOf(doc - 1)) : rows;
  const tooFew = whyTooFew(sampled, nDocs, foldOf);
  if (tooFew !== undefined) {
    options.onWarning?.(`${tooFew}: the fusion is a mean of calibrated scores`);
    const ranker = await fitRanker('mean', rows, columns, params, options);
    const calibration = Calibration.fit(rows, ranker.score(rows), columns.frequency);
    return {
      kind: 'mean',
      ranker,
      calibration,
      untrainedFactor: 1,
      curves,
      report: { documents: nDocs, model: 'mean', compared: [] },
    };
  }
  const joins = params.model === 'auto' || params.model === 'joined';
  const kinds = params.model === 'auto' || params.model === 'joined' ? FUSION_MODELS : [params.model];
  const fitted = kinds.filter((kind) => kind !== 'joined');
  const heldOut = await heldOutScores(fitted, sampled, foldOf, columns, params, options);
  const compared = fitted.map((kind, k): Compared => {
    const scores = heldOut[k];
    return { kind, scores, ...rankingQuality(sampled, scores, columns.frequency) };
  });
  if (joins) compared.push(joined(compared, sampled, columns));
  const best = compared.find(({ kind }) => kind === params.model) ?? choiceOf(compared, nDocs);
  const ranker = await fitRanker(best.kind, rows, columns, params, options, best.mean);
  const calibration = Calibration.fit(sampled, best.scores, columns.frequency);
  const probabilities = best.scores.map((score) => calibration.common(score));
  const { factor, ...withFactor } = chooseFactor(sampled, probabilities, columns.scores, columns.frequency);
  return {
    kind: best.kind,
    ranker,
    calibration,
    untrainedFactor: factor,
    curves,
    report: {
      documents: nDocs,
      rows: rows.y.length,
      model: best.kind,
      compared: compared.map(({ kind, ...quality }) => ({ model: kind, ...rounded(quality) })),
      untrainedFactor: { factor, ...rounded(withFactor) },
    },
  };
}

/** Both kinds of trees and the best of the means together: they err at different places. Nothing has to be learnt anew for it. */
function joined(compared: readonly Compared[], rows: FusionRows, columns: ScoreColumns): Compared {
  const of = (wanted: FusionModelKind) => (compared.find(({ kind }) => kind === wanted) as Compared).scores;
  const [trees, lambdamart] = [of('trees'), of('lambdamart')];
  const means = compared.filter((each): each is Compared & { kind: MeanKind } => isMean(each.kind));
  const { kind, scores: mean } = means.reduce((a, b) => (b.ndcgAt10 > a.ndcgAt10 ? b : a));
  const tried = MEAN_WEIGHTS.map((weight): Compared => {
    const scores = Float64Array.from(trees, (score, i) => {
      const sum = logOdds(score) + logOdds(lambdamart[i]) + weight * meanLogOdds(mean[i]);
      return 1 / (1 + Math.exp(-sum));
    });
    return { kind: 'joined', scores, mean: { kind, weight }, ...rankingQuality(rows, scores, columns.frequency) };
  });
  return bestOf(tried);
}

/** @returns the best model, or `joined` where no other's lead means anything */
export function choiceOf<C extends RankingQuality & { readonly kind: FusionModelKind }>(
  compared: readonly C[],
  nDocs: number,
): C {
  const best = bestOf(compared);
  if (nDocs < LEAST_DOCS_FOR_JOINED) return best;
  const joined = compared.find(({ kind }) => kind === 'joined');
  return joined && best.ndcgAt10 - joined.ndcgAt10 <= mostAheadOfJoined(nDocs) ? joined : best;
}

/** The model with the highest nDCG@10; of those that come near it, the one that finds most subjects without records. */
function bestOf<C extends RankingQuality>(compared: readonly C[]): C {
  const highest = Math.max(...compared.map(({ ndcgAt10 }) => ndcgAt10));
  const untrained = ({ recallAt10Untrained: recall }: C) => (Number.isNaN(recall) ? 0 : recall);
  return compared
    .filter(({ ndcgAt10 }) => ndcgAt10 >= highest - NEAR)
    .reduce((a, b) => ((untrained(b) - untrained(a) || b.ndcgAt10 - a.ndcgAt10) > 0 ? b : a));
}

function logOdds(probability: number): number {
  return Math.log(probability / (1 - probability));
}

/** @returns why models cannot be compared; undefined where they can */
function whyTooFew({ y, doc }: FusionRows, nDocs: number, foldOf: (doc: number) => number): string | undefined {
  if (nDocs < LEAST_DOCS) return `${nDocs} documents are too few to compare models`;
  const right = new Set<number>();
  for (let i = 0; i < y.length; i++) if (y[i]) right.add(foldOf(doc[i]));
  // What is left when a part is set aside has to show what is right.
  return right.size < 2 ? 'hardly any document has a right candidate, so models cannot be compared' : undefined;
}

/** Fills the rows' calibrated scores, of which none has seen its own document. @returns what makes them; undefined where they are no features */
function fillCalibrated(rows: FusionRows, { scores, calibrated }: ScoreColumns): SourceCurves | undefined {
  return calibrated.length > 0 ? SourceCurves.fillOutOfFold(rows, scores, calibrated) : undefined;
}

/** @returns for each kind shape (nRows), of models that had not learnt the row's document */
async function heldOutScores(
  kinds: readonly FusionModelKind[],
  rows: FusionRows,
  foldOf: (doc: number) => number,
  columns: ScoreColumns,
  params: FusionParams,
  options: TrainOptions,
): Promise<Float64Array[]> {
  const scores = kinds.map(() => new Float64Array(rows.y.length));
  for (let fold = 0; fold < N_FOLDS; fold++) {
    const learnt = selectRows(rows, (doc) => foldOf(doc) !== fold);
    const held = selectRows(rows, (doc) => foldOf(doc) === fold);
    const curves = fillCalibrated(learnt, columns);
    curves?.fill(held.X, held.nFeatures, held.y.length, columns.scores, columns.calibrated);
    for (const [k, kind] of kinds.entries()) {
      const done = fold * kinds.length + k;
      options.onProgress?.({ stage: 'comparing models', done, total: N_FOLDS * kinds.length, unit: 'models' });
      const heldScores = (await fitRanker(kind, learnt, columns, params, options)).score(held);
      let at = 0;
      for (let i = 0; i < rows.y.length; i++) if (foldOf(rows.doc[i]) === fold) scores[k][i] = heldScores[at++];
    }
  }
  return scores;
}

/** @param mean of `joined`: the mean beside the trees */
async function fitRanker(
  kind: FusionModelKind,
  rows: FusionRows,
  columns: ScoreColumns,
  params: FusionParams,
  options: TrainOptions,
  mean?: Compared['mean'],
): Promise<FusionRanker> {
  if (isMean(kind)) return MeanRanker.fit(kind, rows, columns, options.seed);
  if (kind !== 'joined') return new TreeRanker(await growTrees(kind, rows, params, options));
  const trees = await growTrees('trees', rows, params, options);
  const lambdamart = await growTrees('lambdamart', rows, params, options);
  const ranker = mean && MeanRanker.fit(mean.kind, rows, columns, options.seed);
  return new TreeRanker(TreeEnsemble.sum([trees, lambdamart]), ranker && { ranker, weight: mean.weight });
}

async function growTrees(
  kind: 'trees' | 'lambdamart',
  rows: FusionRows,
  params: FusionParams,
  options: TrainOptions,
): Promise<TreeEnsemble> {
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

function rounded({ ndcgAt10, recallAt10Untrained: recall }: RankingQuality): JsonObject {
  return { ndcgAt10: round(ndcgAt10), recallAt10Untrained: Number.isNaN(recall) ? null : round(recall) };
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
