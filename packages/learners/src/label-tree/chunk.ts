import { Float32List, Uint32List } from '@catchword/math';
import { spreadBits, spreadFeature } from './spread-feature.js';
import { layOutRows, MOST_COLUMNS, type WeightRows } from './weight-rows.js';

/** Weights of some children of a node: sparse rows, one for each feature that a child gives a weight. */
export interface Chunk {
  readonly nChildren: number;
  /** Weight of the constant feature, shape (nChildren). */
  readonly bias: Float32Array;
  /** What a step of a child's weights is worth, shape (nChildren). */
  readonly scale: Float32Array;
  /** Keys are spread features, columns are children, weights are steps of the child's scale. */
  readonly rows: WeightRows;
}

export const MOST_CHILDREN = MOST_COLUMNS;
/** Greatest weight in steps. */
const STEPS = 127;

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
   * @throws {RangeError} for more children than a row has columns
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
    const sorted = new Float64Array(n);
    for (let i = 0; i < n; i++) sorted[i] = spreadFeature(entryFeature.data[i], bits) * 65536 + entryWeight.data[i];
    sorted.sort();
    const keys = new Uint32Array(n);
    const columns = new Uint8Array(n);
    const steps = new Int8Array(n);
    for (let i = 0; i < n; i++) {
      keys[i] = Math.floor(sorted[i] / 65536);
      const rest = sorted[i] - keys[i] * 65536;
      columns[i] = rest >>> 8;
      steps[i] = (rest & 255) - 128;
    }
    const { nChildren, bias, scale } = this;
    return { nChildren, bias, scale, rows: layOutRows({ keys, columns, steps }, bits, nChildren) };
  }
}
