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

/** Weights of a child that has begun. */
interface OpenChild {
  child: number;
  readonly feature: Uint32List;
  readonly value: Float32List;
}

/** Gathers the weights of children and lays them out as a chunk, one chunk after the other in working memory that is kept. */
export class ChunkBuilder {
  private readonly nFeatures: number;
  private readonly budget: number;
  private readonly entryFeature = new Uint32List(4096);
  /** Child · 256 + weight + 128. */
  private readonly entryWeight = new Uint32List(4096);
  private readonly open: OpenChild[] = [];
  private nOpen = 0;
  private nChildren = 0;
  private bias = new Float32Array(0);
  private scale = new Float32Array(0);

  /** @param budget so many weights of a child are kept, the greatest ones; 0 is all */
  constructor(nFeatures: number, budget: number) {
    this.nFeatures = nFeatures;
    this.budget = budget;
  }

  /**
   * Begins a chunk.
   *
   * @throws {RangeError} for more children than a row has columns
   */
  start(nChildren: number): void {
    if (nChildren > MOST_CHILDREN) throw new RangeError(`${nChildren} children, at most ${MOST_CHILDREN} fit a chunk`);
    this.nChildren = nChildren;
    this.bias = new Float32Array(nChildren);
    this.scale = new Float32Array(nChildren);
    this.entryFeature.clear();
    this.entryWeight.clear();
    this.nOpen = 0;
  }

  /**
   * Begins a child; children come in any order, each once.
   *
   * @returns its number among those that have begun and not ended, from 0
   */
  begin(child: number, bias: number): number {
    this.bias[child] = bias;
    const { open, nOpen } = this;
    if (open.length === nOpen) {
      open.push({ child, feature: new Uint32List(1024), value: new Float32List(1024) });
    } else {
      open[nOpen].child = child;
      open[nOpen].feature.clear();
      open[nOpen].value.length = 0;
    }
    return this.nOpen++;
  }

  /** Adds a weight of a child that has begun; each feature once. */
  add(number: number, feature: number, weight: number): void {
    const child = this.open[number];
    child.feature.push(feature);
    child.value.push(weight);
  }

  /** Ends the children that have begun. */
  end(): void {
    for (let i = 0; i < this.nOpen; i++) this.round(this.open[i]);
    this.nOpen = 0;
  }

  /** Rounds a child's weights to steps; of equal magnitudes at the budget's edge all are dropped. */
  private round({ child, feature, value }: OpenChild): void {
    const { budget } = this;
    const n = value.length;
    const { data } = value;
    let greatest = 0;
    for (let i = 0; i < n; i++) greatest = Math.max(greatest, Math.abs(data[i]));
    let least = -1;
    if (budget > 0 && n > budget) {
      const magnitudes = data.slice(0, n);
      for (let i = 0; i < n; i++) magnitudes[i] = Math.abs(magnitudes[i]);
      magnitudes.sort();
      least = magnitudes[n - budget - 1];
    }
    const scale = greatest / STEPS;
    this.scale[child] = scale;
    for (let i = 0; i < n; i++) {
      const v = data[i];
      const steps = Math.round(v / scale);
      if (Math.abs(v) <= least || steps === 0) continue;
      this.entryFeature.push(feature.data[i]);
      this.entryWeight.push(child * 256 + steps + 128);
    }
  }

  /** @returns the chunk; a child that has not begun has no weights and a bias of 0 */
  build(): Chunk {
    const { entryFeature, entryWeight, nFeatures, nChildren, bias, scale } = this;
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
    return { nChildren, bias, scale, rows: layOutRows({ keys, columns, steps }, bits, nChildren) };
  }
}
