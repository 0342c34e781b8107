import { Random } from '@catchword/math';
import { MISSING_BIN, N_BINS } from './binned-matrix.js';
import { LambdaGradients } from './lambda-gradients.js';
import type { RankingData } from './ranking-groups.js';

/** The rows that one shard works on, and all that it reads; typed arrays are over shared memory. */
export interface ShardData {
  readonly nRows: number;
  readonly nFeatures: number;
  /** Shape (nFeatures, nRows): bins. */
  readonly bins: Uint8Array;
  readonly entryPtr: Uint32Array;
  readonly entries: Uint16Array;
  readonly y: Uint8Array;
  /** Shape (nRows). */
  readonly weights: Float32Array;
  /** The shard's rows are [from, to). */
  readonly from: number;
  readonly to: number;
  readonly base: number;
  readonly rowShare: number;
  readonly seed: number;
  /** Rows are ranked within groups; absent for the logistic loss. A shard's rows are whole groups. */
  readonly ranking?: RankingData | undefined;
  /** Shape (nFeatures, N_BINS, 2): where the shard leaves gradient and hessian sums of what it counted last. */
  readonly fresh: Float64Array;
}

/**
 * One part of the rows of a boosting: their scores, derivatives, and to which leaf of the growing tree they belong.
 *
 * A shard's results depend on its rows alone, so that the trees are the same however many threads run the shards.
 */
export class TreeShard {
  private readonly data: ShardData;
  private readonly scores: Float64Array;
  private readonly gradients: Float32Array;
  private readonly hessians: Float32Array;
  /** Local row numbers, the rows of a leaf together. */
  private readonly rows: Uint32Array;
  private readonly side: Uint32Array;
  private readonly goesLeft = new Uint8Array(N_BINS);
  private readonly leafFrom = new Uint32Array(1024);
  private readonly leafTo = new Uint32Array(1024);
  private readonly lambdas: LambdaGradients | undefined;

  constructor(data: ShardData) {
    const n = data.to - data.from;
    this.data = data;
    this.scores = new Float64Array(n).fill(data.base);
    this.gradients = new Float32Array(n);
    this.hessians = new Float32Array(n);
    this.rows = new Uint32Array(n);
    this.side = new Uint32Array(n + 1);
    this.lambdas = data.ranking && new LambdaGradients(data.ranking.truncation);
  }

  /** Computes the derivatives of the loss, draws the tree's sample and counts all rows. */
  beginTree(tree: number): void {
    const { from, to, seed } = this.data;
    const random = new Random(seed * 1_000_003 + tree * 4_099 + from);
    const n = to - from;
    for (let i = 0; i < n; i++) this.rows[i] = i;
    if (this.lambdas) this.rank(random, this.lambdas);
    else this.classify(random);
    this.leafFrom[0] = 0;
    this.leafTo[0] = n;
    this.count(0, n);
  }

  /** Logistic loss; the sample is one of rows. */
  private classify(random: Random): void {
    const { from, to, y, weights, rowShare } = this.data;
    const { scores, gradients, hessians } = this;
    const n = to - from;
    const below = rowShare * 4294967296;
    for (let i = 0; i < n; i++) {
      // Rows outside the sample stay in the leaves, so that they gain the leaves' values, and count for nothing.
      if (rowShare < 1 && random.uint32() >= below) {
        gradients[i] = 0;
        hessians[i] = 0;
        continue;
      }
      const p = 1 / (1 + Math.exp(-scores[i]));
      const w = weights[from + i];
      gradients[i] = w * (p - y[from + i]);
      hessians[i] = w * p * (1 - p);
    }
  }

  /** Ranking loss; the sample is one of groups. */
  private rank(random: Random, lambdas: LambdaGradients): void {
    const { from, to, y, weights, rowShare, ranking } = this.data;
    const { scores, gradients, hessians } = this;
    gradients.fill(0);
    hessians.fill(0);
    const { groupPtr, inverseIdeal } = ranking as RankingData;
    const below = rowShare * 4294967296;
    for (let g = 0; g < inverseIdeal.length; g++) {
      const [begin, end] = [groupPtr[g], groupPtr[g + 1]];
      if (begin < from || begin === end || end > to) continue;
      if (rowShare < 1 && random.uint32() >= below) continue;
      lambdas.add(
        scores.subarray(begin - from, end - from),
        y.subarray(begin, end),
        weights.subarray(begin, end),
        inverseIdeal[g],
        gradients.subarray(begin - from, end - from),
        hessians.subarray(begin - from, end - from),
      );
    }
  }

  /** Moves the rows of a leaf that go right to a new leaf, and counts the rows of one of the two. */
  split(leaf: number, feature: number, bin: number, missingLeft: boolean, right: number, countRight: boolean): void {
    const { rows, side } = this;
    const { bins, nRows, from } = this.data;
    const column = bins.subarray(feature * nRows + from, feature * nRows + this.data.to);
    const begin = this.leafFrom[leaf];
    const end = this.leafTo[leaf];
    let middle = begin;
    let nRight = 0;
    const goesLeft = this.goesLeft;
    for (let b = 0; b < N_BINS; b++) goesLeft[b] = (b === MISSING_BIN ? missingLeft : b <= bin) ? 1 : 0;
    for (let i = begin; i < end; i++) {
      // Written to both sides, kept on one: no branch that cannot be foreseen.
      const row = rows[i];
      const left = goesLeft[column[row]];
      rows[middle] = row;
      side[nRight] = row;
      middle += left;
      nRight += 1 - left;
    }
    rows.set(side.subarray(0, nRight), middle);
    this.leafTo[leaf] = middle;
    this.leafFrom[right] = middle;
    this.leafTo[right] = end;
    if (countRight) this.count(middle, end);
    else this.count(begin, middle);
  }

  /** Adds the leaves' values to the scores of their rows. */
  endTree(values: Float64Array, nLeaves: number): void {
    for (let leaf = 0; leaf < nLeaves; leaf++) {
      const value = values[leaf];
      for (let i = this.leafFrom[leaf]; i < this.leafTo[leaf]; i++) this.scores[this.rows[i]] += value;
    }
  }

  private count(begin: number, end: number): void {
    const { rows, gradients, hessians } = this;
    const { entryPtr, entries, fresh, from } = this.data;
    fresh.fill(0);
    let g0 = 0;
    let h0 = 0;
    for (let i = begin; i < end; i++) {
      const row = rows[i];
      const h = hessians[row];
      if (h === 0) continue;
      const g = gradients[row];
      g0 += g;
      h0 += h;
      const last = entryPtr[from + row + 1];
      for (let k = entryPtr[from + row]; k < last; k++) {
        const cell = entries[k] * 2;
        fresh[cell] += g;
        fresh[cell + 1] += h;
      }
    }
    const total = this.data.nFeatures * N_BINS * 2;
    fresh[total] = g0;
    fresh[total + 1] = h0;
  }
}
