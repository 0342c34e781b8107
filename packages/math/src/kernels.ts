import { readFileSync } from 'node:fs';

/** What `assembly/` exports; pointers are byte offsets into `memory`. */
interface KernelExports {
  multiplySparse(
    nRows: number,
    indptr: number,
    indices: number,
    values: number,
    dense: number,
    width: number,
    out: number,
  ): void;
  hingeEpoch(
    groups: number,
    order: number,
    nRows: number,
    indptr: number,
    indices: number,
    values: number,
    own: number,
    inverse: number,
    classes: number,
    w: number,
    beta: number,
    extremes: number,
    scratch: number,
    activity: number,
    ridge: number,
    quiet: number,
  ): number;
  compactColumns(matrix: number, nRows: number, width: number, kept: number, from: number, scratch: number): void;
  shuffle(order: number, n: number, state: number): number;
  scoreTrees(
    nodePtr: number,
    missingPtr: number,
    leaves: number,
    alive: number,
    values: number,
    nTrees: number,
    nFeatures: number,
    X: number,
    rows: number,
    n: number,
    out: number,
  ): void;
  sumWeightRows(
    keys: number,
    values: number,
    n: number,
    buckets: number,
    bytes: number,
    shift: number,
    isWide: number,
    lanes: number,
    found: number,
    sums: number,
    nBlocks: number,
  ): void;
  fillLanes(lanes: number): void;
}

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of the global of that name; Node's types leave it to those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (pages: { initial: number; maximum: number }) => Memory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65_536;
/** 4 GiB, all that a 32-bit pointer reaches. */
const MOST_PAGES = 65_536;

let compiled: object | undefined;

/**
 * The WebAssembly kernels with a memory of their own; a thread makes one and keeps it.
 *
 * Memory only grows: what is laid out for one piece of work is overwritten by the next.
 */
export class Kernels {
  readonly run: KernelExports;
  private readonly memory: Memory;

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(new URL('../dist/kernels.wasm', import.meta.url)));
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
    const instance = new WebAssembly.Instance(compiled, { env: { memory: this.memory } });
    this.run = instance.exports as KernelExports;
  }

  /** Of the memory, while it does not grow; call `layOut` first. */
  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /**
   * Makes room for arrays of the given sizes, and takes back what was laid out before.
   *
   * @param nBytes size of each array
   * @returns where each begins, a multiple of 64 (a line of the cache); contents are whatever was there
   * @throws {RangeError} if they do not fit into 4 GiB
   */
  layOut(nBytes: readonly number[]): number[] {
    const places: number[] = [];
    let end = 0;
    for (const n of nBytes) {
      places.push(end);
      end = Math.ceil((end + n) / 64) * 64;
    }
    const missing = Math.ceil(end / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (Math.ceil(end / PAGE) > MOST_PAGES) throw new RangeError(`${end} bytes do not fit into the 4 GiB of a kernel`);
    if (missing > 0) this.memory.grow(missing);
    return places;
  }
}
