import { expect, test } from 'vitest';
import { packArrays, viewArrays } from './array-pack.js';
import { allocateForKernels, kernelMemoryOf } from './kernel-memory.js';
import { Kernels } from './kernels.js';

test('kernels work beside what lies in a buffer, each in a part of its own', () => {
  const buffer = allocateForKernels(100_000);
  expect(buffer.byteLength).toBeGreaterThanOrEqual(100_000);
  const bytes = new Uint8Array(buffer).fill(7);
  const [one, other] = [Kernels.over(buffer), Kernels.over(buffer)] as [Kernels, Kernels];
  const [a] = one.layOut([40_000]) as [number];
  const [b] = other.layOut([40_000]) as [number];
  expect(Math.abs(a - b)).toBeGreaterThanOrEqual(40_000);
  expect(Math.min(a, b)).toBeGreaterThanOrEqual(buffer.byteLength);
  expect(one.layOut([100, 200])).toEqual([a, a + 128]);
  const [larger] = one.layOut([200_000]) as [number];
  new Uint8Array(one.buffer, larger, 200_000).fill(1);
  new Uint8Array(other.buffer, b, 40_000).fill(2);
  expect(bytes.every((byte) => byte === 7)).toBe(true);
  expect(new Uint8Array(one.buffer, larger, 200_000).every((byte) => byte === 1)).toBe(true);
});

test('a pack brings its memory along to another thread', () => {
  const { places } = packArrays({ a: Uint8Array.of(1, 2, 3) });
  const buffer = allocateForKernels(16);
  new Uint8Array(buffer).set([1, 2, 3]);
  const { memory, ...rest } = structuredClone({ buffer, places, memory: kernelMemoryOf(buffer) });
  expect(viewArrays(rest).a).toEqual(Uint8Array.of(1, 2, 3));
  expect(kernelMemoryOf(rest.buffer)).toBeUndefined();
  const { a } = viewArrays({ ...rest, memory });
  expect(kernelMemoryOf((a as Uint8Array).buffer)).toBe(memory);
  const kernels = Kernels.over(rest.buffer) as Kernels;
  kernels.layOut([64]);
  expect(new Uint8Array(kernels.buffer, 0, 3)).toEqual(Uint8Array.of(1, 2, 3));
});

test('buffers of another making are in no memory for kernels', () => {
  expect(Kernels.over(new SharedArrayBuffer(8))).toBeUndefined();
});
