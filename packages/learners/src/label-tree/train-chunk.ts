import type { CsrMatrix, CsrPattern, Kernels } from '@catchword/math';
import { type Chunk, ChunkBuilder } from './chunk.js';
import { type HingeParams, HingeSolver } from './hinge-solver.js';
import { NodeRowFinder } from './node-rows.js';

/** How the classifiers of a node are learnt, and what of them is kept. */
export interface ClassifierParams extends HingeParams {
  /** Cost of a squared hinge loss of a document of the node. */
  readonly cost: number;
  /** That of a document from outside, as a share of `cost`. */
  readonly outsideCost: number;
  /**
   * Weights are dropped whose magnitude, times the fourth root of the root mean square of the feature in the node's rows, is no
   * greater. So at equal magnitude the weights of rare features go first: of a model of a given size it loses least, see
   * `benchmarks/README.md`.
   */
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
  /** Documents without any of the labels that are learnt from as well. */
  readonly outside: Uint32Array;
  readonly from: number;
  readonly to: number;
  readonly seed: number;
}

/**
 * Trains the one-vs-rest classifiers of one chunk after the other; one of it serves a thread.
 *
 * A node's rows are the documents that have one of its labels, and those from outside; a child's positives those that have one of its
 * own.
 */
export class ChunkTrainer {
  private readonly X: CsrMatrix;
  private readonly postings: CsrPattern;
  private readonly params: ClassifierParams;
  private readonly kernels: Kernels;
  private readonly finder: NodeRowFinder;
  private readonly weights: Float32Array | undefined;
  private readonly builder: ChunkBuilder;

  /** @param weights shape (nDocs): the cost of a document's errors is multiplied by it; absent: all are 1 */
  constructor(X: CsrMatrix, postings: CsrPattern, params: ClassifierParams, kernels: Kernels, weights?: Float32Array) {
    this.X = X;
    this.postings = postings;
    this.params = params;
    this.kernels = kernels;
    this.weights = weights;
    this.finder = new NodeRowFinder(X, postings);
    this.builder = new ChunkBuilder(X.nCols, params.weightBudget);
  }

  train(task: ChunkTask): Chunk {
    const { finder, params, builder } = this;
    const { nRows, docs, features, nnz } = finder.open(task.labels, task.outside);
    const nChildren = task.to - task.from;
    const solver = new HingeSolver(this.kernels, nRows, nnz, features.length + 1, nChildren, params);
    const ridge = 0.5 / params.cost;
    const { indptr, indices, values, own, ridges, inverse } = solver;
    finder.write(indptr, indices, values, own, ridges, inverse, ridge, ridge / params.outsideCost, this.weights);
    builder.start(nChildren);
    const least = leastWeights(indices, values, features.length, nRows, params.weightThreshold);
    const mostOwn = own.map((square) => square ** 0.625);
    let state = (Math.imul(task.seed, 0x9e3779b1) | 1) >>> 0;
    for (let first = 0; first < nChildren; first += solver.blockSize) {
      const size = Math.min(solver.blockSize, nChildren - first);
      this.setClasses(solver.classes, task, task.from + first, size);
      state = solver.solve(size, state, (problems, lanes, width, w, beta) => {
        for (let i = 0; i < lanes.length; i++) builder.begin(first + problems[i], w[lanes[i]]);
        addWeights(builder, features, least, w, width, lanes);
        this.addOwnWeights(docs, mostOwn, beta, width, lanes);
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

  /**
   * Features that one document has alone weigh its dual times the value.
   *
   * @param most of each document, what `ownInfluence` is at most for its entries
   */
  private addOwnWeights(
    docs: Uint32Array,
    most: Float32Array,
    beta: Float32Array,
    width: number,
    lanes: readonly number[],
  ): void {
    const { X, finder, builder } = this;
    const threshold = this.params.weightThreshold * docs.length ** 0.125;
    for (let i = 0, p = 0; i < docs.length; i++, p += width) {
      for (let j = 0; j < lanes.length; j++) {
        const dual = beta[p + lanes[j]];
        if (Math.abs(dual) * most[i] <= threshold) continue;
        for (let e = X.indptr[docs[i]]; e < X.indptr[docs[i] + 1]; e++) {
          if (finder.local[X.indices[e]] !== 0) continue;
          if (Math.abs(dual) * ownInfluence(X.values[e]) > threshold) builder.add(j, X.indices[e], dual * X.values[e]);
        }
      }
    }
  }
}

/** Value of an entry times the fourth root of its magnitude: no greater than (v²)^0.625 for the sum of squares v². */
function ownInfluence(value: number): number {
  const magnitude = Math.abs(value);
  return magnitude * Math.sqrt(Math.sqrt(magnitude));
}

/** @returns magnitude that a weight of each local feature has to exceed, shape (nFeatures + 1) */
function leastWeights(
  indices: Uint32Array,
  values: Float32Array,
  nFeatures: number,
  nRows: number,
  threshold: number,
): Float64Array {
  const least = new Float64Array(nFeatures + 1);
  for (let e = 0; e < indices.length; e++) least[indices[e]] += values[e] * values[e];
  for (let j = 1; j <= nFeatures; j++) least[j] = threshold / (least[j] / nRows) ** 0.125;
  return least;
}

/** Adds the weights of the lanes, whose children have begun in their order. */
function addWeights(
  builder: ChunkBuilder,
  features: Uint32Array,
  least: Float64Array,
  w: Float32Array,
  width: number,
  lanes: readonly number[],
): void {
  for (let j = 0, p = width; j < features.length; j++, p += width) {
    for (let i = 0; i < lanes.length; i++) {
      const weight = w[p + lanes[i]];
      if (Math.abs(weight) > least[j + 1]) builder.add(i, features[j], weight);
    }
  }
}
