import { LEAF, type TreeEnsemble } from './tree-ensemble.js';
import { TREE_SCORER_MODULE } from './tree-scorer-module.js';
import { type WasmMemory, type WasmModule, webAssembly } from './web-assembly.js';

/** A tree's leaves are bits of one number. */
const MOST_LEAVES = 32;
/** Rows are scored four at a time. */
const LANES = 4;
const PAGE = 1 << 16;

/** Calls the module's `addValues`, whose first parameters stand for the trees of one part. */
type AddValues = (X: number, rows: number, n: number, out: number) => void;

let compiled: WasmModule | undefined;

/**
 * Scores rows by an ensemble of small trees without walking them: for each feature the nodes that ask it lie in the
 * order of their thresholds, and every node that a row answers with no strikes out the leaves below its left child.
 * The leftmost leaf that is left is the row's. No branch depends on a tree, and four rows are answered at once
 * (`tree-scorer.wat`).
 *
 * @see Lucchese et al. 2015, QuickScorer
 */
export class TreeScorer {
  private readonly nFeatures: number;
  private readonly memory: WasmMemory;
  private readonly parts: readonly AddValues[];
  /** Where the room for rows begins, in bytes. */
  private readonly roomAt: number;
  private capacity = 0;
  private X = new Float32Array(0);
  private rows = new Uint32Array(0);
  private out = new Float64Array(0);

  /**
   * Prepares the trees; part i is the trees `[bounds[i], bounds[i + 1])`.
   *
   * @throws {RangeError} if a tree has more than 32 leaves, or nothing runs WebAssembly; see `fits`
   */
  constructor(trees: TreeEnsemble, bounds: readonly number[] = [0, trees.nTrees]) {
    if (!webAssembly) throw new RangeError('this platform runs no WebAssembly');
    compiled ??= new webAssembly.Module(Buffer.from(TREE_SCORER_MODULE, 'base64'));
    const { exports } = new webAssembly.Instance(compiled);
    const addValues = exports.addValues as (...parameters: number[]) => void;
    this.memory = exports.memory as WasmMemory;
    this.nFeatures = trees.nFeatures;
    const tables = new MemoryWriter(this.memory);
    this.parts = bounds.slice(1).map((to, i) => {
      const parameters = writePart(tables, trees, bounds[i], to);
      return (X, rows, n, out) => addValues(...parameters, X, rows, n, out);
    });
    this.roomAt = tables.end;
  }

  /** Whether every tree is small enough, and the platform runs WebAssembly. */
  static fits(trees: TreeEnsemble): boolean {
    for (let t = 0; t < trees.nTrees; t++) if (trees.roots[t + 1] - trees.roots[t] > 2 * MOST_LEAVES - 1) return false;
    return webAssembly !== undefined;
  }

  /** @param X shape (n, nFeatures), row-major: the rows that `addValues` scores until the next call */
  load(X: Float32Array, n: number): void {
    if (n > this.capacity) this.makeRoom(n);
    this.X.set(X.subarray(0, n * this.nFeatures));
  }

  /**
   * Adds the values of the trees of one part, in their order: the same sums as `TreeEnsemble.addValues`.
   *
   * @param rows which of the rows loaded, shape (n)
   * @param out shape (n), parallel to `rows`; added to
   */
  addValues(part: number, rows: Uint32Array, n: number, out: Float64Array): void {
    if (n === 0) return;
    if (n > this.capacity) throw new RangeError(`${n} rows are more than the ${this.capacity} that there is room for`);
    const { rows: ownRows, out: ownOut } = this;
    for (let i = 0; i < n; i++) {
      ownRows[i] = rows[i];
      ownOut[i] = out[i];
    }
    let n4 = n;
    while (n4 % LANES !== 0) ownRows[n4++] = rows[0];
    this.parts[part](this.X.byteOffset, ownRows.byteOffset, n4, ownOut.byteOffset);
    for (let i = 0; i < n; i++) out[i] = ownOut[i];
  }

  private makeRoom(n: number): void {
    this.capacity = Math.ceil(Math.max(n, this.capacity * 1.5) / LANES) * LANES;
    const { capacity, memory, nFeatures } = this;
    const outAt = this.roomAt;
    const rowsAt = outAt + capacity * 8;
    const XAt = rowsAt + capacity * 4;
    growTo(memory, XAt + capacity * nFeatures * 4);
    this.out = new Float64Array(memory.buffer, outAt, capacity);
    this.rows = new Uint32Array(memory.buffer, rowsAt, capacity);
    this.X = new Float32Array(memory.buffer, XAt, capacity * nFeatures);
  }
}

function growTo(memory: WasmMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
}

/** Writes one table after the other to the beginning of a memory. */
class MemoryWriter {
  private readonly memory: WasmMemory;
  /** In bytes; a multiple of 16. */
  end = 0;

  constructor(memory: WasmMemory) {
    this.memory = memory;
  }

  /** @returns where it begins */
  write(table: Uint32Array | Float32Array): number {
    const at = this.end;
    this.end = Math.ceil((at + table.byteLength) / 16) * 16;
    growTo(this.memory, this.end);
    new Uint8Array(this.memory.buffer).set(new Uint8Array(table.buffer, table.byteOffset, table.byteLength), at);
    return at;
  }
}

interface TreeNode {
  readonly feature: number;
  readonly threshold: number;
  readonly tree: number;
  /** The leaves below its left child. */
  readonly leaves: number;
  readonly missingLeft: boolean;
}

/** Writes the tables of trees [from, to). @returns the parameters of `addValues` that stand for them */
function writePart(tables: MemoryWriter, trees: TreeEnsemble, from: number, to: number): number[] {
  const { nFeatures } = trees;
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
  const records = new Uint32Array(nodes.length * 3);
  const thresholds = new Float32Array(records.buffer);
  nodes.forEach((node, k) => {
    thresholds[k * 3] = node.threshold;
    records[k * 3 + 1] = node.tree * 16;
    records[k * 3 + 2] = node.leaves;
  });
  const missing = nodes.filter((node) => !node.missingLeft);
  const missingRecords = Uint32Array.from(missing.flatMap((node) => [node.tree * 16, node.leaves]));
  const pointers = (list: readonly TreeNode[], at: number, size: number): Uint32Array => {
    const ptr = new Uint32Array(nFeatures + 1);
    for (const node of list) ptr[node.feature + 1] += size;
    ptr[0] = at;
    for (let f = 0; f < nFeatures; f++) ptr[f + 1] += ptr[f];
    return ptr;
  };
  const nodePtr = tables.write(pointers(nodes, tables.write(records), 12));
  const missingPtr = tables.write(pointers(missing, tables.write(missingRecords), 8));
  const leavesAt = tables.write(leaves);
  const aliveAt = tables.write(leaves);
  return [nodePtr, missingPtr, leavesAt, aliveAt, tables.write(values), nTrees, nFeatures];
}
