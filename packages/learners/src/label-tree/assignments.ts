/**
 * Each row to its most similar cluster; ties to the smaller number.
 *
 * @param similarities shape (nRows, width), row-major, the first k of each row count
 */
export function assignNearest(similarities: Float32Array, width: number, nRows: number, k: number): Uint32Array {
  const of = new Uint32Array(nRows);
  for (let i = 0; i < nRows; i++) of[i] = nearest(similarities, i * width, k);
  return of;
}

/** Two clusters of equal size (the second one greater by one where nRows is odd), cut at the median of the similarities' difference. */
export function assignByMedian(similarities: Float32Array, width: number, nRows: number): Uint32Array {
  const order = Uint32Array.from({ length: nRows }, (_, i) => i);
  const difference = new Float64Array(nRows);
  for (let i = 0; i < nRows; i++) difference[i] = similarities[i * width] - similarities[i * width + 1];
  order.sort((a, b) => difference[b] - difference[a] || a - b);
  const of = new Uint32Array(nRows);
  for (let r = nRows >> 1; r < nRows; r++) of[order[r]] = 1;
  return of;
}

/**
 * At most ⌈nRows / k⌉ rows a cluster: what is full puts out its least similar row, which goes to the next best.
 *
 * @see Omikuji 0.5.2, `balanced_kmeans_update_partitions`
 */
export function assignBalanced(similarities: Float32Array, width: number, nRows: number, k: number): Uint32Array {
  const capacity = Math.ceil(nRows / k);
  const left = similarities.slice(0, nRows * width);
  const of = new Uint32Array(nRows);
  const heaps = new Uint32Array(k * (capacity + 1));
  const sizes = new Uint32Array(k);
  for (let i = 0; i < nRows; i++) {
    for (let row = i; ; ) {
      const c = nearest(left, row * width, k);
      of[row] = c;
      const similarity = (r: number) => left[r * width + c];
      const heap = heaps.subarray(c * (capacity + 1), (c + 1) * (capacity + 1));
      push(heap, sizes[c]++, row, similarity);
      if (sizes[c] <= capacity) break;
      row = pop(heap, sizes[c]--, similarity);
      left[row * width + c] = Number.NEGATIVE_INFINITY;
    }
  }
  return of;
}

function nearest(similarities: Float32Array, at: number, k: number): number {
  let best = 0;
  for (let c = 1; c < k; c++) if (similarities[at + c] > similarities[at + best]) best = c;
  return best;
}

/** Of equal similarity the later row is the lesser. */
function isLess(a: number, b: number, key: (row: number) => number): boolean {
  const ka = key(a);
  const kb = key(b);
  return ka < kb || (ka === kb && a > b);
}

function push(heap: Uint32Array, size: number, row: number, key: (row: number) => number): void {
  let i = size;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!isLess(row, heap[parent], key)) break;
    heap[i] = heap[parent];
    i = parent;
  }
  heap[i] = row;
}

function pop(heap: Uint32Array, size: number, key: (row: number) => number): number {
  const least = heap[0];
  const row = heap[size - 1];
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= size - 1) break;
    if (child + 1 < size - 1 && isLess(heap[child + 1], heap[child], key)) child++;
    if (!isLess(heap[child], row, key)) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = row;
  return least;
}
