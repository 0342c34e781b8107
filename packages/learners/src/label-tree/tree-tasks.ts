import type { CsrMatrix, CsrPattern } from '@catchword/math';
import { Kernels, Random } from '@catchword/math';
import type { Chunk } from './chunk.js';
import { type ClusterParams, KMeans } from './k-means.js';
import { type RouteTask, routeDocuments } from './route-documents.js';
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
  | ({ readonly kind: 'train' } & ChunkTask);

/** Does the parts of training a label tree; a part's result depends on the part alone. */
export class TreeTasks {
  private readonly init: TreeTasksInit;
  private readonly kMeans: KMeans;
  private readonly trainer: ChunkTrainer;

  constructor(init: TreeTasksInit) {
    this.init = init;
    const kernels = new Kernels();
    this.kMeans = new KMeans(init.Z, kernels);
    this.trainer = new ChunkTrainer(init.X, init.postings, init.classifier, kernels, init.weights);
  }

  split(labels: Uint32Array, seed: number): Uint32Array[] | undefined {
    return this.kMeans.split(labels, this.init.cluster, new Random(seed));
  }

  route(task: RouteTask): Uint32Array {
    return routeDocuments(this.init.X, task);
  }

  train(task: ChunkTask): Chunk {
    return this.trainer.train(task);
  }
}
