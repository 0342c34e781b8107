/** Stretches so short are put in order. */
const SHORT = 12;

/**
 * Finds the k-th largest of the first n values, which are moved about. O(n) on average, quadratic at worst
 *
 * @param values no NaN; written
 * @param k from 1 to n
 * @returns the value that stands at place k when they are in descending order
 * @throws {RangeError} for any other k
 * @see Hoare 1961, algorithm 65: find
 */
export function kthLargest(values: Float64Array, n: number, k: number): number {
  if (!(k >= 1 && k <= n)) throw new RangeError(`there is no ${k}th of ${n} values`);
  const wanted = n - k;
  let low = 0;
  let high = n - 1;
  while (high - low >= SHORT) {
    const pivot = median(values[low], values[(low + high) >>> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    // What lies between j and i equals the pivot.
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else return pivot;
  }
  for (let i = low + 1; i <= high; i++) {
    const value = values[i];
    let at = i;
    for (; at > low && values[at - 1] > value; at--) values[at] = values[at - 1];
    values[at] = value;
  }
  return values[wanted];
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
