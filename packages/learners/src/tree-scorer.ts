import { Kernels } from '@catchword/math';
import { LEAF, type TreeEnsemble } from './tree-ensemble.js';

/** A tree's leaves are bits of one number. */
const MOST_LEAVES = 32;
/** Rows are scored four at a time. */
const LANES = 4;
const LEAST_ROOM = 256;
/** Trees that all rows are scored by before the next ones: their tables stay in the first-level cache. */
const BLOCK_TREES = 80;

/**
 * Scores rows by an ensemble of small trees without walking them: for each feature the nodes that ask it lie in the
 * order of their thresholds, and every node that a row answers with no strikes out the leaves below its left child.
 * The leftmost leaf that is left is the row's. No branch depends on a tree, and four rows are answered at once, by the
 * kernel `scoreTrees`.
 *
 * @see Lucchese et al. 2015, QuickScorer
 */
export class TreeScorer {
  private readonly nFeatures: number;
  private readonly blocks: readonly TreeTables[];
  /** Part i is the blocks `[parts[i], parts[i + 1])`. */
  private readonly parts: readonly number[];
  private readonly kernels = new Kernels();
  /** Per block where its tables stand, in the order of `TreeTables.arrays`. */
  private readonly places: readonly (readonly number[])[];
  private capacity = 0;
  private X: Float32Array = new Float32Array(0);
  private rows: Uint32Array = new Uint32Array(0);
  private out: Float64Array = new Float64Array(0);

  /**
   * Prepares the trees; part i is the trees `[bounds[i], bounds[i + 1])`.
   *
   * @throws {RangeError} if a tree has more than 32 leaves; see `fits`
   */
  constructor(trees: TreeEnsemble, bounds: readonly number[] = [0, trees.nTrees]) {
    this.nFeatures = trees.nFeatures;
    const parts = bounds.slice(1).map((to, i) => blocksOf(trees, bounds[i], to));
    this.blocks = parts.flat();
    this.parts = [0, ...parts.map((_, i) => parts.slice(0, i + 1).flat().length)];
    this.places = this.makeRoom(LEAST_ROOM);
    const { buffer } = this.kernels;
    this.blocks.forEach(({ arrays }, i) => {
      const [nodes, missing] = this.places[i];
      const offsets = [0, 0, nodes, missing, 0, 0, 0]; // pointers count from the beginning of the memory
      arrays.forEach((array, k) => {
        const placed = new Uint32Array(buffer, this.places[i][k], array.length);
        for (let j = 0; j < array.length; j++) placed[j] = array[j] + offsets[k];
      });
    });
  }

  /** Whether every tree is small enough. */
  static fits(trees: TreeEnsemble): boolean {
    for (let t = 0; t < trees.nTrees; t++) if (trees.roots[t + 1] - trees.roots[t] > 2 * MOST_LEAVES - 1) return false;
    return true;
  }

  /** @param X shape (n, nFeatures), row-major: the rows that `addValues` scores until the next call */
  load(X: Float32Array, n: number): void {
    if (n > this.capacity) this.makeRoom(n * 2);
    this.X.set(X.subarray(0, n * this.nFeatures));
  }

  /**
   * Adds the values of the trees of one part, in their order: the same sums as `TreeEnsemble.addValues`.
   *
   * @param rows which of the rows loaded, shape (n)
   * @param out shape (n), parallel to `rows`; added to
   * @throws {RangeError} if there are more rows than were loaded
   */
  addValues(part: number, rows: Uint32Array, n: number, out: Float64Array): void {
    if (n === 0) return;
    if (n > this.capacity) throw new RangeError(`${n} rows, of which at most ${this.capacity} were loaded`);
    const { rows: ownRows, out: ownOut, nFeatures, kernels } = this;
    for (let i = 0; i < n; i++) {
      ownRows[i] = rows[i];
      ownOut[i] = out[i];
    }
    let n4 = n;
    while (n4 % LANES !== 0) ownRows[n4++] = rows[0];
    const { byteOffset: X } = this.X;
    for (let block = this.parts[part]; block < this.parts[part + 1]; block++) {
      const { nTrees } = this.blocks[block];
      const [, , nodePtr, missingPtr, leaves, alive, values] = this.places[block];
      kernels.run.scoreTrees(
        nodePtr,
        missingPtr,
        leaves,
        alive,
        values,
        nTrees,
        nFeatures,
        X,
        ownRows.byteOffset,
        n4,
        ownOut.byteOffset,
      );
    }
    for (let i = 0; i < n; i++) out[i] = ownOut[i];
  }

  /** Makes room for n rows behind the tables, which stay where they are. @returns where these stand */
  private makeRoom(n: number): number[][] {
    const { kernels, nFeatures } = this;
    this.capacity = Math.ceil(n / LANES) * LANES;
    const sizes = this.blocks.map(({ arrays }) => arrays.map((array) => array.byteLength));
    const room = [this.capacity * 8, this.capacity * 4, this.capacity * nFeatures * 4];
    const all = kernels.layOut([...sizes.flat(), ...room]);
    const [out, rows, X] = all.splice(-room.length);
    const { buffer } = kernels;
    this.out = new Float64Array(buffer, out, this.capacity);
    this.rows = new Uint32Array(buffer, rows, this.capacity);
    this.X = new Float32Array(buffer, X, this.capacity * nFeatures);
    return sizes.map((each) => all.splice(0, each.length));
  }
}

interface TreeTables {
  readonly nTrees: number;
  /**
   * What `scoreTrees` reads: nodes, nodes for missing values, pointers to the first and to the second from where these
   * begin, leaves, the same again as working room, and the bits of the leaves' values.
   */
  readonly arrays: readonly Uint32Array[];
}

interface TreeNode {
  readonly feature: number;
  readonly threshold: number;
  readonly tree: number;
  /** The leaves below its left child, as bits. */
  readonly leaves: number;
  readonly missingLeft: boolean;
}

/** Turns trees [from, to) into tables of blocks of nearly equal size. */
function blocksOf(trees: TreeEnsemble, from: number, to: number): TreeTables[] {
  const nBlocks = Math.ceil((to - from) / BLOCK_TREES);
  const border = (block: number) => from + Math.floor(((to - from) * block) / nBlocks);
  return Array.from({ length: nBlocks }, (_, block) => tablesOf(trees, border(block), border(block + 1)));
}

/** Turns trees [from, to) into tables. */
function tablesOf(trees: TreeEnsemble, from: number, to: number): TreeTables {
  const nTrees = to - from;
  const values = new Float32Array(nTrees * MOST_LEAVES);
  const leaves = new Uint32Array(nTrees * LANES);
  const nodes: TreeNode[] = [];
  for (let t = 0; t < nTrees; t++) {
    let nLeaves = 0;
    /** Numbers the leaves from the left. */
    const visit = (node: number): void => {
      if (trees.feature[node] === LEAF) {
        if (nLeaves === MOST_LEAVES) throw new RangeError(`tree ${from + t} has more than ${MOST_LEAVES} leaves`);
        values[t * MOST_LEAVES + nLeaves++] = trees.value[node];
        return;
      }
      const first = nLeaves;
      visit(trees.left[node]);
      nodes.push({
        feature: trees.feature[node],
        threshold: trees.threshold[node],
        tree: t,
        leaves: 2 ** nLeaves - 2 ** first,
        missingLeft: trees.missingLeft[node] === 1,
      });
      visit(trees.left[node] + 1);
    };
    visit(trees.roots[from + t]);
    leaves.fill(2 ** nLeaves - 1, t * LANES, (t + 1) * LANES);
  }
  nodes.sort((a, b) => a.feature - b.feature || a.threshold - b.threshold || a.tree - b.tree);
  const missing = nodes.filter((node) => !node.missingLeft);
  const thresholds = new Uint32Array(Float32Array.from(nodes, (node) => node.threshold).buffer);
  const pointers = (list: readonly TreeNode[], nodeBytes: number): Uint32Array => {
    const ptr = new Uint32Array(trees.nFeatures + 1);
    for (const node of list) ptr[node.feature + 1] += nodeBytes;
    for (let f = 0; f < trees.nFeatures; f++) ptr[f + 1] += ptr[f];
    return ptr;
  };
  return {
    nTrees,
    arrays: [
      Uint32Array.from(nodes.flatMap(({ tree, leaves }, k) => [thresholds[k], tree * 4 * LANES, leaves])),
      Uint32Array.from(missing.flatMap(({ tree, leaves }) => [tree * 4 * LANES, leaves])),
      pointers(nodes, 12),
      pointers(missing, 8),
      leaves,
      leaves,
      new Uint32Array(values.buffer),
    ],
  };
}
