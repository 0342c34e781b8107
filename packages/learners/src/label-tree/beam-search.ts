import { ROW_HEAD } from './chunk.js';
import type { LabelTreeArrays, LabelTreeModel } from './label-tree-model.js';
import { spreadBits, spreadFeature } from './spread-feature.js';

export interface BeamParams {
  /** Nodes that are kept of a level. */
  readonly beam: number;
  /** A margin m below 1 costs (1 − m)^exponent in the log score. */
  readonly exponent: number;
  /** Labels that are kept of a leaf. */
  readonly leafCap: number;
}

/** What one row's search found: labels in no order, and the evidence for each. */
export interface BeamResult {
  readonly n: number;
  readonly labels: Uint32Array;
  /** Mean over the trees of exp(log score), where a tree without the label counts 0; in (0, 1]. */
  readonly scores: Float32Array;
  /** Best log score of a tree, at most 0. */
  readonly logScores: Float32Array;
  /** Margin of the label's own classifier in that tree. */
  readonly margins: Float32Array;
  /** Trees that found the label. */
  readonly votes: Uint8Array;
}

/**
 * Searches label trees with a beam; keeps its working memory, so one of it serves a thread.
 *
 * A level's children are those of at most `beam` nodes; leaves that are reached early stay in the beam.
 *
 * @see Omikuji 0.5.2, `predict`, which has exponent 2 and a leaf cap equal to the beam
 */
export class BeamSearch {
  private readonly a: LabelTreeArrays;
  /** The bytes of `rowBytes` as weights. */
  private readonly signed: Int8Array;
  private readonly nTrees: number;
  private readonly bits: number;
  private readonly nFeatures: number;
  readonly params: BeamParams;
  private keys = new Uint32Array(256);
  private scores = new Float64Array(256);
  private readonly found: { -readonly [K in keyof BeamResult]: BeamResult[K] };
  private readonly place: Int32Array;
  private readonly sums: Float64Array;

  constructor(model: LabelTreeModel, params: BeamParams) {
    this.a = model.arrays;
    const { buffer, byteOffset, length } = this.a.rowBytes;
    this.signed = new Int8Array(buffer, byteOffset, length);
    this.nTrees = model.nTrees;
    this.nFeatures = model.nFeatures;
    this.bits = spreadBits(model.nFeatures);
    this.params = params;
    this.place = new Int32Array(model.nLabels).fill(-1);
    const most = Math.min(model.nLabels, model.nTrees * params.beam * params.leafCap);
    this.sums = new Float64Array(most);
    this.found = {
      n: 0,
      labels: new Uint32Array(most),
      scores: new Float32Array(most),
      logScores: new Float32Array(most),
      margins: new Float32Array(most),
      votes: new Uint8Array(most),
    };
  }

  /**
   * @param indices the row's features; those that the model does not know are passed over
   * @param values parallel to `indices`, of unit length
   * @returns arrays that the next call overwrites; nothing for a row without features
   */
  search(indices: ArrayLike<number>, values: ArrayLike<number>, from: number, to: number): BeamResult {
    const { a, found, params } = this;
    found.n = 0;
    if (to <= from) return found;
    if (this.keys.length < to - from) this.keys = new Uint32Array(2 * (to - from));
    for (let e = from; e < to; e++) {
      this.keys[e - from] = indices[e] < this.nFeatures ? spreadFeature(indices[e], this.bits) : 0xffffffff;
    }
    for (let t = 0; t < this.nTrees; t++) {
      let nodes = [a.treeNode[t]];
      let logs = [0];
      while (nodes.some((node) => a.nodeIsLeaf[node] === 0)) {
        const nextNodes: number[] = [];
        const nextLogs: number[] = [];
        nodes.forEach((node, i) => {
          if (a.nodeIsLeaf[node]) {
            nextNodes.push(node);
            nextLogs.push(logs[i]);
            return;
          }
          for (let chunk = a.nodeChunk[node]; chunk < a.nodeChunk[node + 1]; chunk++) {
            const first = a.chunkChild[chunk];
            const n = a.chunkChild[chunk + 1] - first;
            this.margins(chunk, values, from, to - from);
            for (let c = 0; c < n; c++) {
              nextNodes.push(a.childId[first + c]);
              nextLogs.push(logs[i] + this.logScore(this.scores[c]));
            }
          }
        });
        [nodes, logs] = greatest(nextNodes, nextLogs, params.beam);
      }
      for (let i = 0; i < nodes.length; i++) this.addLeaf(nodes[i], logs[i], values, from, to - from);
    }
    for (let i = 0; i < found.n; i++) {
      found.scores[i] = this.sums[i] / this.nTrees;
      this.place[found.labels[i]] = -1;
    }
    return found;
  }

  private addLeaf(node: number, log: number, values: ArrayLike<number>, from: number, n: number): void {
    const { a, params } = this;
    const children: number[] = [];
    const logs: number[] = [];
    const margins: number[] = [];
    for (let chunk = a.nodeChunk[node]; chunk < a.nodeChunk[node + 1]; chunk++) {
      const first = a.chunkChild[chunk];
      const nChildren = a.chunkChild[chunk + 1] - first;
      this.margins(chunk, values, from, n);
      for (let c = 0; c < nChildren; c++) {
        children.push(margins.length);
        logs.push(log + this.logScore(this.scores[c]));
        margins.push(this.scores[c]);
      }
    }
    const firstChild = a.chunkChild[a.nodeChunk[node]];
    const [kept, keptLogs] = greatest(children, logs, params.leafCap);
    for (let i = 0; i < kept.length; i++) this.vote(a.childId[firstChild + kept[i]], keptLogs[i], margins[kept[i]]);
  }

  private vote(label: number, log: number, margin: number): void {
    const { found, place, sums } = this;
    let p = place[label];
    if (p < 0) {
      p = found.n++;
      place[label] = p;
      found.labels[p] = label;
      found.votes[p] = 0;
      found.logScores[p] = Number.NEGATIVE_INFINITY;
      sums[p] = 0;
    }
    found.votes[p]++;
    sums[p] += Math.exp(log);
    if (log > found.logScores[p]) {
      found.logScores[p] = log;
      found.margins[p] = margin;
    }
  }

  private logScore(margin: number): number {
    return margin >= 1 ? 0 : -((1 - margin) ** this.params.exponent);
  }

  /** Leaves the margins of a chunk's children in `scores`. */
  private margins(chunk: number, values: ArrayLike<number>, from: number, n: number): void {
    const { a, keys } = this;
    const first = a.chunkChild[chunk];
    const nChildren = a.chunkChild[chunk + 1] - first;
    const { scores } = this;
    scores.fill(0, 0, nChildren);
    const shift = a.chunkShift[chunk];
    const mask = (1 << shift) - 1;
    const bucketAt = a.chunkBucket[chunk];
    const { bucketByte, rowBytes } = a;
    const { signed } = this;
    for (let i = 0; i < n; i++) {
      const key = keys[i];
      if (key === 0xffffffff) continue;
      const bucket = bucketAt + (key >>> shift);
      const low = key & mask;
      const end = bucketByte[bucket + 1];
      for (let p = bucketByte[bucket]; p < end; ) {
        const rowKey = rowBytes[p] | (rowBytes[p + 1] << 8);
        const rowEnd = p + ROW_HEAD + 2 * rowBytes[p + 2];
        if (rowKey >= low) {
          if (rowKey > low) break;
          const v = values[from + i];
          for (p += ROW_HEAD; p < rowEnd; p += 2) scores[rowBytes[p]] += v * signed[p + 1];
          break;
        }
        p = rowEnd;
      }
    }
    for (let c = 0; c < nChildren; c++) scores[c] = scores[c] * a.childScale[first + c] + a.childBias[first + c];
  }
}

function greatest(ids: number[], logs: number[], k: number): [number[], number[]] {
  if (ids.length <= k) return [ids, logs];
  const order = ids.map((_, i) => i);
  order.sort((x, y) => logs[y] - logs[x] || ids[x] - ids[y]);
  order.length = k;
  return [order.map((i) => ids[i]), order.map((i) => logs[i])];
}
