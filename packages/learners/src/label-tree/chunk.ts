import { Float32List, Uint32List } from '@catchword/math';
import { spreadBits, spreadFeature } from './spread-feature.js';

/** Weights of some children of a node: sparse rows, one for each feature that a child gives a weight. */
export interface Chunk {
  readonly nChildren: number;
  /** Weight of the constant feature, shape (nChildren). */
  readonly bias: Float32Array;
  /** What a step of a child's weights is worth, shape (nChildren). */
  readonly scale: Float32Array;
  /** A feature's bucket is its spread number without its lower `shift` bits. */
  readonly shift: number;
  /** First byte of each bucket and one more, shape (nBuckets + 1). */
  readonly bucketByte: Uint32Array;
  /**
   * The rows of each bucket, keys ascending: two bytes with the lower `shift` bits of its spread feature (the lesser first), a
   * byte that counts its weights, then two bytes a weight: the child, and the weight in steps of the child's scale (signed).
   * All that a look-up touches lies together: it waits for memory more than it computes.
   */
  readonly rowBytes: Uint8Array;
}

/** Bytes of a row before its weights. */
export const ROW_HEAD = 3;

/** A chunk's children are numbered by one byte, and so are the weights of a row counted. */
export const MOST_CHILDREN = 255;
/** Greatest weight in steps. */
const STEPS = 127;
const ROWS_IN_BUCKET = 4;

/** Gathers the weights of children and lays them out as a chunk. */
export class ChunkBuilder {
  private readonly nFeatures: number;
  private readonly nChildren: number;
  private readonly budget: number;
  private readonly bias: Float32Array;
  private readonly scale: Float32Array;
  private readonly entryFeature = new Uint32List(4096);
  /** Child · 256 + weight + 128. */
  private readonly entryWeight = new Uint32List(4096);
  private readonly feature = new Uint32List(1024);
  private readonly value = new Float32List(1024);
  private child = 0;

  /**
   * @param budget so many weights of a child are kept, the greatest ones; 0 is all
   * @throws {RangeError} for more children than a byte can number
   */
  constructor(nFeatures: number, nChildren: number, budget: number) {
    if (nChildren > MOST_CHILDREN) throw new RangeError(`${nChildren} children, at most ${MOST_CHILDREN} fit a chunk`);
    this.nFeatures = nFeatures;
    this.nChildren = nChildren;
    this.budget = budget;
    this.bias = new Float32Array(nChildren);
    this.scale = new Float32Array(nChildren);
  }

  /** Begins a child; children come in any order, each once. */
  begin(child: number, bias: number): void {
    this.child = child;
    this.bias[child] = bias;
    this.feature.clear();
    this.value.length = 0;
  }

  /** Adds a weight of the child that has begun; each feature once. */
  add(feature: number, weight: number): void {
    this.feature.push(feature);
    this.value.push(weight);
  }

  /** Rounds the child's weights to steps; of equal magnitudes at the budget's edge all are dropped. */
  end(): void {
    const { feature, value, budget, child } = this;
    const n = value.length;
    const magnitudes = value.data.slice(0, n);
    for (let i = 0; i < n; i++) magnitudes[i] = Math.abs(magnitudes[i]);
    const greatest = magnitudes.reduce((a, b) => Math.max(a, b), 0);
    let least = -1;
    if (budget > 0 && n > budget) {
      magnitudes.sort();
      least = magnitudes[n - budget - 1];
    }
    const scale = greatest / STEPS;
    this.scale[child] = scale;
    for (let i = 0; i < n; i++) {
      const v = value.data[i];
      const steps = Math.round(v / scale);
      if (Math.abs(v) <= least || steps === 0) continue;
      this.entryFeature.push(feature.data[i]);
      this.entryWeight.push(child * 256 + steps + 128);
    }
  }

  /** @returns the chunk; a child that has not begun has no weights and a bias of 0 */
  build(): Chunk {
    const { entryFeature, entryWeight, nFeatures } = this;
    const n = entryFeature.length;
    const bits = spreadBits(nFeatures);
    // sorted by spread feature, then child: both in one number
    const keys = new Float64Array(n);
    for (let i = 0; i < n; i++) keys[i] = spreadFeature(entryFeature.data[i], bits) * 65536 + entryWeight.data[i];
    keys.sort();
    let nRows = 0;
    for (let i = 0, last = -1; i < n; i++) {
      const s = Math.floor(keys[i] / 65536);
      if (s !== last) nRows++;
      last = s;
    }
    let shift = 0;
    while (shift < 16 && shift < bits && 2 ** (bits - shift) * ROWS_IN_BUCKET > nRows) shift++;
    const nBuckets = 2 ** (bits - shift);
    const bucketByte = new Uint32Array(nBuckets + 1);
    const rowBytes = new Uint8Array(nRows * ROW_HEAD + n * 2);
    const mask = 2 ** shift - 1;
    let at = 0;
    for (let i = 0, head = 0, last = -1; i < n; i++) {
      const s = Math.floor(keys[i] / 65536);
      const rest = keys[i] - s * 65536;
      if (s !== last) {
        head = at;
        at += ROW_HEAD;
        rowBytes[head] = s & mask & 255;
        rowBytes[head + 1] = (s & mask) >>> 8;
        last = s;
      }
      rowBytes[head + 2]++;
      rowBytes[at++] = rest >>> 8;
      rowBytes[at++] = (rest & 255) - 128;
      bucketByte[(s >>> shift) + 1] = at;
    }
    // a bucket without rows ends where it begins
    for (let b = 0; b < nBuckets; b++) if (bucketByte[b + 1] === 0) bucketByte[b + 1] = bucketByte[b];
    const { nChildren, bias, scale } = this;
    return { nChildren, bias, scale, shift, bucketByte, rowBytes };
  }
}
