import { hashString } from './string-index.js';

/**
 * A number that equal texts share and others do not, but for one pair in 2^53.
 *
 * @returns a whole number below 2^53
 */
export function contentHash(text: string): number {
  let h = 0x9747b28c ^ text.length;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x5bd1e995);
  h ^= h >>> 13;
  return hashString(text) * 2 ** 21 + (Math.imul(h, 0x5bd1e995) >>> 11);
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
