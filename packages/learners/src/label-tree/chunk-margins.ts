import { Kernels } from '@catchword/math';
import type { LabelTreeModel } from './label-tree-model.js';
import { spreadBits, spreadFeature } from './spread-feature.js';
import { BLOCK, BYTES_BEHIND, isWide, MOST_COLUMNS } from './weight-rows.js';

/** Bytes of the kernel's table of lanes. */
const LANES_BYTES = 256 * 32;
/** The kernel takes weights from the highest byte of four. */
const SCALE = 2 ** -24;
const LEAST_ROOM = 1024;

/**
 * Computes the margins of a sparse row, a chunk's at a time. The kernels use the model's arrays as they lie if these are in memory
 * for kernels, or else a copy of them.
 */
export class ChunkMargins {
  /** Margins of the children of the chunk that `compute` was last called for. */
  readonly margins = new Float64Array(MOST_COLUMNS);
  private readonly model: LabelTreeModel;
  private readonly bits: number;
  private readonly kernels: Kernels;
  /** Bytes of the model that lie before the working memory. */
  private readonly copied: readonly [number, number];
  private buckets = 0;
  private bytes = 0;
  private lanes = 0;
  private found = 0;
  private capacity = 0;
  private n = 0;
  private keys: Uint32Array = new Uint32Array(0);
  private values: Float32Array = new Float32Array(0);
  private sums: Float32Array = new Float32Array(0);

  /** @throws {RangeError} if the weights do not fit into the 4 GiB of a kernel */
  constructor(model: LabelTreeModel) {
    const { bucketAt, bucketBytes } = model.arrays;
    this.model = model;
    this.bits = spreadBits(model.nFeatures);
    const shared = bucketAt.buffer === bucketBytes.buffer ? Kernels.over(bucketBytes.buffer) : undefined;
    this.kernels = shared ?? new Kernels();
    this.copied = shared ? [0, 0] : [bucketAt.byteLength, bucketBytes.length + BYTES_BEHIND];
    this.makeRoom(LEAST_ROOM);
    if (shared) {
      this.buckets = bucketAt.byteOffset;
      this.bytes = bucketBytes.byteOffset;
      return;
    }
    const { buffer } = this.kernels;
    new Uint32Array(buffer, this.buckets, bucketAt.length).set(bucketAt);
    new Uint8Array(buffer, this.bytes, bucketBytes.length).set(bucketBytes);
  }

  /** Takes a row; entries from..to of `indices` and `values`. Features that the model does not know are passed over. */
  load(indices: ArrayLike<number>, values: ArrayLike<number>, from: number, to: number): void {
    if (to - from > this.capacity) this.makeRoom(2 * (to - from));
    const { keys, values: scaled, bits } = this;
    const { nFeatures } = this.model;
    let n = 0;
    for (let e = from; e < to; e++) {
      if (indices[e] >= nFeatures) continue;
      keys[n] = spreadFeature(indices[e], bits);
      scaled[n++] = values[e] * SCALE;
    }
    this.n = n;
  }

  /** Leaves the margins of a chunk's children in `margins`. */
  compute(chunk: number): void {
    const { margins, sums } = this;
    const { chunkChild, chunkBucket, chunkShift, childScale, childBias } = this.model.arrays;
    const first = chunkChild[chunk];
    const nChildren = chunkChild[chunk + 1] - first;
    this.kernels.run.sumWeightRows(
      this.keys.byteOffset,
      this.values.byteOffset,
      this.n,
      this.buckets + 4 * chunkBucket[chunk],
      this.bytes,
      chunkShift[chunk],
      isWide(nChildren) ? 1 : 0,
      this.lanes,
      this.found,
      sums.byteOffset,
      Math.ceil(nChildren / BLOCK),
    );
    for (let c = 0; c < nChildren; c++) margins[c] = sums[c] * childScale[first + c] + childBias[first + c];
  }

  /** Makes room for rows of n entries, behind the copy of the model if there is one, which stays where it is. */
  private makeRoom(n: number): void {
    this.capacity = n;
    const sizes = [...this.copied, LANES_BYTES, MOST_COLUMNS * 4, n * 4, n * 4, (n + 1) * 8];
    const [buckets, bytes, lanes, sums, keys, values, found] = this.kernels.layOut(sizes);
    if (this.copied[1] > 0) {
      this.buckets = buckets;
      this.bytes = bytes;
    }
    this.lanes = lanes;
    this.found = found;
    const { buffer, run } = this.kernels;
    this.sums = new Float32Array(buffer, sums, MOST_COLUMNS);
    this.keys = new Uint32Array(buffer, keys, n);
    this.values = new Float32Array(buffer, values, n);
    run.fillLanes(lanes);
  }
}
