import { type TreeEnsemble, TreeScorer } from '@catchword/learners';
import type { FusionRows } from './fusion-table.js';
import type { MeanRanker } from './mean-ranker.js';

/** A mean nearer to 0 or 1 says no more. */
const LEAST_MEAN = 1e-4;

/** What a mean adds to the trees' sum: its log odds, times a weight. */
export interface WeightedMean {
  readonly ranker: MeanRanker;
  readonly weight: number;
}

/** Boosted trees over all features; their sum is the log odds of a row, or a score that only orders. A mean of the sources can count beside them. */
export class TreeRanker {
  readonly trees: TreeEnsemble;
  readonly mean: WeightedMean | undefined;
  /** Absent where trees of many leaves have to be walked. */
  private readonly scorer: TreeScorer | undefined;
  private rows = new Uint32Array(0);
  private sums = new Float64Array(0);

  constructor(trees: TreeEnsemble, mean?: WeightedMean) {
    this.trees = trees;
    this.mean = mean;
    this.scorer = TreeScorer.fits(trees) ? new TreeScorer(trees) : undefined;
  }

  /** @returns shape (n), in (0, 1) */
  score({ X, nFeatures }: Pick<FusionRows, 'X' | 'nFeatures'>, n = X.length / nFeatures): Float64Array {
    const { trees, mean, scorer } = this;
    if (this.rows.length < n) {
      this.rows = Uint32Array.from({ length: n * 2 }, (_, i) => i);
      this.sums = new Float64Array(n * 2);
    }
    const { sums } = this;
    sums.fill(trees.base, 0, n);
    if (scorer) {
      scorer.load(X, n);
      scorer.addValues(0, this.rows, n, sums);
    } else trees.addValues(X, this.rows, n, sums);
    const means = mean?.ranker.score({ X, nFeatures }, n);
    const scores = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const sum = mean && means ? sums[i] + mean.weight * meanLogOdds(means[i]) : sums[i];
      scores[i] = 1 / (1 + Math.exp(-sum));
    }
    return scores;
  }

  /** @returns shape (nFeatures): what each feature of a row adds to its log odds */
  contributions(X: Float32Array, row: number): Float64Array {
    const { trees, mean } = this;
    const { nFeatures } = trees;
    const parts = trees.contributions(X, row).slice(0, nFeatures);
    if (!mean) return parts;
    const own = X.subarray(row * nFeatures, (row + 1) * nFeatures);
    const [whole] = mean.ranker.score({ X: own, nFeatures }, 1);
    if (!(whole > LEAST_MEAN)) return parts;
    // What lifts the mean above nothing is shared by the sources as their scores share the mean.
    const lift = mean.weight * (meanLogOdds(whole) - meanLogOdds(0));
    for (let f = 0; f < nFeatures; f++) parts[f] += (lift * mean.ranker.part(X, row * nFeatures, f)) / whole;
    return parts;
  }
}

/** @returns log odds of a mean, bounded on both sides */
export function meanLogOdds(mean: number): number {
  const bounded = Math.min(Math.max(mean, LEAST_MEAN), 1 - LEAST_MEAN);
  return Math.log(bounded / (1 - bounded));
}
