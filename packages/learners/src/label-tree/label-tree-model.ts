import type { NumericArray } from '@catchword/math';
import type { Chunk } from './chunk.js';
import type { HierarchyNode } from './hierarchy.js';

/** A tree as it comes from training. */
export interface TrainedTree {
  readonly nodes: readonly HierarchyNode[];
  /** Chunks of each node. */
  readonly chunks: Chunk[][];
}

/** Arrays of a model; trees, nodes, chunks, children and rows are numbered through all trees. */
export interface LabelTreeArrays {
  /** nFeatures, nLabels. */
  readonly shape: Uint32Array;
  /** First node of each tree, its root, and one more. */
  readonly treeNode: Uint32Array;
  /** First chunk of each node and one more. */
  readonly nodeChunk: Uint32Array;
  /** 1 where the node's children are labels. */
  readonly nodeIsLeaf: Uint8Array;
  /** First child of each chunk and one more. */
  readonly chunkChild: Uint32Array;
  readonly chunkShift: Uint8Array;
  /** First bucket of each chunk; a chunk with n buckets has n + 1 entries. */
  readonly chunkBucket: Uint32Array;
  /** Node or label of each child. */
  readonly childId: Uint32Array;
  readonly childBias: Float32Array;
  readonly childScale: Float32Array;
  /** First byte of each bucket in `bucketBytes`. */
  readonly bucketAt: Uint32Array;
  /** See `layOutRows`. */
  readonly bucketBytes: Uint8Array;
}

/** Trained label trees. */
export class LabelTreeModel {
  readonly arrays: LabelTreeArrays;
  readonly nFeatures: number;
  readonly nLabels: number;
  readonly nTrees: number;

  private constructor(arrays: LabelTreeArrays) {
    this.arrays = arrays;
    [this.nFeatures, this.nLabels] = arrays.shape;
    this.nTrees = arrays.treeNode.length - 1;
  }

  /** The arrays to store, by name. */
  toArrays(): Record<string, NumericArray> {
    return { ...this.arrays };
  }

  /**
   * Takes stored arrays as they are; there is nothing to parse. O(children) for checks.
   *
   * @throws {RangeError} if an array is missing or they do not fit together
   */
  static fromArrays(arrays: Readonly<Record<string, NumericArray>>): LabelTreeModel {
    for (const [name, type] of Object.entries(TYPES)) {
      if (!(arrays[name] instanceof type)) throw new RangeError(`array ${name} of the label trees is missing`);
    }
    const a = arrays as unknown as LabelTreeArrays;
    const fits = (pointers: string, last: number | undefined, lengths: readonly number[]): void => {
      if (lengths.some((length) => length !== last)) {
        throw new RangeError(`label trees: ${pointers} ends at ${last}, but there are ${lengths.join(', ')}`);
      }
    };
    if (a.shape.length !== 2 || a.treeNode.length < 2) throw new RangeError('label trees without shape or tree');
    fits('treeNode', a.treeNode.at(-1), [a.nodeIsLeaf.length, a.nodeChunk.length - 1]);
    fits('nodeChunk', a.nodeChunk.at(-1), [a.chunkShift.length, a.chunkChild.length - 1, a.chunkBucket.length - 1]);
    fits('chunkChild', a.chunkChild.at(-1), [a.childId.length, a.childBias.length, a.childScale.length]);
    fits('chunkBucket', a.chunkBucket.at(-1), [a.bucketAt.length]);
    fits('bucketAt', a.bucketAt.at(-1), [a.bucketBytes.length]);
    checkChildren(a);
    return new LabelTreeModel(a);
  }

  /** Joins trees. */
  static build(nFeatures: number, nLabels: number, trees: readonly TrainedTree[]): LabelTreeModel {
    const chunks = trees.flatMap((tree) => tree.chunks.flat());
    const nNodes = trees.reduce((sum, tree) => sum + tree.nodes.length, 0);
    const total = (size: (chunk: Chunk) => number) => chunks.reduce((sum, chunk) => sum + size(chunk), 0);
    const nChildren = total((chunk) => chunk.nChildren);
    const a = {
      shape: Uint32Array.of(nFeatures, nLabels),
      treeNode: new Uint32Array(trees.length + 1),
      nodeChunk: new Uint32Array(nNodes + 1),
      nodeIsLeaf: new Uint8Array(nNodes),
      chunkChild: new Uint32Array(chunks.length + 1),
      chunkShift: new Uint8Array(chunks.length),
      chunkBucket: new Uint32Array(chunks.length + 1),
      childId: new Uint32Array(nChildren),
      childBias: new Float32Array(nChildren),
      childScale: new Float32Array(nChildren),
      bucketAt: new Uint32Array(total((chunk) => chunk.rows.bucketAt.length)),
      bucketBytes: new Uint8Array(total((chunk) => chunk.rows.bytes.length)),
    };
    let [node, chunk, child, bucket, byte] = [0, 0, 0, 0, 0];
    trees.forEach((tree, t) => {
      const firstNode = node;
      tree.nodes.forEach((each, n) => {
        a.nodeIsLeaf[node] = each.children === undefined ? 1 : 0;
        let inNode = 0;
        for (const c of tree.chunks[n]) {
          const { shift, bucketAt, bytes } = c.rows;
          a.chunkShift[chunk] = shift;
          a.childBias.set(c.bias, child);
          a.childScale.set(c.scale, child);
          for (let i = 0; i < c.nChildren; i++, inNode++) {
            a.childId[child + i] = each.children ? firstNode + each.children[inNode] : each.labels[inNode];
          }
          for (let b = 0; b < bucketAt.length; b++) a.bucketAt[bucket + b] = byte + bucketAt[b];
          a.bucketBytes.set(bytes, byte);
          child += c.nChildren;
          bucket += bucketAt.length;
          byte += bytes.length;
          chunk++;
          a.chunkChild[chunk] = child;
          a.chunkBucket[chunk] = bucket;
        }
        a.nodeChunk[++node] = chunk;
      });
      a.treeNode[t + 1] = node;
    });
    return new LabelTreeModel(a);
  }
}

const TYPES = {
  shape: Uint32Array,
  treeNode: Uint32Array,
  nodeChunk: Uint32Array,
  nodeIsLeaf: Uint8Array,
  chunkChild: Uint32Array,
  chunkShift: Uint8Array,
  chunkBucket: Uint32Array,
  childId: Uint32Array,
  childBias: Float32Array,
  childScale: Float32Array,
  bucketAt: Uint32Array,
  bucketBytes: Uint8Array,
} as const;

/** @throws {RangeError} if a child is no label, or a node that does not come later: a search would not end */
function checkChildren(a: LabelTreeArrays): void {
  const nNodes = a.nodeIsLeaf.length;
  for (let node = 0; node < nNodes; node++) {
    const from = a.nodeIsLeaf[node] ? 0 : node + 1;
    const to = a.nodeIsLeaf[node] ? a.shape[1] : nNodes;
    const end = a.chunkChild[a.nodeChunk[node + 1]];
    for (let child = a.chunkChild[a.nodeChunk[node]]; child < end; child++) {
      const id = a.childId[child];
      if (id < from || id >= to) throw new RangeError(`label trees: a child of node ${node} is ${id}`);
    }
  }
}
