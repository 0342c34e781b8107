import { readFileSync } from 'node:fs';
import { createKernelMemory, type KernelMemory, kernelMemoryOf, MOST_PAGES, PAGE } from './kernel-memory.js';

/** What `assembly/` exports; pointers are byte offsets into `memory`. */
interface KernelExports {
  multiplySparse(
    nRows: number,
    nCols: number,
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
    ridges: number,
    quiet: number,
  ): number;
  compactColumns(matrix: number, nRows: number, width: number, kept: number, from: number, scratch: number): void;
  shuffle(order: number, n: number, together: number, state: number): number;
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
  dotCodes(rows: number, nRows: number, width: number, queries: number, nQueries: number, out: number): void;
}

/** What is used of the global of that name; Node's types leave it to those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

let compiled: object | undefined;

/**
 * The WebAssembly kernels with a memory to work in; a thread makes one and keeps it.
 *
 * Memory only grows: what is laid out for one piece of work is overwritten by the next.
 */
export class Kernels {
  readonly run: KernelExports;
  private readonly memory: KernelMemory;
  /** Where the part of the memory begins that is this object's, and how long it is; all of it if nobody else has any. */
  private begin = 0;
  private length = 0;
  private readonly isAlone: boolean;

  /** @param memory to work in beside others; without it, one is made */
  constructor(memory?: KernelMemory) {
    compiled ??= new WebAssembly.Module(readFileSync(new URL('../dist/kernels.wasm', import.meta.url)));
    this.isAlone = memory === undefined;
    this.memory = memory ?? createKernelMemory(1);
    const instance = new WebAssembly.Instance(compiled, { env: { memory: this.memory } });
    this.run = instance.exports as KernelExports;
  }

  /** Kernels that reach what lies in a buffer; undefined if it lies outside of all memory for kernels. */
  static over(buffer: ArrayBufferLike): Kernels | undefined {
    const memory = kernelMemoryOf(buffer);
    return memory && new Kernels(memory);
  }

  /** Of the memory, while it does not grow; call `layOut` first. */
  get buffer(): SharedArrayBuffer {
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
    if (Math.ceil(end / PAGE) > MOST_PAGES) throw new RangeError(`${end} bytes do not fit into the 4 GiB of a kernel`);
    if (this.isAlone) {
      const missing = Math.ceil(end / PAGE) - this.memory.buffer.byteLength / PAGE;
      if (missing > 0) this.memory.grow(missing);
    } else if (end > this.length) {
      const pages = Math.ceil(end / PAGE);
      this.begin = this.memory.grow(pages) * PAGE;
      this.length = pages * PAGE;
    }
    return places.map((place) => this.begin + place);
  }
}
