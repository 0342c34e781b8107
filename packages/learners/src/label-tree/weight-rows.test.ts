import { Kernels, Random } from '@catchword/math';
import { describe, expect, test } from 'vitest';
import { BYTES_BEHIND, bucketWeight, isWide, layOutRows, type WeightEntries, type WeightRows } from './weight-rows.js';
import { readBucket } from './weight-rows.test.fixture.js';

/** Weights of distinct keys and columns; `keyOf` makes keys of numbers. */
function entries(
  n: number,
  nKeys: number,
  nColumns: number,
  keyOf: (k: number) => number,
  seed: number,
): WeightEntries {
  const random = new Random(seed);
  const places = new Set<number>();
  while (places.size < n) places.add(keyOf(random.below(nKeys)) * 256 + random.below(nColumns));
  const sorted = [...places].sort((a, b) => a - b);
  return {
    keys: Uint32Array.from(sorted, (p) => Math.floor(p / 256)),
    columns: Uint8Array.from(sorted, (p) => p % 256),
    steps: Int8Array.from(sorted, () => (random.below(2) ? 1 : -1) * (1 + random.below(127))),
  };
}

function readAll({ shift, bucketAt, bytes }: WeightRows, nColumns: number): number[][] {
  const found: number[][] = [];
  for (let b = 0; b + 1 < bucketAt.length; b++) {
    readBucket(bytes, bucketAt[b], bucketAt[b + 1], nColumns, (lower, column, steps) => {
      found.push([b * 2 ** shift + lower, column, steps]);
    });
  }
  return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

function sumByKernel(rows: WeightRows, nColumns: number, keys: readonly number[], values: readonly number[]): number[] {
  const kernels = new Kernels();
  const sizes = [
    rows.bucketAt.length * 4,
    rows.bytes.length + BYTES_BEHIND,
    8192,
    512,
    keys.length * 4,
    keys.length * 4,
    keys.length * 8 + 8,
  ];
  const [buckets, bytes, lanes, sums, k, v, found] = kernels.layOut(sizes);
  const { buffer, run } = kernels;
  new Uint8Array(buffer).fill(171); // whatever was there before
  new Uint32Array(buffer, buckets, rows.bucketAt.length).set(rows.bucketAt);
  new Uint8Array(buffer, bytes, rows.bytes.length).set(rows.bytes);
  new Uint32Array(buffer, k, keys.length).set(keys);
  new Float32Array(buffer, v, keys.length).set(values.map((value) => value * 2 ** -24));
  run.fillLanes(lanes);
  const nBlocks = Math.ceil(nColumns / 8);
  run.sumWeightRows(
    k,
    v,
    keys.length,
    buckets,
    bytes,
    rows.shift,
    isWide(nColumns) ? 1 : 0,
    lanes,
    found,
    sums,
    nBlocks,
  );
  return [...new Float32Array(buffer, sums, nColumns)];
}

describe('layOutRows', () => {
  test.each([
    ['few rows', 30, 12, 5, 17, (k: number) => k * 101],
    ['many full rows', 20_000, 400, 64, 17, (k: number) => k * 317],
    ['a hundred columns', 5000, 300, 100, 12, (k: number) => k * 11],
    ['all columns there can be', 3000, 90, 128, 19, (k: number) => k * 5000],
    ['keys that lie together', 900, 600, 3, 19, (k: number) => k],
    ['one column, one weight', 1, 1, 1, 3, () => 7],
    ['no weights', 0, 1, 4, 5, () => 0],
  ])('what it lays out is read again, and summed by the kernel: %s', (_, n, nKeys, nColumns, bits, keyOf) => {
    const { keys, columns, steps } = entries(n, nKeys, nColumns, keyOf, n);
    const rows = layOutRows({ keys, columns, steps }, bits, nColumns);
    expect(readAll(rows, nColumns)).toEqual(Array.from(keys, (key, i) => [key, columns[i], steps[i]]));

    const { shift, bucketAt, bytes } = rows;
    const weightAt = (key: number, column: number) => {
      const b = key >>> shift;
      return bucketWeight(bytes, bucketAt[b], bucketAt[b + 1], nColumns, key & (2 ** shift - 1), column);
    };
    expect(Array.from(keys, (key, i) => weightAt(key, columns[i]))).toEqual([...steps]);
    const random = new Random(5);
    const there = new Set(Array.from(keys, (key, i) => key * 256 + columns[i]));
    for (let i = 0; i < 500; i++) {
      const key = random.below(2) && n > 0 ? keys[random.below(n)] : random.below(2 ** bits);
      const column = random.below(nColumns);
      if (!there.has(key * 256 + column)) expect(weightAt(key, column)).toBe(0);
    }

    const x = new Map<number, number>();
    for (let i = 0; i < 200; i++) {
      const key = random.below(2) && n > 0 ? keys[random.below(n)] : random.below(2 ** bits);
      x.set(key, random.uniform());
    }
    const sums = sumByKernel(rows, nColumns, [...x.keys()], [...x.values()]);
    const expected = new Float64Array(nColumns);
    for (let i = 0; i < n; i++) expected[columns[i]] += (x.get(keys[i]) ?? 0) * steps[i];
    for (let c = 0; c < nColumns; c++) expect(Math.abs(sums[c] - expected[c])).toBeLessThan(0.01);
  });
});
