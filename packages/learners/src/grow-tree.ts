import { type BinnedMatrix, N_BINS } from './binned-matrix.js';
import { COMMAND, type ShardHandle } from './shard-commands.js';
import type { TreeCollector } from './tree-ensemble.js';

export interface GrowParams {
  readonly maxLeaves: number;
  /** Least number of rows in a leaf. */
  readonly minRows: number;
  /** Share of the rows that a tree learns from. */
  readonly rowShare: number;
  /** Least summed hessian in a leaf. */
  readonly minHessian: number;
  /** L2 penalty on leaf values. */
  readonly lambda: number;
  /** Multiplies leaf values. */
  readonly learningRate: number;
}

interface Sums {
  readonly gradient: number;
  readonly hessian: number;
}

interface Split extends Sums {
  readonly gain: number;
  readonly feature: number;
  /** Rows whose bin is at most this go left; `gradient` and `hessian` are their sums. */
  readonly bin: number;
  readonly missingLeft: boolean;
}

interface Leaf extends Sums {
  readonly node: number;
  readonly histogram: Float64Array;
  split: Split | undefined;
}

/**
 * Grows regression trees leaf by leaf on gradients and hessians (second-order boosting), with histograms: the smaller
 * child's is counted by the shards, the larger one's is the parent's less it.
 *
 * @see Chen & Guestrin 2016 (XGBoost), equations 5 to 7; Ke et al. 2017 (LightGBM), leaf-wise growth
 */
export class TreeGrower {
  private readonly data: BinnedMatrix;
  private readonly params: GrowParams;
  private readonly shards: readonly ShardHandle[];
  /** Leaf values on their way to the shards. */
  private readonly values: Float64Array;
  private readonly collector: TreeCollector;
  private readonly free: Float64Array[] = [];
  /** The hessian that stands for `minRows` rows of the growing tree. */
  private least = 0;

  constructor(
    data: BinnedMatrix,
    params: GrowParams,
    shards: readonly ShardHandle[],
    values: Float64Array,
    collector: TreeCollector,
  ) {
    this.data = data;
    this.params = params;
    this.shards = shards;
    this.values = values;
    this.collector = collector;
  }

  /**
   * Grows one tree.
   *
   * @param features the features that may be asked, ascending
   */
  grow(tree: number, features: Uint32Array): void {
    const { params, collector } = this;
    this.command(COMMAND.beginTree, tree);
    const total = this.freshSums();
    const { rowHessian, nRows } = this.data;
    const averageHessian = rowHessian > 0 ? rowHessian : total.hessian / (nRows * params.rowShare);
    this.least = Math.max(params.minHessian, params.minRows * averageHessian);
    const root: Leaf = {
      node: collector.addLeaf(0, total.hessian),
      ...total,
      histogram: this.merge(total),
      split: undefined,
    };
    root.split = this.bestSplit(root, features);
    const leaves: Leaf[] = [root];
    while (leaves.length < params.maxLeaves) {
      let best = -1;
      for (let i = 0; i < leaves.length; i++) {
        const gain = leaves[i].split?.gain ?? 0;
        if (gain > 0 && (best < 0 || gain > (leaves[best].split?.gain ?? 0))) best = i;
      }
      if (best < 0) break;
      const [left, right] = this.divide(leaves[best], best, leaves.length);
      collector.setValue(leaves[best].node, this.leafValue(leaves[best]));
      leaves[best] = left;
      leaves.push(right);
      left.split = this.bestSplit(left, features);
      right.split = this.bestSplit(right, features);
    }
    leaves.forEach((leaf, i) => {
      this.values[i] = this.leafValue(leaf);
      collector.setValue(leaf.node, this.values[i]);
      this.free.push(leaf.histogram);
    });
    this.command(COMMAND.endTree, leaves.length);
    collector.endTree();
  }

  private command(kind: number, ...args: number[]): void {
    // The last shard is in this thread: it works while the others do.
    for (const shard of this.shards) shard.begin(kind, ...args);
    for (const shard of this.shards) shard.finish();
  }

  private leafValue(leaf: Leaf): number {
    return (-leaf.gradient / (leaf.hessian + this.params.lambda)) * this.params.learningRate;
  }

  private freshSums(): Sums {
    const at = this.data.nFeatures * N_BINS * 2;
    let gradient = 0;
    let hessian = 0;
    for (const { fresh } of this.shards) {
      gradient += fresh[at];
      hessian += fresh[at + 1];
    }
    return { gradient, hessian };
  }

  /** Adds up what the shards counted; the commonest bins get what the others leave of the total. */
  private merge(total: Sums): Float64Array {
    const { nFeatures, commonBin } = this.data;
    const nCells = nFeatures * N_BINS * 2;
    const histogram = this.free.pop() ?? new Float64Array(nCells);
    histogram.fill(0);
    for (const { fresh } of this.shards) for (let i = 0; i < nCells; i++) histogram[i] += fresh[i];
    for (let f = 0; f < nFeatures; f++) {
      const base = f * N_BINS * 2;
      let g = total.gradient;
      let h = total.hessian;
      for (let cell = base; cell < base + N_BINS * 2; cell += 2) {
        g -= histogram[cell];
        h -= histogram[cell + 1];
      }
      histogram[base + commonBin[f] * 2] = g;
      histogram[base + commonBin[f] * 2 + 1] = h;
    }
    return histogram;
  }

  private bestSplit(leaf: Leaf, features: Uint32Array): Split | undefined {
    const { lambda } = this.params;
    const { least } = this;
    const { histogram, gradient: G, hessian: H } = leaf;
    // Rows are not counted by bin: the hessian stands for them, and a row's is at most a quarter of its weight.
    if (H < 2 * least) return undefined;
    const parent = (G * G) / (H + lambda);
    let bestGain = 1e-9;
    let best: Split | undefined;
    for (let k = 0; k < features.length; k++) {
      const f = features[k];
      const nBounds = this.data.bounds[f].length;
      const base = f * N_BINS * 2;
      const missingG = histogram[base];
      const missingH = histogram[base + 1];
      const anyMissing = missingH > 1e-9;
      for (let missingLeft = 0; missingLeft < (anyMissing ? 2 : 1); missingLeft++) {
        let g = missingLeft ? missingG : 0;
        let h = missingLeft ? missingH : 0;
        for (let b = 1; b <= nBounds; b++) {
          const cell = base + b * 2;
          g += histogram[cell];
          h += histogram[cell + 1];
          if (h < least) continue;
          if (H - h < least) break;
          const gain = (g * g) / (h + lambda) + ((G - g) * (G - g)) / (H - h + lambda) - parent;
          if (gain > bestGain) {
            bestGain = gain;
            best = { gain, feature: f, bin: b, missingLeft: missingLeft === 1, gradient: g, hessian: h };
          }
        }
      }
      if (anyMissing && missingH >= least && H - missingH >= least) {
        const g = G - missingG;
        const h = H - missingH;
        const gain = (g * g) / (h + lambda) + (missingG * missingG) / (missingH + lambda) - parent;
        if (gain > bestGain) {
          bestGain = gain;
          best = { gain, feature: f, bin: N_BINS, missingLeft: false, gradient: g, hessian: h };
        }
      }
    }
    return best;
  }

  private divide(leaf: Leaf, leftNumber: number, rightNumber: number): [Leaf, Leaf] {
    const { collector } = this;
    const split = leaf.split as Split;
    const rightSums = { gradient: leaf.gradient - split.gradient, hessian: leaf.hessian - split.hessian };
    const countRight = rightSums.hessian < split.hessian;
    const missing = split.missingLeft ? 1 : 0;
    this.command(COMMAND.split, leftNumber, split.feature, split.bin, missing, rightNumber, countRight ? 1 : 0);
    const small = this.merge(countRight ? rightSums : split);
    const large = leaf.histogram;
    for (let i = 0; i < large.length; i++) large[i] -= small[i];
    const threshold = split.bin === N_BINS ? Number.POSITIVE_INFINITY : this.data.bounds[split.feature][split.bin - 1];
    const left = collector.addLeaf(0, split.hessian);
    const right = collector.addLeaf(0, rightSums.hessian);
    collector.split(leaf.node, split.feature, threshold, split.missingLeft, left);
    return [
      {
        node: left,
        gradient: split.gradient,
        hessian: split.hessian,
        histogram: countRight ? large : small,
        split: undefined,
      },
      { node: right, ...rightSums, histogram: countRight ? small : large, split: undefined },
    ];
  }
}
