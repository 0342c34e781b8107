import type { CsrMatrix, CsrPattern } from '@catchword/math';
import { packArrays, ThreadPool, transposePattern, Uint32List } from '@catchword/math';
import { type Chunk, MOST_CHILDREN } from './chunk.js';
import { growHierarchy, type HierarchyNode, type HierarchyParams } from './hierarchy.js';
import { LabelTreeModel, type TrainedTree } from './label-tree-model.js';
import { labelVectors } from './label-vectors.js';
import type { ChunkTask, ClassifierParams } from './train-chunk.js';
import { type TreeTask, TreeTasks, type TreeTasksInit } from './tree-tasks.js';

export interface LabelTreeParams extends HierarchyParams, Omit<ClassifierParams, 'cost'> {
  readonly nTrees: number;
  /** See `ClassifierParams.cost`; undefined: `costFor` the documents. */
  readonly cost: number | undefined;
  /** Leaves learn from the documents as well that the nodes above lead there with a beam of so many; 0 for none. */
  readonly outsideBeam: number;
  /** Entries of a label's vector that the clustering sees. */
  readonly labelVectorSize: number;
  readonly seed: number;
}

/** What the measurements in `benchmarks/` recommend: two trees in the shape of Bonsai. */
export const LABEL_TREE_DEFAULTS: Omit<LabelTreeParams, 'seed'> = {
  nTrees: 2, // a second tree is worth 0.003 to 0.007 nDCG@10, a third half of that
  outsideBeam: 5, // worth 0.003 to 0.015 nDCG@10 on four of five sets, for a fifth to a half more time
  clusterK: 100,
  clusterBalanced: false,
  maxDepth: 3,
  collapseEveryNLayers: 0,
  minBranchSize: 100, // as in Omikuji
  maxLeafSize: 1000, // all of a leaf's classifiers are asked
  labelVectorSize: 500,
  cost: undefined,
  outsideCost: 0.3, // where titles have a few of many possible labels, documents from outside are often wrong negatives
  eps: 0.2, // Omikuji's 0.1 takes a fifth longer and is not better
  maxEpochs: 20,
  weightThreshold: 0.034,
  weightBudget: 0,
};

/** Entries of a document on average below which documents are as short as titles. */
const SHORT = 18;

/**
 * @param X shape (nDocs, nFeatures)
 * @returns the cost of a loss that suits the documents: titles say little, and have a few of many possible labels, so that a
 *   classifier should not bend to each of them
 */
export function costFor(X: CsrPattern): number {
  return X.indices.length < SHORT * X.nRows ? 0.5 : 1;
}

export interface LabelTreeOptions {
  /** Shape (nDocs), above 0: what a document's errors count; absent: 1 for all. */
  readonly weights?: Float32Array | undefined;
  /** Threads; the model does not depend on their number. */
  readonly nThreads: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the classifiers trained so far, and all of them once the trees have their shape. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Work below which a thread does not pay: entries × children. */
const LEAST_WORK_FOR_THREADS = 20_000_000;
/** A chunk is cut so that no task takes much longer than the others: entries × children. */
const MOST_WORK = 400_000_000;
/** Leaves with some labels each are handed over together: entries × children. */
const LEAST_WORK_OF_BATCH = 1_000_000;
/** Chunks have a multiple of so many children, as blocks of the solver do. */
const LANES = 16;
/** Documents that one task leads through the trees at most, and their entries. */
const ROUTED_TOGETHER = 5000;
const ENTRIES_ROUTED_TOGETHER = 50_000;

/**
 * Trains label trees: clusters labels by the documents that have them, then learns at each node which children a document
 * belongs to. Leaves learn as well from documents that the nodes above lead there although they have none of its labels
 * (matcher-aware negatives, Zhang et al. 2021, PECOS).
 *
 * @param X features, shape (nDocs, nFeatures), rows of unit length or empty
 * @param Y gold labels, shape (nDocs, nLabels)
 * @returns the model; the same bytes whatever the number of threads. Labels without a document are in no tree
 * @throws {RangeError} if X and Y differ in nDocs, or no document has a label
 * @throws the signal's reason when it is aborted
 * @see Prabhu et al. 2018 (Parabel); Khandagale et al. 2020 (Bonsai); Omikuji 0.5.2
 */
export async function trainLabelTree(
  X: CsrMatrix,
  Y: CsrPattern,
  params: LabelTreeParams,
  options: LabelTreeOptions,
): Promise<LabelTreeModel> {
  if (X.nRows !== Y.nRows) throw new RangeError(`${X.nRows} rows of features but ${Y.nRows} of labels`);
  const postings = sharedPattern(transposePattern(Y));
  const weight = (label: number): number => postings.indptr[label + 1] - postings.indptr[label];
  const labels = Uint32Array.from({ length: Y.nCols }, (_, i) => i).filter((label) => weight(label) > 0);
  if (labels.length === 0) throw new RangeError('no document has a label');
  const sharedX: CsrMatrix = { ...sharedPattern(X), values: shared(X.values) };
  const Z = labelVectors(sharedX, postings, params.labelVectorSize);
  const classifier: ClassifierParams = { ...params, cost: params.cost ?? costFor(X) };
  if (options.weights && options.weights.length !== X.nRows) {
    throw new RangeError(`${X.nRows} rows of features but ${options.weights.length} weights`);
  }
  const weights = options.weights && shared(options.weights);
  const init: TreeTasksInit = { X: sharedX, postings, weights, Z, cluster: params, classifier };
  const work = X.indices.length * Math.min(labels.length, params.minBranchSize);
  const run = new TaskRun(init, work < LEAST_WORK_FOR_THREADS ? 1 : options.nThreads, options.signal);
  try {
    const shapes = await Promise.all(
      Array.from({ length: params.nTrees }, (_, t) =>
        growHierarchy(labels, weight, params, (part, seed) => run.split(part, seed), params.seed * 7919 + t),
      ),
    );
    const trees = await trainClassifiers(sharedX, postings, shapes, params, run, options);
    return LabelTreeModel.build(X.nCols, Y.nCols, trees);
  } finally {
    await run.close();
  }
}

/** A task and where its chunk belongs. */
interface PlannedChunk {
  readonly task: ChunkTask;
  readonly tree: number;
  readonly node: number;
  readonly place: number;
  /** Entries × children. */
  readonly work: number;
}

/** Trains the inner nodes of all trees; then the leaves, which learn from documents that the inner ones lead there as well. */
async function trainClassifiers(
  X: CsrMatrix,
  postings: CsrPattern,
  shapes: readonly HierarchyNode[][],
  params: LabelTreeParams,
  run: TaskRun,
  options: LabelTreeOptions,
): Promise<TrainedTree[]> {
  const trees: TrainedTree[] = shapes.map((nodes) => ({ nodes, chunks: nodes.map(() => []) }));
  const total = shapes.flat().reduce((sum, { childPtr }) => sum + childPtr.length - 1, 0);
  let done = 0;
  options.onProgress?.(0, total);
  const train = async (planned: PlannedChunk[]): Promise<void> => {
    planned.sort((a, b) => b.work - a.work); // the longest first, so that threads end together
    await Promise.all(
      batchesOf(planned).map(async (batch) => {
        const chunks = await run.train(batch.map(({ task }) => task));
        batch.forEach(({ task, tree, node, place }, i) => {
          trees[tree].chunks[node][place] = chunks[i];
          done += task.to - task.from;
        });
        options.onProgress?.(done, total);
      }),
    );
  };
  const planner = new ChunkPlanner(X, postings, params.seed);
  const plan = (areLeaves: boolean, outside: (tree: number, node: number) => Uint32Array) =>
    shapes.flatMap((nodes, tree) =>
      nodes.flatMap((node, i) => {
        return (node.children === undefined) === areLeaves ? planner.plan(node, tree, i, outside(tree, i)) : [];
      }),
    );
  if (params.outsideBeam === 0 || shapes.every((nodes) => nodes.length === 1))
    await train([...plan(false, () => NONE), ...plan(true, () => NONE)]);
  else {
    await train(plan(false, () => NONE));
    const routed = await run.route(X, LabelTreeModel.build(X.nCols, postings.nRows, trees), params.outsideBeam);
    let first = 0;
    const firstNode = shapes.map(({ length }) => {
      first += length;
      return first - length;
    });
    await train(plan(true, (tree, node) => (node === 0 ? NONE : routed(firstNode[tree] + node))));
  }
  return trees;
}

const NONE = new Uint32Array(0);

/** Joins neighbours until there is so much work that handing it to a thread does not count. */
function batchesOf(planned: readonly PlannedChunk[]): PlannedChunk[][] {
  const batches: PlannedChunk[][] = [];
  let work = LEAST_WORK_OF_BATCH;
  for (const chunk of planned) {
    if (work >= LEAST_WORK_OF_BATCH) {
      batches.push([]);
      work = 0;
    }
    (batches.at(-1) as PlannedChunk[]).push(chunk);
    work += chunk.work;
  }
  return batches;
}

/** Cuts the children of nodes into tasks. */
class ChunkPlanner {
  private readonly X: CsrMatrix;
  private readonly seed: number;
  /** Entries of a label's documents. */
  private readonly labelWork: Float64Array;

  constructor(X: CsrMatrix, postings: CsrPattern, seed: number) {
    this.X = X;
    this.seed = seed;
    this.labelWork = new Float64Array(postings.nRows);
    for (let label = 0; label < postings.nRows; label++) {
      for (let k = postings.indptr[label]; k < postings.indptr[label + 1]; k++) {
        this.labelWork[label] += this.entriesOf(postings.indices[k]);
      }
    }
  }

  plan({ labels, childPtr }: HierarchyNode, tree: number, node: number, outside: Uint32Array): PlannedChunk[] {
    const nChildren = childPtr.length - 1;
    let entries = 0;
    for (const label of labels) entries += this.labelWork[label];
    for (const doc of outside) entries += this.entriesOf(doc);
    entries = Math.min(this.X.indices.length, entries);
    const byWork = Math.max(LANES, Math.floor(MOST_WORK / Math.max(1, entries) / LANES) * LANES);
    const nChunks = Math.ceil(nChildren / Math.min(byWork, Math.floor(MOST_CHILDREN / LANES) * LANES));
    const size = Math.ceil(nChildren / nChunks);
    const planned: PlannedChunk[] = [];
    for (let from = 0, place = 0; from < nChildren; from += size, place++) {
      const to = Math.min(nChildren, from + size);
      const seed = this.seed * 31 + tree * 1_000_003 + node * 8191 + place + 1;
      planned.push({
        task: { labels, childPtr, outside, from, to, seed },
        tree,
        node,
        place,
        work: entries * (to - from),
      });
    }
    return planned;
  }

  private entriesOf(doc: number): number {
    return this.X.indptr[doc + 1] - this.X.indptr[doc];
  }
}

/** Runs tasks in threads, or one after the other here. */
class TaskRun {
  private readonly pool: ThreadPool | undefined;
  private readonly here: TreeTasks | undefined;
  private readonly signal: AbortSignal | undefined;
  private before: Promise<unknown> = Promise.resolve();
  private readonly onAbort = () => void this.close();

  constructor(init: TreeTasksInit, nThreads: number, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    this.signal = signal;
    if (nThreads > 1) {
      this.pool = new ThreadPool({
        module: new URL('../../dist/label-tree/tree-worker.js', import.meta.url),
        nThreads,
        init,
      });
      signal?.addEventListener('abort', this.onAbort);
    } else this.here = new TreeTasks(init);
  }

  split(labels: Uint32Array, seed: number): Promise<Uint32Array[] | undefined> {
    return this.run({ kind: 'split', labels, seed }, (tasks) => tasks.split(labels, seed));
  }

  train(chunks: readonly ChunkTask[]): Promise<Chunk[]> {
    return this.run({ kind: 'train', chunks }, (tasks) => tasks.train(chunks));
  }

  /** @returns the documents that inner nodes lead to a leaf, ascending; leaves are numbered as the model's nodes */
  async route(X: CsrMatrix, model: LabelTreeModel, beam: number): Promise<(leaf: number) => Uint32Array> {
    const trees = packArrays(model.toArrays());
    const shards: { from: number; to: number; leaves: Promise<Uint32Array> }[] = [];
    for (let from = 0, to = 0; from < X.nRows; from = to) {
      const most = Math.min(X.nRows, from + ROUTED_TOGETHER);
      // long documents take long, and the texts of labels that may follow them do not
      do to++;
      while (to < most && X.indptr[to] - X.indptr[from] < ENTRIES_ROUTED_TOGETHER);
      const task = { trees, beam, from, to };
      const leaves = this.run({ kind: 'route', ...task }, (tasks) => tasks.route(task));
      leaves.catch(() => undefined); // it is thrown where it is waited for
      shards.push({ from, to, leaves });
    }
    const lists = Array.from({ length: model.arrays.nodeIsLeaf.length }, () => new Uint32List(16));
    for (const { from, to, leaves } of shards) {
      const found = await leaves;
      for (let tree = 0, at = 0; tree < model.nTrees; tree++) {
        for (let doc = from; doc < to; doc++) {
          for (let b = 0; b < beam; b++, at++) if (found[at] !== 0xffffffff) lists[found[at]].push(doc);
        }
      }
    }
    return (leaf) => lists[leaf].data.slice(0, lists[leaf].length);
  }

  async close(): Promise<void> {
    this.signal?.removeEventListener('abort', this.onAbort);
    await this.pool?.close();
  }

  private async run<R>(task: TreeTask, here: (tasks: TreeTasks) => R): Promise<R> {
    if (this.pool) {
      try {
        return await this.pool.run<R>(task);
      } catch (error) {
        this.signal?.throwIfAborted();
        throw error;
      }
    }
    const turn = this.before.then(async () => {
      await new Promise(setImmediate); // lets a signal and progress through
      this.signal?.throwIfAborted();
      return here(this.here as TreeTasks);
    });
    this.before = turn.catch(() => undefined);
    return turn;
  }
}

function shared<T extends Uint32Array | Float32Array>(array: T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const copy = new (array.constructor as new (buffer: SharedArrayBuffer) => T)(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy;
}

function sharedPattern({ nRows, nCols, indptr, indices }: CsrPattern): CsrPattern {
  return { nRows, nCols, indptr: shared(indptr), indices: shared(indices) };
}
