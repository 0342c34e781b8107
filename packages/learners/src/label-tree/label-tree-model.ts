import { type ArrayPack, packArrays, viewArrays } from '@catchword/math';
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
  readonly bucketRow: Uint32Array;
  readonly bucketWeight: Uint32Array;
  readonly rowKey: Uint16Array;
  readonly rowCount: Uint8Array;
  readonly weightChild: Uint8Array;
  readonly weight: Int8Array;
}

/** Trained label trees: views over one pack, nothing to parse. */
export class LabelTreeModel {
  readonly arrays: LabelTreeArrays;
  readonly pack: ArrayPack;
  readonly nFeatures: number;
  readonly nLabels: number;
  readonly nTrees: number;

  private constructor(pack: ArrayPack) {
    this.pack = pack;
    this.arrays = viewArrays(pack) as unknown as LabelTreeArrays;
    [this.nFeatures, this.nLabels] = this.arrays.shape;
    this.nTrees = this.arrays.treeNode.length - 1;
  }

  static fromPack(pack: ArrayPack): LabelTreeModel {
    return new LabelTreeModel(pack);
  }

  /** Joins trees into one pack. */
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
      bucketRow: new Uint32Array(total((chunk) => chunk.bucketRow.length)),
      bucketWeight: new Uint32Array(total((chunk) => chunk.bucketRow.length)),
      rowKey: new Uint16Array(total((chunk) => chunk.rowKey.length)),
      rowCount: new Uint8Array(total((chunk) => chunk.rowKey.length)),
      weightChild: new Uint8Array(total((chunk) => chunk.child.length)),
      weight: new Int8Array(total((chunk) => chunk.child.length)),
    };
    let [node, chunk, child, bucket, row, weight] = [0, 0, 0, 0, 0, 0];
    trees.forEach((tree, t) => {
      const firstNode = node;
      tree.nodes.forEach((each, n) => {
        a.nodeIsLeaf[node] = each.children === undefined ? 1 : 0;
        let inNode = 0;
        for (const c of tree.chunks[n]) {
          a.chunkShift[chunk] = c.shift;
          a.childBias.set(c.bias, child);
          a.childScale.set(c.scale, child);
          for (let i = 0; i < c.nChildren; i++, inNode++) {
            a.childId[child + i] = each.children ? firstNode + each.children[inNode] : each.labels[inNode];
          }
          for (let b = 0; b < c.bucketRow.length; b++) {
            a.bucketRow[bucket + b] = row + c.bucketRow[b];
            a.bucketWeight[bucket + b] = weight + c.bucketWeight[b];
          }
          a.rowKey.set(c.rowKey, row);
          a.rowCount.set(c.rowCount, row);
          a.weightChild.set(c.child, weight);
          a.weight.set(c.weight, weight);
          child += c.nChildren;
          bucket += c.bucketRow.length;
          row += c.rowKey.length;
          weight += c.child.length;
          chunk++;
          a.chunkChild[chunk] = child;
          a.chunkBucket[chunk] = bucket;
        }
        a.nodeChunk[++node] = chunk;
      });
      a.treeNode[t + 1] = node;
    });
    return new LabelTreeModel(packArrays(a));
  }
}
