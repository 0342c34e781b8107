import { topK } from '@catchword/math';
import { ChunkMargins } from './chunk-margins.js';
import type { LabelTreeArrays, LabelTreeModel } from './label-tree-model.js';

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

/** Up to so many are kept in order while candidates come; more are sorted in a heap. */
const MOST_INSERTED = 64;

/** Children that a level or a leaf offers, of which the best are kept. */
class Candidates {
  n = 0;
  ids = new Uint32Array(256);
  logs = new Float64Array(256);
  margins = new Float64Array(256);
  /** What is lower cannot be among the best any more. */
  floor = Number.NEGATIVE_INFINITY;
  private order = new Uint32Array(0);
  private wanted = 0;
  /** The highest logs, falling; `wanted` at most. */
  private highest = new Float64Array(MOST_INSERTED);
  private nHighest = 0;

  /** Begins anew, for the k best. */
  begin(k: number): void {
    this.n = 0;
    this.nHighest = 0;
    this.floor = Number.NEGATIVE_INFINITY;
    this.wanted = k;
  }

  /** Offers a candidate that is not below the floor. */
  push(id: number, log: number, margin: number): void {
    if (this.n === this.ids.length) {
      this.ids = grown(this.ids, Uint32Array);
      this.logs = grown(this.logs, Float64Array);
      this.margins = grown(this.margins, Float64Array);
    }
    this.ids[this.n] = id;
    this.logs[this.n] = log;
    this.margins[this.n++] = margin;
    if (this.wanted <= MOST_INSERTED) this.raise(log);
  }

  private raise(log: number): void {
    const { highest, wanted } = this;
    let i = this.nHighest < wanted ? this.nHighest++ : wanted - 1;
    for (; i > 0 && highest[i - 1] < log; i--) highest[i] = highest[i - 1];
    highest[i] = log;
    if (this.nHighest === wanted) this.floor = highest[wanted - 1];
  }

  /** Positions of the k best, ties by ascending id; the next call overwrites them. */
  best(k: number): Uint32Array {
    if (k > MOST_INSERTED && k < this.n) return topK(this.ids, this.logs, this.n, k);
    if (this.order.length < this.n) this.order = new Uint32Array(this.ids.length);
    const { order, n } = this;
    if (k >= n) {
      for (let i = 0; i < n; i++) order[i] = i;
      return order.subarray(0, n);
    }
    let size = 0;
    for (let i = 0; i < n; i++) {
      if (size === k && !this.isBetter(i, order[k - 1])) continue;
      let j = size < k ? size++ : k - 1;
      for (; j > 0 && this.isBetter(i, order[j - 1]); j--) order[j] = order[j - 1];
      order[j] = i;
    }
    return order.subarray(0, k);
  }

  private isBetter(a: number, b: number): boolean {
    const { logs, ids } = this;
    return logs[a] > logs[b] || (logs[a] === logs[b] && ids[a] < ids[b]);
  }
}

/**
 * Searches label trees with a beam; keeps its working memory, so one of it serves a thread.
 *
 * A level's children are those of at most `beam` nodes; leaves that are reached early stay in the beam.
 *
 * @see Omikuji 0.5.2, `predict`, which has exponent 2 and a leaf cap equal to the beam
 */
export class BeamSearch {
  readonly params: BeamParams;
  private readonly a: LabelTreeArrays;
  private readonly nTrees: number;
  /** The exponent, or 0 if it is not a small whole number. */
  private readonly wholeExponent: number;
  private readonly chunks: ChunkMargins;
  private readonly found: { -readonly [K in keyof BeamResult]: BeamResult[K] };
  private readonly place: Int32Array;
  private readonly sums: Float64Array;
  private readonly candidates = new Candidates();
  private nodes = new Uint32Array(0);
  private logs = new Float64Array(0);

  /** @throws {RangeError} if the model is greater than 4 GiB */
  constructor(model: LabelTreeModel, params: BeamParams) {
    this.a = model.arrays;
    this.nTrees = model.nTrees;
    this.chunks = new ChunkMargins(model);
    this.params = params;
    this.wholeExponent = Number.isInteger(params.exponent) && params.exponent < 10 ? params.exponent : 0;
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
    const { a, found } = this;
    found.n = 0;
    if (to <= from) return found;
    this.chunks.load(indices, values, from, to);
    for (let t = 0; t < this.nTrees; t++) {
      const n = this.descend(a.treeNode[t]);
      for (let i = 0; i < n; i++) this.addLeaf(this.nodes[i], this.logs[i]);
    }
    for (let i = 0; i < found.n; i++) {
      found.scores[i] = this.sums[i] / this.nTrees;
      this.place[found.labels[i]] = -1;
    }
    return found;
  }

  /** @returns the leaves of a tree that the beam reaches, in an array that the next call overwrites */
  leaves(tree: number, indices: ArrayLike<number>, values: ArrayLike<number>, from: number, to: number): Uint32Array {
    this.chunks.load(indices, values, from, to);
    const n = this.descend(this.a.treeNode[tree]); // makes room in `nodes`
    return this.nodes.subarray(0, n);
  }

  /** Leaves in `nodes` and `logs` the leaves that the beam reaches; returns how many. */
  private descend(root: number): number {
    const { a, candidates, params } = this;
    if (this.nodes.length === 0) this.setBeam(Uint32Array.of(root), Float64Array.of(0), Uint32Array.of(0));
    this.nodes[0] = root;
    this.logs[0] = 0;
    let n = 1;
    for (;;) {
      let isDone = true;
      candidates.begin(params.beam);
      for (let i = 0; i < n; i++) {
        const node = this.nodes[i];
        const log = this.logs[i];
        const isLeaf = a.nodeIsLeaf[node] === 1;
        if (!isLeaf) isDone = false;
        if (log < candidates.floor) continue; // children are no better than their parent
        if (isLeaf) candidates.push(node, log, 0);
        else this.addChildren(node, log);
      }
      if (isDone) return n;
      const kept = candidates.best(params.beam);
      this.setBeam(candidates.ids, candidates.logs, kept);
      n = kept.length;
    }
  }

  private setBeam(ids: Uint32Array, logs: Float64Array, kept: Uint32Array): void {
    if (this.nodes.length < kept.length) {
      this.nodes = new Uint32Array(2 * kept.length);
      this.logs = new Float64Array(2 * kept.length);
    }
    for (let i = 0; i < kept.length; i++) {
      this.nodes[i] = ids[kept[i]];
      this.logs[i] = logs[kept[i]];
    }
  }

  private addLeaf(node: number, log: number): void {
    const { candidates, params } = this;
    candidates.begin(params.leafCap);
    this.addChildren(node, log);
    const kept = candidates.best(params.leafCap);
    for (let i = 0; i < kept.length; i++) {
      const k = kept[i];
      this.vote(candidates.ids[k], candidates.logs[k], candidates.margins[k]);
    }
  }

  private addChildren(node: number, log: number): void {
    const { a, candidates, chunks } = this;
    const { margins } = chunks;
    for (let chunk = a.nodeChunk[node]; chunk < a.nodeChunk[node + 1]; chunk++) {
      const first = a.chunkChild[chunk];
      const n = a.chunkChild[chunk + 1] - first;
      chunks.compute(chunk);
      for (let c = 0; c < n; c++) {
        const score = log + this.logScore(margins[c]);
        if (score >= candidates.floor) candidates.push(a.childId[first + c], score, margins[c]);
      }
    }
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
    if (margin >= 1) return 0;
    const doubt = 1 - margin;
    const { wholeExponent } = this;
    if (wholeExponent === 0) return -(doubt ** this.params.exponent);
    let power = doubt; // some multiplications take a small part of the time of a power
    for (let i = 1; i < wholeExponent; i++) power *= doubt;
    return -power;
  }
}

function grown<T extends Uint32Array | Float64Array>(array: T, type: new (length: number) => T): T {
  const larger = new type(2 * array.length);
  larger.set(array);
  return larger;
}
