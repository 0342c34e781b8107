import { kthLargest } from '@catchword/math';

/** Room for a copy of the scores, which is moved about. */
let room = new Float64Array(1 << 10);

/**
 * Moves the rows with the k highest scores, and all that equal the last of them, to the front; in no order there. O(n)
 *
 * @param rows shape (n); written
 * @param scores shape (n), parallel to `rows`, no NaN; written
 * @returns how many rows are in front: n if that is at most k
 */
export function bestFirst(rows: Uint32Array, scores: Float64Array, n: number, k: number): number {
  if (n <= k) return n;
  if (room.length < n) room = new Float64Array(n * 2);
  for (let i = 0; i < n; i++) room[i] = scores[i];
  const least = kthLargest(room, n, k);
  let kept = 0;
  for (let i = 0; i < n; i++) {
    if (scores[i] < least) continue;
    const row = rows[i];
    const score = scores[i];
    rows[i] = rows[kept];
    scores[i] = scores[kept];
    rows[kept] = row;
    scores[kept++] = score;
  }
  return kept;
}
