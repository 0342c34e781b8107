import type { LabelTreeModel } from './label-tree-model.js';
import { spreadBits, spreadFeature } from './spread-feature.js';
import { bucketWeight } from './weight-rows.js';

/** Follows trees from a label up to the root, to tell which features led a row there. */
export class LabelPaths {
  private readonly model: LabelTreeModel;
  private readonly bits: number;
  /** Chunk of each child. */
  private readonly chunkOf: Uint32Array;
  /** Child that stands for each node; 2^32 - 1 for roots. */
  private readonly childOfNode: Uint32Array;
  private readonly nodeOfChunk: Uint32Array;
  /** Children that are each label, one for each tree. */
  private readonly childrenOfLabel = new Map<number, number[]>();

  /** O(children). */
  constructor(model: LabelTreeModel) {
    this.model = model;
    this.bits = spreadBits(model.nFeatures);
    const a = model.arrays;
    this.chunkOf = new Uint32Array(a.childId.length);
    this.childOfNode = new Uint32Array(a.nodeIsLeaf.length).fill(NONE);
    this.nodeOfChunk = new Uint32Array(a.chunkShift.length);
    for (let node = 0; node < a.nodeIsLeaf.length; node++) {
      for (let chunk = a.nodeChunk[node]; chunk < a.nodeChunk[node + 1]; chunk++) {
        this.nodeOfChunk[chunk] = node;
        for (let child = a.chunkChild[chunk]; child < a.chunkChild[chunk + 1]; child++) {
          this.chunkOf[child] = chunk;
          const id = a.childId[child];
          if (a.nodeIsLeaf[node] === 0) this.childOfNode[id] = child;
          else this.childrenOfLabel.set(id, [...(this.childrenOfLabel.get(id) ?? []), child]);
        }
      }
    }
  }

  /**
   * @param values parallel to `indices`; entries from..to are the row
   * @returns what each entry adds to the margins of the label's classifier and of those above it, and what their constants
   *   add, as means over the trees; zeros for a label that is in no tree
   */
  contributions(
    label: number,
    indices: ArrayLike<number>,
    values: ArrayLike<number>,
    from: number,
    to: number,
  ): { readonly parts: Float64Array; readonly bias: number } {
    const { arrays, nTrees } = this.model;
    const parts = new Float64Array(to - from);
    let bias = 0;
    for (const leafChild of this.childrenOfLabel.get(label) ?? []) {
      for (const child of this.path(leafChild)) {
        bias += arrays.childBias[child] / nTrees;
        for (let i = 0; i < parts.length; i++) {
          parts[i] += (values[from + i] * this.weight(child, indices[from + i])) / nTrees;
        }
      }
    }
    return { parts, bias };
  }

  /** @returns margins on the path to a label in the first tree, its own classifier's first */
  margins(label: number, indices: ArrayLike<number>, values: ArrayLike<number>, from: number, to: number): number[] {
    const [leafChild] = this.childrenOfLabel.get(label) ?? [];
    if (leafChild === undefined) return [];
    return this.path(leafChild).map((child) => {
      let margin: number = this.model.arrays.childBias[child];
      for (let e = from; e < to; e++) margin += values[e] * this.weight(child, indices[e]);
      return margin;
    });
  }

  /** The child and those that stand for the nodes above it. */
  private path(child: number): number[] {
    const path: number[] = [];
    for (let c = child; c !== NONE; c = this.childOfNode[this.nodeOfChunk[this.chunkOf[c]]]) path.push(c);
    return path;
  }

  private weight(child: number, feature: number): number {
    const { arrays: a, nFeatures } = this.model;
    if (feature >= nFeatures) return 0;
    const chunk = this.chunkOf[child];
    const key = spreadFeature(feature, this.bits);
    const bucket = a.chunkBucket[chunk] + (key >>> a.chunkShift[chunk]);
    const low = key & (2 ** a.chunkShift[chunk] - 1);
    const column = child - a.chunkChild[chunk];
    const steps = bucketWeight(
      a.bucketBytes,
      a.bucketAt[bucket],
      a.bucketAt[bucket + 1],
      a.chunkChild[chunk + 1] - a.chunkChild[chunk],
      low,
      column,
    );
    return steps * a.childScale[child];
  }
}

const NONE = 0xffffffff;
