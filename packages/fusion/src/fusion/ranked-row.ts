/** The next lower one of a positive float32 has the same bits less one. */
const FLOATS = new Float32Array(1);
const BITS = new Uint32Array(FLOATS.buffer);

/**
 * A document's candidates in their order, with probabilities that fall in it.
 *
 * Order and probabilities come from different places: the order from the ranking, probabilities from a curve for each band of training
 * frequency. Where they disagree, the candidates between share the mean of their probabilities (pool adjacent violators), so that a row's
 * sum stays, and what is said of many candidates stays right.
 */
export class RankedRow {
  /** Positions of the candidates, best first; the first `n` count. */
  order = new Uint32Array(256);
  /** Parallel to `order`: strictly falling. */
  probabilities = new Float32Array(256);
  n = 0;
  private sums = new Float64Array(256);
  private counts = new Uint32Array(256);

  /**
   * @param ids shape (n), distinct; candidates with equal keys are in their order
   * @param keys shape (n): what is ordered by, falling
   * @param probabilities shape (n), above 0
   * @param arrange changes the order by the keys
   */
  rank(
    ids: Uint32Array,
    keys: Float64Array,
    probabilities: Float64Array,
    n: number,
    arrange?: (order: Uint32Array) => void,
  ): void {
    if (this.order.length < n) this.grow(n * 2);
    this.n = n;
    const order = this.order.subarray(0, n);
    for (let i = 0; i < n; i++) order[i] = i;
    order.sort((a, b) => keys[b] - keys[a] || ids[a] - ids[b]);
    arrange?.(order);
    const { sums, counts } = this;
    let nBlocks = 0;
    for (let r = 0; r < n; r++) {
      let sum = probabilities[order[r]];
      let count = 1;
      while (nBlocks > 0 && sums[nBlocks - 1] * count <= sum * counts[nBlocks - 1]) {
        sum += sums[--nBlocks];
        count += counts[nBlocks];
      }
      sums[nBlocks] = sum;
      counts[nBlocks++] = count;
    }
    let r = 0;
    for (let block = 0; block < nBlocks; block++) {
      const mean = sums[block] / counts[block];
      for (let k = 0; k < counts[block]; k++, r++) this.put(r, mean);
    }
  }

  /** Puts a probability at a place, or where the one before is not higher, the next lower number. */
  private put(r: number, probability: number): void {
    const { probabilities } = this;
    probabilities[r] = probability;
    if (r === 0 || probabilities[r] < probabilities[r - 1]) return;
    FLOATS[0] = probabilities[r - 1];
    BITS[0]--;
    probabilities[r] = FLOATS[0];
  }

  private grow(n: number): void {
    this.order = new Uint32Array(n);
    this.probabilities = new Float32Array(n);
    this.sums = new Float64Array(n);
    this.counts = new Uint32Array(n);
  }
}
