/**
 * Sparse rows of weights in a hash table, as the kernel `sumWeightRows` reads them: all that a look-up touches lies together,
 * since it waits for memory more than it computes. `assembly/sum-weight-rows.ts` in math tells the bytes of a bucket.
 */
import { Uint32List } from '@catchword/math';

/** Columns of a block. */
export const BLOCK = 8;
/** The blocks that a row has weights in are the bits of two bytes. */
export const MOST_COLUMNS = 16 * BLOCK;
/** What the kernel may read behind the last bucket. */
export const BYTES_BEHIND = 64;
const MOST_SHIFT = 16;
/** On average the buckets are half to wholly as full: as many keys as a SIMD register holds. */
const ROWS_IN_BUCKET = 8;

/** A table as it is laid out. */
export interface WeightRows {
  /** A key's bucket is its number without its lower `shift` bits. */
  readonly shift: number;
  /** First byte of each bucket and one more, shape (nBuckets + 1). */
  readonly bucketAt: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Weights by their key, column and steps. */
export interface WeightEntries {
  /** Below 2^bits, ascending. */
  readonly keys: Uint32Array;
  /** Ascending within a key. */
  readonly columns: Uint8Array;
  /** -127 to 127. */
  readonly steps: Int8Array;
}

/** Whether a row of so many columns needs two bytes for its blocks. */
export function isWide(nColumns: number): boolean {
  return nColumns > 8 * BLOCK;
}

/** Lays the rows of weights out. */
export function layOutRows(entries: WeightEntries, bits: number, nColumns: number): WeightRows {
  const rows = findRows(entries, isWide(nColumns));
  const { nRows, starts, lengths } = rows;
  const { keys } = entries;
  let shift = 0;
  while (shift < MOST_SHIFT && shift < bits && 2 ** (bits - shift - 1) * ROWS_IN_BUCKET >= nRows) shift++;
  while (shift > 0 && !fitsBuckets(keys, rows, shift)) shift--;
  const mask = 2 ** shift - 1;
  const bucketAt = new Uint32Array(2 ** (bits - shift) + 1);
  const bytes = new Uint8Array(nRows * 4 + lengths.reduce((sum, length) => sum + length, 0));
  const order = new Uint32Array(255);
  let at = 0;
  for (let row = 0; row < nRows; ) {
    const bucket = keys[starts[row]] >>> shift;
    let end = row;
    while (end < nRows && keys[starts[end]] >>> shift === bucket) end++;
    const n = end - row;
    orderByLength(order, lengths, row, end);
    bytes[at] = n;
    let next = at + 1 + 3 * n;
    const firstRow = next;
    for (let i = 0; i < n; i++) {
      const r = order[i];
      const lower = keys[starts[r]] & mask;
      bytes[at + 1 + 2 * i] = lower & 255;
      bytes[at + 2 + 2 * i] = lower >>> 8;
      bytes[at + 1 + 2 * n + i] = next - firstRow;
      writeRow(bytes, next, isWide(nColumns), entries, starts[r], starts[r + 1]);
      next += lengths[r];
    }
    at = next;
    row = end;
    bucketAt[bucket + 1] = at;
  }
  // a bucket without rows ends where it begins
  for (let b = 1; b < bucketAt.length; b++) if (bucketAt[b] === 0) bucketAt[b] = bucketAt[b - 1];
  return { shift, bucketAt, bytes: bytes.slice(0, at) };
}

interface Rows {
  readonly nRows: number;
  /** First weight of each row and one more. */
  readonly starts: Uint32Array;
  /** Bytes of each row. */
  readonly lengths: Uint32Array;
}

function findRows({ keys, columns }: WeightEntries, wide: boolean): Rows {
  const starts = new Uint32List(1024);
  for (let i = 0; i < keys.length; i++) if (i === 0 || keys[i] !== keys[i - 1]) starts.push(i);
  const nRows = starts.length;
  starts.push(keys.length);
  const lengths = new Uint32Array(nRows);
  for (let row = 0; row < nRows; row++) {
    const from = starts.data[row];
    const to = starts.data[row + 1];
    let nBlocks = 1;
    for (let i = from + 1; i < to; i++) if (columns[i] >>> 3 !== columns[i - 1] >>> 3) nBlocks++;
    lengths[row] = (wide ? 2 : 1) + nBlocks + to - from;
  }
  return { nRows, starts: starts.data, lengths };
}

/** Whether a byte numbers the rows of each bucket, and tells where each begins. */
function fitsBuckets(keys: Uint32Array, { nRows, starts, lengths }: Rows, shift: number): boolean {
  let n = 0;
  let sum = 0;
  let longest = 0;
  for (let row = 0; row < nRows; row++) {
    if (row > 0 && keys[starts[row]] >>> shift !== keys[starts[row - 1]] >>> shift) n = sum = longest = 0;
    n++;
    sum += lengths[row];
    longest = Math.max(longest, lengths[row]);
    if (n > 255 || sum - longest > 255) return false;
  }
  return true;
}

/** Writes rows from..to into `order`, the longest last: where it ends needs no byte. */
function orderByLength(order: Uint32Array, lengths: Uint32Array, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    let i = row - from;
    for (; i > 0 && lengths[order[i - 1]] > lengths[row]; i--) order[i] = order[i - 1];
    order[i] = row;
  }
}

function writeRow(
  bytes: Uint8Array,
  at: number,
  wide: boolean,
  { columns, steps }: WeightEntries,
  from: number,
  to: number,
): void {
  const masks = at + (wide ? 2 : 1);
  let nBlocks = 0;
  for (let i = from; i < to; i++) {
    const block = columns[i] >>> 3;
    if (i === from || block !== columns[i - 1] >>> 3) nBlocks++;
    bytes[at + (block >>> 3)] |= 1 << (block & 7);
    bytes[masks + nBlocks - 1] |= 1 << (columns[i] & 7);
  }
  for (let i = from; i < to; i++) bytes[masks + nBlocks + i - from] = steps[i]; // a signed byte
}

/**
 * Reads one weight of a bucket, `bytes[from]` to `bytes[to]`.
 *
 * @returns its steps; 0 where there is none
 */
export function bucketWeight(
  bytes: Uint8Array,
  from: number,
  to: number,
  nColumns: number,
  lowerKey: number,
  column: number,
): number {
  if (from === to) return 0;
  const n = bytes[from];
  const starts = from + 1 + 2 * n;
  let r = 0;
  while (r < n && (bytes[from + 1 + 2 * r] | (bytes[from + 2 + 2 * r] << 8)) !== lowerKey) r++;
  if (r === n) return 0;
  const at = starts + n + bytes[starts + r];
  const wide = isWide(nColumns);
  const blocks = bytes[at] | (wide ? bytes[at + 1] << 8 : 0);
  const block = column >>> 3;
  if ((blocks & (1 << block)) === 0) return 0;
  const masks = at + (wide ? 2 : 1);
  const before = bitCount(blocks & ((1 << block) - 1));
  const mask = bytes[masks + before];
  if ((mask & (1 << (column & 7))) === 0) return 0;
  let weight = masks + bitCount(blocks) + bitCount(mask & ((1 << (column & 7)) - 1));
  for (let i = 0; i < before; i++) weight += bitCount(bytes[masks + i]);
  return (bytes[weight] << 24) >> 24;
}

/** @param bits 16 of them */
function bitCount(bits: number): number {
  let n = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) n++;
  return n;
}
