import { type CommandThread, Random } from '@catchword/math';
import { binMatrix, N_BINS } from './binned-matrix.js';
import { TreeGrower } from './grow-tree.js';
import { nearestBorder, type RankingData, type RankingGroups, rankingData } from './ranking-groups.js';
import { LocalShard, RemoteShard, type ShardHandle, shardThread } from './shard-commands.js';
import { TreeCollector, type TreeEnsemble } from './tree-ensemble.js';
import type { ShardData } from './tree-shard.js';

export interface BoostingParams {
  readonly nTrees: number;
  /** At most 1,000. */
  readonly maxLeaves: number;
  /** Least number of average rows in a leaf, by their hessian. */
  readonly minRows: number;
  readonly learningRate: number;
  /** L2 penalty on leaf values. */
  readonly lambda: number;
  /** Share of the rows, or of the groups, that each tree learns from, in (0, 1]. */
  readonly rowShare: number;
  /** Share of the features that each tree may ask, in (0, 1]. */
  readonly featureShare: number;
  readonly seed: number;
  /**
   * Learns to rank the rows of each group, by LambdaMART: the sum of the trees is a score that only orders. Absent: learns
   * log odds, by the logistic loss.
   */
  readonly ranking?: RankingGroups;
}

/** The rows are cut into so many shards whatever the number of threads, so that the trees do not depend on it. */
const N_SHARDS = 2;
/** Fewer rows are done before a thread has started. */
const LEAST_ROWS_FOR_THREADS = 20_000;

/**
 * Gradient-boosted trees for the logistic loss: the sum of the trees is the log odds of the positive class. With
 * `params.ranking` for nDCG instead.
 *
 * @param X shape (nRows, nFeatures), row-major; NaN is missing
 * @param y shape (nRows), 0 or 1
 * @param weights shape (nRows), all above 0
 * @param nThreads 1, or 2 and more for two threads; the trees are the same
 * @param onTree called after each tree with its number from 1; what it throws ends the training
 * @throws {RangeError} if shapes differ, groups do not hold all rows, or where one of the two classes has no row
 * @see Friedman 2001, algorithm 5; Chen & Guestrin 2016; Burges 2010 for the ranking
 */
export async function trainBoosting(
  X: Float32Array,
  y: Uint8Array,
  weights: Float32Array,
  nFeatures: number,
  params: BoostingParams,
  nThreads: number,
  onTree?: (tree: number) => void | Promise<void>,
): Promise<TreeEnsemble> {
  if (weights.length !== y.length) throw new RangeError(`${y.length} answers but ${weights.length} weights`);
  let positive = 0;
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    total += weights[i];
    if (y[i]) positive += weights[i];
  }
  if (!(positive > 0 && positive < total)) throw new RangeError('both classes need a row of positive weight');
  const share = positive / total;
  const ranking = params.ranking && rankingData(params.ranking, y.length);
  const threads = Array.from(
    { length: nThreads < 2 || y.length < LEAST_ROWS_FOR_THREADS ? 0 : N_SHARDS - 1 },
    shardThread,
  );
  try {
    return await boost(X, y, weights, nFeatures, params, { share, total, ranking }, threads, onTree);
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

/** @param threads of all shards but the last; none: all shards are this thread's */
async function boost(
  X: Float32Array,
  y: Uint8Array,
  weights: Float32Array,
  nFeatures: number,
  params: BoostingParams,
  { share, total, ranking }: { share: number; total: number; ranking: RankingData | undefined },
  threads: readonly CommandThread[],
  onTree?: (tree: number) => void | Promise<void>,
): Promise<TreeEnsemble> {
  const data = binMatrix(X, nFeatures, ranking ? 0 : (total / y.length) * share * (1 - share));
  const { nRows } = data;
  if (y.length !== nRows) throw new RangeError(`${nRows} rows but ${y.length} answers`);
  const base = ranking ? 0 : Math.log(share / (1 - share));
  const values = new Float64Array(new SharedArrayBuffer(params.maxLeaves * 8));
  const { bins, entryPtr, entries } = data;
  const common = { nRows, nFeatures, bins, entryPtr, entries, y: shared(y), weights: shared(weights) };
  const border = (s: number): number => {
    const row = Math.floor((nRows * s) / N_SHARDS);
    return ranking ? nearestBorder(ranking.groupPtr, row) : row;
  };
  const shards: ShardHandle[] = [];
  for (let s = 0; s < N_SHARDS; s++) {
    const shard: ShardData = {
      ...common,
      from: border(s),
      to: border(s + 1),
      base,
      rowShare: params.rowShare,
      seed: params.seed,
      ranking,
      fresh: new Float64Array(new SharedArrayBuffer((nFeatures * N_BINS * 2 + 2) * 8)),
    };
    const thread = threads[s];
    shards.push(thread ? new RemoteShard(thread, { data: shard, values }) : new LocalShard({ data: shard, values }));
  }
  const collector = new TreeCollector();
  const grower = new TreeGrower(data, { ...params, minHessian: 1e-3 }, shards, values, collector);
  const random = new Random(params.seed);
  for (let t = 1; t <= params.nTrees; t++) {
    grower.grow(t, sampleFeatures(nFeatures, params.featureShare, random));
    await onTree?.(t);
  }
  return collector.build(nFeatures, base);
}

function shared<T extends Uint8Array | Float32Array>(array: T): T {
  const copy = new (array.constructor as new (buffer: SharedArrayBuffer) => T)(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}

function sampleFeatures(nFeatures: number, share: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: nFeatures }, (_, i) => i);
  if (share >= 1) return order;
  random.shuffle(order);
  return order.subarray(0, Math.max(1, Math.round(share * nFeatures))).sort();
}
