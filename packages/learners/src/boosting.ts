import { Random } from '@catchword/math';
import { binMatrix } from './binned-matrix.js';
import { TreeGrower } from './grow-tree.js';
import { TreeCollector, type TreeEnsemble } from './tree-ensemble.js';

export interface BoostingParams {
  readonly nTrees: number;
  readonly maxLeaves: number;
  /** Least number of rows in a leaf. */
  readonly minRows: number;
  readonly learningRate: number;
  /** L2 penalty on leaf values. */
  readonly lambda: number;
  /** Share of the rows that each tree sees, in (0, 1]. */
  readonly rowShare: number;
  /** Share of the features that each tree may ask, in (0, 1]. */
  readonly featureShare: number;
  readonly seed: number;
}

/**
 * Gradient-boosted trees for the logistic loss: the sum of the trees is the log odds of the positive class.
 *
 * @param X shape (nRows, nFeatures), row-major; NaN is missing
 * @param y shape (nRows), 0 or 1
 * @param weights shape (nRows), or undefined for 1 each
 * @param onTree called after each tree with its number from 1
 * @throws {RangeError} if shapes differ, or where one of the two classes has no row
 * @see Friedman 2001, algorithm 5 (LogitBoost leaf values); Chen & Guestrin 2016
 */
export function trainBoosting(
  X: Float32Array,
  y: Uint8Array,
  weights: Float32Array | undefined,
  nFeatures: number,
  params: BoostingParams,
  onTree?: (tree: number) => void,
): TreeEnsemble {
  const data = binMatrix(X, nFeatures);
  const { nRows } = data;
  if (y.length !== nRows) throw new RangeError(`${nRows} rows but ${y.length} answers`);
  let positive = 0;
  let total = 0;
  for (let i = 0; i < nRows; i++) {
    const w = weights ? weights[i] : 1;
    total += w;
    if (y[i]) positive += w;
  }
  if (!(positive > 0 && positive < total)) throw new RangeError('both classes need a row of positive weight');
  const base = Math.log(positive / (total - positive));
  const collector = new TreeCollector();
  const grower = new TreeGrower(
    data,
    {
      maxLeaves: params.maxLeaves,
      minRows: params.minRows,
      minHessian: 1e-3,
      lambda: params.lambda,
      learningRate: params.learningRate,
    },
    collector,
  );
  const random = new Random(params.seed);
  const scores = new Float64Array(nRows).fill(base);
  const gradients = new Float32Array(nRows);
  const hessians = new Float32Array(nRows);
  const everyRow = Uint32Array.from({ length: nRows }, (_, i) => i);
  for (let t = 1; t <= params.nTrees; t++) {
    for (let i = 0; i < nRows; i++) {
      const p = 1 / (1 + Math.exp(-scores[i]));
      const w = weights ? weights[i] : 1;
      gradients[i] = w * (p - y[i]);
      hessians[i] = Math.max(w * p * (1 - p), 1e-12);
    }
    const sample = params.rowShare < 1 ? sampleRows(nRows, params.rowShare, random) : everyRow;
    const features = sampleFeatures(nFeatures, params.featureShare, random);
    const first = collector.nNodes;
    grower.grow(sample, features, gradients, hessians, scores);
    if (sample.length < nRows) {
      for (let i = 0, k = 0; i < nRows; i++) {
        if (k < sample.length && sample[k] === i) k++;
        else scores[i] += collector.valueOf(first, data.bins, i * nFeatures);
      }
    }
    onTree?.(t);
  }
  return collector.build(nFeatures, base);
}

function sampleRows(nRows: number, share: number, random: Random): Uint32Array {
  const rows = new Uint32Array(nRows);
  let n = 0;
  const below = share * 4294967296;
  for (let i = 0; i < nRows; i++) if (random.uint32() < below) rows[n++] = i;
  return rows.subarray(0, n);
}

function sampleFeatures(nFeatures: number, share: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: nFeatures }, (_, i) => i);
  if (share >= 1) return order;
  random.shuffle(order);
  return order.subarray(0, Math.max(1, Math.round(share * nFeatures))).sort();
}
