import type { CsrMatrix, CsrPattern, Kernels } from '@catchword/math';
import { type Chunk, ChunkBuilder } from './chunk.js';
import { type HingeParams, HingeSolver } from './hinge-solver.js';
import { NodeRowFinder } from './node-rows.js';

/** How the classifiers of a node are learnt, and what of them is kept. */
export interface ClassifierParams extends HingeParams {
  /** Weights of no greater magnitude are dropped. */
  readonly weightThreshold: number;
  /** So many weights of a classifier are kept at most, the greatest ones; 0 is all. */
  readonly weightBudget: number;
}

/** Some neighbouring children of a node, trained together and stored as one chunk. */
export interface ChunkTask {
  /** Labels of the whole node, child after child. */
  readonly labels: Uint32Array;
  /** Shape (nChildren + 1): labels of each child. */
  readonly childPtr: Uint32Array;
  readonly from: number;
  readonly to: number;
  readonly seed: number;
}

/**
 * Trains the one-vs-rest classifiers of one chunk after the other; one of it serves a thread.
 *
 * A node's rows are the documents that have one of its labels; a child's positives those that have one of its own.
 */
export class ChunkTrainer {
  private readonly X: CsrMatrix;
  private readonly postings: CsrPattern;
  private readonly params: ClassifierParams;
  private readonly kernels: Kernels;
  private readonly finder: NodeRowFinder;

  constructor(X: CsrMatrix, postings: CsrPattern, params: ClassifierParams, kernels: Kernels) {
    this.X = X;
    this.postings = postings;
    this.params = params;
    this.kernels = kernels;
    this.finder = new NodeRowFinder(X, postings);
  }

  train(task: ChunkTask): Chunk {
    const { finder, params } = this;
    const { nRows, docs, features, nnz } = finder.open(task.labels);
    const nChildren = task.to - task.from;
    const solver = new HingeSolver(this.kernels, nRows, nnz, features.length + 1, nChildren, params);
    finder.write(solver.indptr, solver.indices, solver.values, solver.own, solver.inverse, solver.ridge);
    const builder = new ChunkBuilder(this.X.nCols, nChildren, params.weightBudget);
    let state = (Math.imul(task.seed, 0x9e3779b1) | 1) >>> 0;
    for (let first = 0; first < nChildren; first += solver.blockSize) {
      const size = Math.min(solver.blockSize, nChildren - first);
      this.setClasses(solver.classes, task, task.from + first, size);
      state = solver.solve(size, state, (problem, lane, width, w, beta) => {
        builder.begin(first + problem, w[lane]);
        this.addWeights(builder, features, w, width, lane);
        this.addOwnWeights(builder, docs, solver.own, beta, width, lane);
        builder.end();
      });
    }
    finder.close();
    return builder.build();
  }

  private setClasses(classes: Uint32Array, { labels, childPtr }: ChunkTask, first: number, size: number): void {
    const { postings, finder } = this;
    classes.fill(0);
    for (let i = 0; i < size; i++) {
      for (let j = childPtr[first + i]; j < childPtr[first + i + 1]; j++) {
        for (let k = postings.indptr[labels[j]]; k < postings.indptr[labels[j] + 1]; k++) {
          classes[finder.rowOf[postings.indices[k]] - 1] |= 1 << i;
        }
      }
    }
  }

  private addWeights(builder: ChunkBuilder, features: Uint32Array, w: Float32Array, width: number, lane: number): void {
    const { weightThreshold } = this.params;
    for (let j = 0, p = width + lane; j < features.length; j++, p += width) {
      if (Math.abs(w[p]) > weightThreshold) builder.add(features[j], w[p]);
    }
  }

  /** Features that one document has alone weigh its dual times the value. */
  private addOwnWeights(
    builder: ChunkBuilder,
    docs: Uint32Array,
    own: Float32Array,
    beta: Float32Array,
    width: number,
    lane: number,
  ): void {
    const { X, finder } = this;
    const { weightThreshold } = this.params;
    for (let i = 0, p = lane; i < docs.length; i++, p += width) {
      // no value is greater than the root of the sum of their squares
      if (beta[p] * beta[p] * own[i] <= weightThreshold * weightThreshold) continue;
      for (let e = X.indptr[docs[i]]; e < X.indptr[docs[i] + 1]; e++) {
        if (finder.local[X.indices[e]] !== 0) continue;
        const weight = beta[p] * X.values[e];
        if (Math.abs(weight) > weightThreshold) builder.add(X.indices[e], weight);
      }
    }
  }
}
