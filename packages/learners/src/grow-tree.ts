import { type BinnedMatrix, MISSING_BIN, N_BINS } from './binned-matrix.js';
import type { TreeCollector } from './tree-ensemble.js';

export interface GrowParams {
  readonly maxLeaves: number;
  /** Least number of rows in a leaf. */
  readonly minRows: number;
  /** Least summed hessian in a leaf. */
  readonly minHessian: number;
  /** L2 penalty on leaf values. */
  readonly lambda: number;
  /** Multiplies leaf values. */
  readonly learningRate: number;
}

interface Split {
  readonly gain: number;
  readonly feature: number;
  /** Rows whose bin is at most this go left. */
  readonly bin: number;
  readonly missingLeft: boolean;
}

interface Sums {
  readonly gradient: number;
  readonly hessian: number;
}

interface Leaf extends Sums {
  readonly node: number;
  /** The leaf's rows are `rows[from..to)`. */
  readonly from: number;
  readonly to: number;
  readonly histogram: Float64Array;
  split: Split | undefined;
}

/**
 * Grows regression trees leaf by leaf on gradients and hessians (second-order boosting), with histograms: the smaller
 * child's is counted, the larger one's is the parent's less it.
 *
 * @see Chen & Guestrin 2016 (XGBoost), equations 5 to 7; Ke et al. 2017 (LightGBM), leaf-wise growth
 */
export class TreeGrower {
  private readonly data: BinnedMatrix;
  private readonly params: GrowParams;
  private readonly rows: Uint32Array;
  private readonly side: Uint32Array;
  private readonly free: Float64Array[] = [];
  private readonly collector: TreeCollector;

  constructor(data: BinnedMatrix, params: GrowParams, collector: TreeCollector) {
    this.data = data;
    this.params = params;
    this.collector = collector;
    this.rows = new Uint32Array(data.nRows);
    this.side = new Uint32Array(data.nRows);
  }

  /**
   * Grows one tree and adds its values to the scores of all rows it was grown on.
   *
   * @param sample the rows to learn from, shape (n)
   * @param features the features that may be asked, ascending
   * @param gradients shape (nRows), first derivatives of the loss; `hessians` the second
   * @param scores shape (nRows); each row of the sample gains the value of its leaf
   */
  grow(
    sample: Uint32Array,
    features: Uint32Array,
    gradients: Float32Array,
    hessians: Float32Array,
    scores: Float64Array,
  ): void {
    const { rows, params, collector } = this;
    rows.set(sample);
    const n = sample.length;
    let g = 0;
    let h = 0;
    for (let i = 0; i < n; i++) {
      g += gradients[rows[i]];
      h += hessians[rows[i]];
    }
    const histogram = this.count(0, n, gradients, hessians, { gradient: g, hessian: h });
    const root: Leaf = {
      node: collector.addLeaf(0, n),
      from: 0,
      to: n,
      gradient: g,
      hessian: h,
      histogram,
      split: undefined,
    };
    root.split = this.bestSplit(root, features);
    const leaves: Leaf[] = [root];
    const inner: { node: number; value: number }[] = [];
    while (leaves.length < params.maxLeaves) {
      let best = -1;
      for (let i = 0; i < leaves.length; i++) {
        const gain = leaves[i].split?.gain ?? 0;
        if (gain > 0 && (best < 0 || gain > (leaves[best].split?.gain ?? 0))) best = i;
      }
      if (best < 0) break;
      const [left, right] = this.divide(leaves[best], features, gradients, hessians);
      inner.push({ node: leaves[best].node, value: this.leafValue(leaves[best]) });
      leaves[best] = left;
      leaves.push(right);
    }
    for (const leaf of leaves) {
      const value = this.leafValue(leaf);
      collector.setValue(leaf.node, value);
      for (let i = leaf.from; i < leaf.to; i++) scores[rows[i]] += value;
      this.free.push(leaf.histogram);
    }
    for (const { node, value } of inner) collector.setValue(node, value);
    collector.endTree();
  }

  private leafValue(leaf: Leaf): number {
    return (-leaf.gradient / (leaf.hessian + this.params.lambda)) * this.params.learningRate;
  }

  /** Sums gradients and hessians by feature and bin; the commonest bins get what the others leave of the total. */
  private count(from: number, to: number, gradients: Float32Array, hessians: Float32Array, total: Sums): Float64Array {
    const { rows } = this;
    const { entryPtr, entries, commonBin, nFeatures } = this.data;
    const histogram = this.free.pop() ?? new Float64Array(nFeatures * N_BINS * 2);
    histogram.fill(0);
    for (let i = from; i < to; i++) {
      const row = rows[i];
      const g = gradients[row];
      const h = hessians[row];
      const end = entryPtr[row + 1];
      for (let k = entryPtr[row]; k < end; k++) {
        const cell = entries[k] * 2;
        histogram[cell] += g;
        histogram[cell + 1] += h;
      }
    }
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
    const { lambda, minRows } = this.params;
    const { histogram, gradient: G, hessian: H } = leaf;
    const N = leaf.to - leaf.from;
    if (N < 2 * minRows || H <= 0) return undefined;
    // Rows are not counted by bin: a bin's share of the leaf's hessian stands for its share of the rows.
    const least = Math.max(this.params.minHessian, (minRows / N) * H);
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
            best = { gain, feature: f, bin: b, missingLeft: missingLeft === 1 };
          }
        }
      }
      if (anyMissing && missingH >= least && H - missingH >= least) {
        const g = G - missingG;
        const gain = (g * g) / (H - missingH + lambda) + (missingG * missingG) / (missingH + lambda) - parent;
        if (gain > bestGain) {
          bestGain = gain;
          best = { gain, feature: f, bin: N_BINS, missingLeft: false };
        }
      }
    }
    return best;
  }

  private divide(leaf: Leaf, features: Uint32Array, gradients: Float32Array, hessians: Float32Array): [Leaf, Leaf] {
    const { rows, side, collector } = this;
    const { bins, nFeatures, bounds } = this.data;
    const split = leaf.split as Split;
    let end = leaf.from;
    let nRight = 0;
    let g = 0;
    let h = 0;
    for (let i = leaf.from; i < leaf.to; i++) {
      const row = rows[i];
      const bin = bins[row * nFeatures + split.feature];
      if (bin === MISSING_BIN ? split.missingLeft : bin <= split.bin) {
        rows[end++] = row;
        g += gradients[row];
        h += hessians[row];
      } else side[nRight++] = row;
    }
    rows.set(side.subarray(0, nRight), end);
    const threshold = split.bin === N_BINS ? Number.POSITIVE_INFINITY : bounds[split.feature][split.bin - 1];
    const left = collector.addLeaf(0, end - leaf.from);
    const right = collector.addLeaf(0, leaf.to - end);
    collector.split(leaf.node, split.feature, split.bin, threshold, split.missingLeft, left);
    const leftIsSmaller = end - leaf.from <= leaf.to - end;
    const leftSums = { gradient: g, hessian: h };
    const rightSums = { gradient: leaf.gradient - g, hessian: leaf.hessian - h };
    const small = leftIsSmaller
      ? this.count(leaf.from, end, gradients, hessians, leftSums)
      : this.count(end, leaf.to, gradients, hessians, rightSums);
    const large = leaf.histogram;
    for (let i = 0; i < large.length; i++) large[i] -= small[i];
    const leftLeaf: Leaf = {
      node: left,
      from: leaf.from,
      to: end,
      ...leftSums,
      histogram: leftIsSmaller ? small : large,
      split: undefined,
    };
    const rightLeaf: Leaf = {
      node: right,
      from: end,
      to: leaf.to,
      ...rightSums,
      histogram: leftIsSmaller ? large : small,
      split: undefined,
    };
    leftLeaf.split = this.bestSplit(leftLeaf, features);
    rightLeaf.split = this.bestSplit(rightLeaf, features);
    return [leftLeaf, rightLeaf];
  }
}
