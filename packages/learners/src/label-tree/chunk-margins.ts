import { Kernels } from '@catchword/math';
import type { LabelTreeModel } from './label-tree-model.js';
import { spreadBits, spreadFeature } from './spread-feature.js';
import { BLOCK, BYTES_BEHIND, isWide, MOST_COLUMNS } from './weight-rows.js';

/** Bytes of the kernel's table of lanes. */
const LANES_BYTES = 256 * 32;
/** The kernel takes weights from the highest byte of four. */
const SCALE = 2 ** -24;
const LEAST_ROOM = 1024;

/** Computes the margins of a sparse row, a chunk's at a time, from a copy of the weights in the kernels' memory. */
export class ChunkMargins {
  /** Margins of the children of the chunk that `compute` was last called for. */
  readonly margins = new Float64Array(MOST_COLUMNS);
  private readonly model: LabelTreeModel;
  private readonly bits: number;
  private readonly kernels = new Kernels();
  private places: number[] = [];
  private capacity = 0;
  private n = 0;
  private keys = new Uint32Array(0);
  private values = new Float32Array(0);
  private sums = new Float32Array(0);

  /** @throws {RangeError} if the weights do not fit into the 4 GiB of a kernel */
  constructor(model: LabelTreeModel) {
    const { bucketAt, bucketBytes } = model.arrays;
    this.model = model;
    this.bits = spreadBits(model.nFeatures);
    this.makeRoom(LEAST_ROOM);
    const [buckets, bytes, lanes] = this.places;
    const { buffer, run } = this.kernels;
    new Uint32Array(buffer, buckets, bucketAt.length).set(bucketAt);
    new Uint8Array(buffer, bytes, bucketBytes.length).set(bucketBytes);
    run.fillLanes(lanes);
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
    const [buckets, bytes, lanes] = this.places;
    const first = chunkChild[chunk];
    const nChildren = chunkChild[chunk + 1] - first;
    this.kernels.run.sumWeightRows(
      this.keys.byteOffset,
      this.values.byteOffset,
      this.n,
      buckets + 4 * chunkBucket[chunk],
      bytes,
      chunkShift[chunk],
      isWide(nChildren) ? 1 : 0,
      lanes,
      this.places[6],
      sums.byteOffset,
      Math.ceil(nChildren / BLOCK),
    );
    for (let c = 0; c < nChildren; c++) margins[c] = sums[c] * childScale[first + c] + childBias[first + c];
  }

  /** Makes room for rows of n entries behind the weights, which stay where they are. */
  private makeRoom(n: number): void {
    const { bucketAt, bucketBytes } = this.model.arrays;
    this.capacity = n;
    const sizes = [
      bucketAt.byteLength,
      bucketBytes.length + BYTES_BEHIND,
      LANES_BYTES,
      MOST_COLUMNS * 4,
      n * 4,
      n * 4,
      (n + 1) * 8,
    ];
    const places = this.kernels.layOut(sizes);
    this.places = places;
    const { buffer } = this.kernels;
    this.sums = new Float32Array(buffer, places[3], MOST_COLUMNS);
    this.keys = new Uint32Array(buffer, places[4], n);
    this.values = new Float32Array(buffer, places[5], n);
  }
}
