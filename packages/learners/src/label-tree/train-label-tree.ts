import type { CsrMatrix, CsrPattern } from '@catchword/math';
import { ThreadPool, transposePattern } from '@catchword/math';
import { type Chunk, MOST_CHILDREN } from './chunk.js';
import { growHierarchy, type HierarchyNode, type HierarchyParams } from './hierarchy.js';
import { LabelTreeModel, type TrainedTree } from './label-tree-model.js';
import { labelVectors } from './label-vectors.js';
import type { ChunkTask, ClassifierParams } from './train-chunk.js';
import { type TreeTask, TreeTasks, type TreeTasksInit } from './tree-tasks.js';

export interface LabelTreeParams extends HierarchyParams, ClassifierParams {
  readonly nTrees: number;
  /** Entries of a label's vector that the clustering sees. */
  readonly labelVectorSize: number;
  readonly seed: number;
}

/** What the measurements in `benchmarks/` recommend: two trees in the shape of Bonsai. */
export const LABEL_TREE_DEFAULTS: Omit<LabelTreeParams, 'seed'> = {
  nTrees: 2, // a second tree is worth 0.003 to 0.007 nDCG@10, a third half of that
  clusterK: 100,
  clusterBalanced: false,
  maxDepth: 3,
  collapseEveryNLayers: 0,
  minBranchSize: 100, // as in Omikuji
  maxLeafSize: 1000, // all of a leaf's classifiers are asked
  labelVectorSize: 500,
  cost: 1,
  eps: 0.2, // Omikuji's 0.1 takes a fifth longer and is not better
  maxEpochs: 20,
  weightThreshold: 0.03,
  weightBudget: 0,
};

export interface LabelTreeOptions {
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
/** Chunks have a multiple of so many children, as blocks of the solver do. */
const LANES = 16;

/**
 * Trains label trees: clusters labels by the documents that have them, then learns at each node which children a document
 * belongs to.
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
  const init: TreeTasksInit = { X: sharedX, postings, Z, cluster: params, classifier: params };
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

async function trainClassifiers(
  X: CsrMatrix,
  postings: CsrPattern,
  shapes: readonly HierarchyNode[][],
  params: LabelTreeParams,
  run: TaskRun,
  options: LabelTreeOptions,
): Promise<TrainedTree[]> {
  const labelWork = new Float64Array(postings.nRows);
  for (let label = 0; label < postings.nRows; label++) {
    for (let k = postings.indptr[label]; k < postings.indptr[label + 1]; k++) {
      const doc = postings.indices[k];
      labelWork[label] += X.indptr[doc + 1] - X.indptr[doc];
    }
  }
  const trees: TrainedTree[] = shapes.map((nodes) => ({ nodes, chunks: nodes.map(() => []) }));
  const planned: { task: ChunkTask; tree: number; node: number; place: number; work: number }[] = [];
  let total = 0;
  shapes.forEach((nodes, tree) => {
    nodes.forEach(({ labels, childPtr }, node) => {
      const nChildren = childPtr.length - 1;
      total += nChildren;
      const entries = Math.min(
        X.indices.length,
        labels.reduce((sum, label) => sum + labelWork[label], 0),
      );
      const byWork = Math.max(LANES, Math.floor(MOST_WORK / Math.max(1, entries) / LANES) * LANES);
      const nChunks = Math.ceil(nChildren / Math.min(byWork, Math.floor(MOST_CHILDREN / LANES) * LANES));
      const size = Math.ceil(nChildren / nChunks);
      for (let from = 0, place = 0; from < nChildren; from += size, place++) {
        const to = Math.min(nChildren, from + size);
        const seed = params.seed * 31 + tree * 1_000_003 + node * 8191 + place + 1;
        planned.push({ task: { labels, childPtr, from, to, seed }, tree, node, place, work: entries * (to - from) });
      }
    });
  });
  planned.sort((a, b) => b.work - a.work); // the longest first, so that threads end together
  let done = 0;
  options.onProgress?.(0, total);
  await Promise.all(
    planned.map(async ({ task, tree, node, place }) => {
      trees[tree].chunks[node][place] = await run.train(task);
      done += task.to - task.from;
      options.onProgress?.(done, total);
    }),
  );
  return trees;
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

  train(task: ChunkTask): Promise<Chunk> {
    return this.run({ kind: 'train', ...task }, (tasks) => tasks.train(task));
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
