import { finished, HASH_PRIME, HASH_START } from './string-index.js';

/** A stretch of a text as an array, which is read faster than a string. */
const stretch = new Uint16Array(1 << 13);
const stretchBytes = Buffer.from(stretch.buffer);

/**
 * A number that equal texts share and others do not, but for one pair in 2^53.
 *
 * @returns a whole number below 2^53
 */
export function contentHash(text: string): number {
  const { length } = text;
  let first: number = HASH_START;
  let second = 0x9747b28c ^ length;
  for (let from = 0; from < length; from += stretch.length) {
    const n = Math.min(stretch.length, length - from);
    stretchBytes.write(n === length ? text : text.slice(from, from + n), 'utf16le');
    for (let i = 0; i < n; i++) {
      const unit = stretch[i] as number;
      first = Math.imul(first ^ unit, HASH_PRIME);
      second = Math.imul(second ^ unit, 0x5bd1e995);
    }
  }
  second ^= second >>> 13;
  return finished(first) * 2 ** 21 + (Math.imul(second, 0x5bd1e995) >>> 11);
}

/** @param sorted ascending */
export function holds(sorted: Float64Array, value: number): boolean {
  return sorted[firstPlace(sorted, value)] === value;
}

/**
 * @param sorted ascending
 * @returns the first place whose value is not smaller; the length where there is none
 */
export function firstPlace(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
