/** Bytes of a page of WebAssembly memory. */
export const PAGE = 65_536;
/** 4 GiB, all that a 32-bit pointer reaches. */
export const MOST_PAGES = 65_536;
/** What kernels may lay out behind an array buffer. */
const ROOM_BEHIND = 64 << 20;

/** Memory that WebAssembly kernels work in and threads share; it only grows. */
export interface KernelMemory {
  /** Of its present length; buffers that were taken before a growth stay good for their part. */
  readonly buffer: SharedArrayBuffer;
  /** @returns pages there were before */
  grow(pages: number): number;
}

/** What is used of the global of that name; Node's types leave it to those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (pages: { initial: number; maximum: number; shared: true }) => KernelMemory;
};

const memories = new WeakMap<ArrayBufferLike, KernelMemory>();

/** @throws {RangeError} if there is no room */
export function createKernelMemory(pages: number): KernelMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: MOST_PAGES, shared: true });
}

/**
 * Allocates a buffer that kernels can work in without a copy, in all threads.
 *
 * @returns at least `nBytes` long; beyond what kernels reach, a buffer of its own, see `kernelMemoryOf`
 * @throws {RangeError} if there is no room
 */
export function allocateForKernels(nBytes: number): SharedArrayBuffer {
  if (nBytes + ROOM_BEHIND > MOST_PAGES * PAGE) return new SharedArrayBuffer(nBytes);
  const memory = createKernelMemory(Math.ceil(nBytes / PAGE));
  const { buffer } = memory;
  memories.set(buffer, memory);
  return buffer;
}

/** The memory that a buffer is the beginning of: if `allocateForKernels` made it, or it came in a pack that says so. */
export function kernelMemoryOf(buffer: ArrayBufferLike): KernelMemory | undefined {
  return memories.get(buffer);
}

/** Remembers what memory a buffer is the beginning of, where both come from another thread. */
export function noteKernelMemory(buffer: ArrayBufferLike, memory: KernelMemory): void {
  memories.set(buffer, memory);
}
