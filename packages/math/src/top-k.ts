/**
 * Selects the k entries with the highest scores.
 *
 * @param ids shape (n), distinct
 * @param scores shape (n), no NaN
 * @param n how many entries of both arrays count
 * @returns positions into `ids`, by score descending, ties by ascending id; min(k, n) of them. O(n log k)
 */
export function topK(ids: ArrayLike<number>, scores: ArrayLike<number>, n: number, k: number): Uint32Array {
  const size = Math.min(k, n);
  if (size <= 0) return new Uint32Array(0);
  const heap = new Uint32Array(size);
  for (let i = 0; i < size; i++) heap[i] = i;
  for (let i = (size >> 1) - 1; i >= 0; i--) siftDown(heap, ids, scores, i, size);
  for (let i = size; i < n; i++) {
    if (isWorse(ids, scores, heap[0], i)) {
      heap[0] = i;
      siftDown(heap, ids, scores, 0, size);
    }
  }
  for (let end = size - 1; end > 0; end--) {
    const worst = heap[0];
    heap[0] = heap[end];
    heap[end] = worst;
    siftDown(heap, ids, scores, 0, end);
  }
  return heap;
}

function siftDown(
  heap: Uint32Array,
  ids: ArrayLike<number>,
  scores: ArrayLike<number>,
  root: number,
  end: number,
): void {
  const item = heap[root];
  let i = root;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= end) break;
    if (child + 1 < end && isWorse(ids, scores, heap[child + 1], heap[child])) child++;
    if (!isWorse(ids, scores, heap[child], item)) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = item;
}

function isWorse(ids: ArrayLike<number>, scores: ArrayLike<number>, a: number, b: number): boolean {
  return scores[a] < scores[b] || (scores[a] === scores[b] && ids[a] > ids[b]);
}
