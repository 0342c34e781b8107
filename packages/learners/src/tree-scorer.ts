import { LEAF, type TreeEnsemble } from './tree-ensemble.js';

/** A tree's leaves are bits of one number. */
const MOST_LEAVES = 31;

/**
 * Scores rows by an ensemble of small trees without walking them: for each feature the nodes that ask it lie in the
 * order of their thresholds, and every node that a row answers with no strikes out the leaves below its left child.
 * The leftmost leaf that is left is the row's. No branch depends on a tree, so the processor foresees nearly all.
 *
 * @see Lucchese et al. 2015, QuickScorer
 */
export class TreeScorer {
  private readonly nTrees: number;
  private readonly nFeatures: number;
  /** Shape (nFeatures + 1): feature f is asked by the nodes `nodePtr[f]..nodePtr[f + 1])`, thresholds ascending. */
  private readonly nodePtr: Uint32Array;
  private readonly threshold: Float32Array;
  private readonly tree: Uint16Array;
  private readonly mask: Int32Array;
  /** The same for the nodes that send a missing value to the right. */
  private readonly missingPtr: Uint32Array;
  private readonly missingTree: Uint16Array;
  private readonly missingMask: Int32Array;
  /** Shape (nTrees, MOST_LEAVES). */
  private readonly values: Float32Array;
  /** Per tree the bits of its leaves; positive numbers throughout, which are the fast ones. */
  private readonly leaves: Int32Array;
  private readonly alive: Int32Array;

  /**
   * Prepares trees [from, to) of an ensemble.
   *
   * @throws {RangeError} if a tree has more than 31 leaves; see `fits`
   */
  constructor(trees: TreeEnsemble, from = 0, to = trees.nTrees) {
    this.nTrees = to - from;
    this.nFeatures = trees.nFeatures;
    this.values = new Float32Array(this.nTrees * MOST_LEAVES);
    this.alive = new Int32Array(this.nTrees);
    this.leaves = new Int32Array(this.nTrees);
    const nodes: { feature: number; threshold: number; tree: number; mask: number; missingLeft: boolean }[] = [];
    for (let t = from; t < to; t++) {
      let nLeaves = 0;
      /** Numbers the leaves from the left; returns one past the last below a node. */
      const visit = (node: number): number => {
        if (trees.feature[node] === LEAF) {
          if (nLeaves === MOST_LEAVES) throw new RangeError(`tree ${t} has more than ${MOST_LEAVES} leaves`);
          this.values[(t - from) * MOST_LEAVES + nLeaves] = trees.value[node];
          return ++nLeaves;
        }
        const first = nLeaves;
        const end = visit(trees.left[node]);
        const below = ((1 << (end - first)) - 1) << first;
        nodes.push({
          feature: trees.feature[node],
          threshold: trees.threshold[node],
          tree: t - from,
          mask: ~below & 0x7fffffff,
          missingLeft: trees.missingLeft[node] === 1,
        });
        return visit(trees.left[node] + 1);
      };
      visit(trees.roots[t]);
      this.leaves[t - from] = 2 ** nLeaves - 1;
    }
    nodes.sort((a, b) => a.feature - b.feature || a.threshold - b.threshold || a.tree - b.tree);
    this.threshold = Float32Array.from(nodes, (node) => node.threshold);
    this.tree = Uint16Array.from(nodes, (node) => node.tree);
    this.mask = Int32Array.from(nodes, (node) => node.mask);
    const missing = nodes.filter((node) => !node.missingLeft);
    this.missingTree = Uint16Array.from(missing, (node) => node.tree);
    this.missingMask = Int32Array.from(missing, (node) => node.mask);
    const pointers = (list: typeof nodes): Uint32Array => {
      const ptr = new Uint32Array(this.nFeatures + 1);
      for (const node of list) ptr[node.feature + 1]++;
      for (let f = 0; f < this.nFeatures; f++) ptr[f + 1] += ptr[f];
      return ptr;
    };
    this.nodePtr = pointers(nodes);
    this.missingPtr = pointers(missing);
  }

  /** Whether every tree is small enough, and there are not too many. */
  static fits(trees: TreeEnsemble): boolean {
    for (let t = 0; t < trees.nTrees; t++) if (trees.roots[t + 1] - trees.roots[t] > 2 * MOST_LEAVES - 1) return false;
    return trees.nTrees <= 65_535;
  }

  /**
   * Adds the trees' values for many rows, in the trees' order: the same sums as `TreeEnsemble.addValues`.
   *
   * @param X shape (n, nFeatures), row-major
   * @param rows which rows of X, shape (n)
   * @param out shape (n), parallel to `rows`; added to
   */
  addValues(X: Float32Array, rows: Uint32Array, n: number, out: Float64Array): void {
    const {
      nTrees,
      nFeatures,
      nodePtr,
      threshold,
      tree,
      mask,
      missingPtr,
      missingTree,
      missingMask,
      values,
      leaves,
      alive,
    } = this;
    for (let i = 0; i < n; i++) {
      alive.set(leaves);
      const offset = rows[i] * nFeatures;
      for (let f = 0; f < nFeatures; f++) {
        const x = X[offset + f];
        if (Number.isNaN(x)) {
          for (let k = missingPtr[f], end = missingPtr[f + 1]; k < end; k++) alive[missingTree[k]] &= missingMask[k];
        } else {
          for (let k = nodePtr[f], end = nodePtr[f + 1]; k < end && x > threshold[k]; k++) alive[tree[k]] &= mask[k];
        }
      }
      let sum = out[i];
      for (let t = 0; t < nTrees; t++) {
        const bits = alive[t];
        sum += values[t * MOST_LEAVES + 31 - Math.clz32(bits & (~bits + 1))];
      }
      out[i] = sum;
    }
  }
}
