import { bestFirst, type TreeEnsemble, TreeScorer } from '@catchword/learners';
import type { FusionRows } from './fusion-table.js';
import type { MeanRanker } from './mean-ranker.js';

/** A mean nearer to 0 or 1 says no more. */
const LEAST_MEAN = 1e-4;
/** Of a document's candidates all are judged by so many trees, and only so many of the best ones by the others. */
const FIRST_TREES = 30;
const REFINED = 40;
/** What a candidate that may be ordered higher than its score says is put forward by in this choice, in log odds of the first trees. */
const FAVOUR = 2;

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
  private rough = new Float64Array(0);

  constructor(trees: TreeEnsemble, mean?: WeightedMean) {
    this.trees = trees;
    this.mean = mean;
    const bounds = [0, Math.min(FIRST_TREES, trees.nTrees), trees.nTrees];
    this.scorer = TreeScorer.fits(trees) ? new TreeScorer(trees, bounds) : undefined;
  }

  /** @returns shape (n), in (0, 1) */
  score({ X, nFeatures }: Pick<FusionRows, 'X' | 'nFeatures'>, n = X.length / nFeatures): Float64Array {
    this.begin(X, n);
    this.addTrees(X, n, 0);
    this.addTrees(X, n, 1);
    this.addMean(X, n);
    return this.sums.slice(0, n).map(sigmoid);
  }

  /**
   * Scores the candidates of one document: those that the first trees find best in full, as `score` does. What the others
   * would have got is guessed from what became of these, and is less than what any of them has.
   *
   * @param X shape (n, nFeatures), row-major
   * @param isFavoured tells candidates that may be ordered higher than their score says, which are rather scored in full
   * @returns shape (n), in (0, 1)
   */
  scoreDocument(X: Float32Array, n: number, isFavoured: (row: number) => boolean): Float64Array {
    if (n <= REFINED || this.trees.nTrees <= FIRST_TREES) return this.score({ X, nFeatures: this.trees.nFeatures }, n);
    this.begin(X, n);
    const { rows, sums, rough } = this;
    this.addTrees(X, n, 0);
    this.addMean(X, n);
    for (let i = 0; i < n; i++) if (isFavoured(i)) sums[i] += FAVOUR;
    const nRefined = bestFirst(rows, sums, n, REFINED);
    for (let i = 0; i < n; i++) if (isFavoured(rows[i])) sums[i] -= FAVOUR;
    rough.set(sums.subarray(0, n));
    this.addTrees(X, nRefined, 1);
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < nRefined; i++) if (sums[i] < least) least = sums[i];
    const { slope, offset } = line(rough, sums, nRefined);
    for (let i = nRefined; i < n; i++)
      sums[i] = Math.min(offset + slope * rough[i], least) - 1e-3 * (1 - sigmoid(rough[i]));
    const scores = new Float64Array(n);
    for (let i = 0; i < n; i++) scores[rows[i]] = sigmoid(sums[i]);
    return scores;
  }

  private begin(X: Float32Array, n: number): void {
    if (this.rows.length < n) {
      this.rows = new Uint32Array(n * 2);
      this.sums = new Float64Array(n * 2);
      this.rough = new Float64Array(n * 2);
    }
    for (let i = 0; i < n; i++) this.rows[i] = i;
    this.sums.fill(this.trees.base, 0, n);
    this.scorer?.load(X, n);
  }

  /** Adds what the trees of a part say of the first n of `rows`. */
  private addTrees(X: Float32Array, n: number, part: 0 | 1): void {
    const { trees, scorer, rows, sums } = this;
    const first = Math.min(FIRST_TREES, trees.nTrees);
    if (scorer) scorer.addValues(part, rows, n, sums);
    else trees.addValues(X, rows, n, sums, part === 0 ? 0 : first, part === 0 ? first : trees.nTrees);
  }

  /** Adds the mean's share for all rows, which stand in their order. */
  private addMean(X: Float32Array, n: number): void {
    if (!this.mean) return;
    const { ranker, weight } = this.mean;
    const means = ranker.score({ X, nFeatures: this.trees.nFeatures }, n);
    for (let i = 0; i < n; i++) this.sums[i] += weight * meanLogOdds(means[i]);
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

function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** @returns the line with the least squares through n points */
function line(x: Float64Array, y: Float64Array, n: number): { slope: number; offset: number } {
  let [sx, sy, sxx, sxy] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    sx += x[i];
    sy += y[i];
    sxx += x[i] * x[i];
    sxy += x[i] * y[i];
  }
  const spread = n * sxx - sx * sx;
  const slope = spread > 1e-9 ? Math.max(0, (n * sxy - sx * sy) / spread) : 0;
  return { slope, offset: (sy - slope * sx) / n };
}
