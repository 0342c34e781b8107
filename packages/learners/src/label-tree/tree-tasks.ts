import type { CsrMatrix, CsrPattern } from '@catchword/math';
import { Kernels, Random } from '@catchword/math';
import type { Chunk } from './chunk.js';
import { DocumentRouter, type RouteTask } from './document-router.js';
import { type ClusterParams, KMeans } from './k-means.js';
import { type ChunkTask, ChunkTrainer, type ClassifierParams } from './train-chunk.js';

/** What a thread needs to work on any part of the trees; all arrays lie in shared memory. */
export interface TreeTasksInit {
  readonly X: CsrMatrix;
  /** Documents of each label. */
  readonly postings: CsrPattern;
  /** Shape (nDocs): what each document counts; absent where all count 1. */
  readonly weights?: Float32Array | undefined;
  /** Label vectors. */
  readonly Z: CsrMatrix;
  readonly cluster: ClusterParams;
  readonly classifier: ClassifierParams;
}

export type TreeTask =
  | { readonly kind: 'split'; readonly labels: Uint32Array; readonly seed: number }
  | ({ readonly kind: 'route' } & RouteTask)
  | { readonly kind: 'train'; readonly chunks: readonly ChunkTask[] };

/**
 * Does the parts of training a label tree; a part's result depends on the part alone. All splits come before all training: what only
 * they need, which may be a great part of the memory, is given back.
 */
export class TreeTasks {
  private readonly init: TreeTasksInit;
  private kMeans: KMeans | undefined;
  private readonly trainer: ChunkTrainer;
  private router: DocumentRouter | undefined;

  constructor(init: TreeTasksInit) {
    this.init = init;
    this.trainer = new ChunkTrainer(init.X, init.postings, init.classifier, new Kernels(), init.weights);
  }

  split(labels: Uint32Array, seed: number): Uint32Array[] | undefined {
    this.kMeans ??= new KMeans(this.init.Z, new Kernels());
    return this.kMeans.split(labels, this.init.cluster, new Random(seed));
  }

  /** All tasks are about the same trees until one of training comes. */
  route(task: RouteTask): Uint32Array {
    this.kMeans = undefined;
    this.router ??= new DocumentRouter(this.init.X, task); // copies the trees into memory for kernels
    return this.router.route(task);
  }

  train(chunks: readonly ChunkTask[]): Chunk[] {
    this.kMeans = undefined;
    this.router = undefined;
    return chunks.map((task) => this.trainer.train(task));
  }
}
