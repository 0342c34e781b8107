/** Rows that may be waiting, as a multiple of those that are kept, and at least; more of them mean fewer, longer selections. */
const WAITING = 4;
const LEAST_WAITING = 256;

/**
 * The rows with the highest sums of those offered so far, in whatever order: by sum descending, ties by ascending row.
 *
 * Several times as many as are kept may wait before the worst are let go of: a selection among all of them takes less time
 * than keeping each in its place.
 */
export class NearestRows {
  /** Valid after `sort`: `n` rows and their sums, in order; after `cut`, in no order. */
  rows = new Uint32Array(256);
  sums = new Int32Array(256);
  n = 0;
  /** How many rows are kept. */
  size = 0;
  private capacity = 0;
  private least_ = 1;
  private leftOut: Uint8Array | undefined;

  /**
   * Begins anew.
   *
   * @param size how many rows are kept
   * @param leftOut shape (nRows) or longer: 1 where a row is passed over
   */
  begin(size: number, leftOut?: Uint8Array): void {
    this.n = 0;
    this.leftOut = leftOut;
    this.size = size;
    this.capacity = Math.max(LEAST_WAITING, WAITING * size);
    this.least_ = 1;
    if (this.rows.length < this.capacity) {
      this.rows = new Uint32Array(this.capacity);
      this.sums = new Int32Array(this.capacity);
    }
  }

  /** From now on other rows are passed over. @param leftOut as in `begin` */
  leaveOut(leftOut: Uint8Array | undefined): void {
    this.leftOut = leftOut;
  }

  /** A row with a lower sum need not be offered; at least 1. */
  get least(): number {
    return this.least_;
  }

  /** Offers a row that was not offered before. @returns false if it is passed over */
  offer(row: number, sum: number): boolean {
    if (sum < this.least_ || this.leftOut?.[row] === 1) return false;
    this.rows[this.n] = row;
    this.sums[this.n++] = sum;
    if (this.n === this.capacity) this.cut();
    return true;
  }

  /** Lets go of all but the best rows. */
  cut(): void {
    const { size } = this;
    if (this.n <= size) return;
    const { n } = this;
    this.n = size;
    if (size === 0) return;
    this.select(size - 1, n);
    this.least_ = this.sums[size - 1];
  }

  /** Lets go of all but the best rows, and puts these into order. */
  sort(): void {
    this.cut();
    for (let i = (this.n >> 1) - 1; i >= 0; i--) this.siftDown(this.rows[i], this.sums[i], i, this.n);
    for (let end = this.n - 1; end > 0; end--) {
      const row = this.rows[end];
      const sum = this.sums[end];
      this.put(end, this.rows[0], this.sums[0]);
      this.siftDown(row, sum, 0, end);
    }
  }

  /** Has place k of the first n hold the row that belongs there; better ones stand before it and worse ones behind. Expected O(n). */
  private select(k: number, n: number): void {
    const { rows, sums } = this;
    let low = 0;
    let high = n - 1;
    while (low < high) {
      const sum = sums[(low + high) >> 1];
      const row = rows[(low + high) >> 1];
      let i = low;
      let j = high;
      while (i <= j) {
        while (sums[i] > sum || (sums[i] === sum && rows[i] < row)) i++;
        while (sums[j] < sum || (sums[j] === sum && rows[j] > row)) j--;
        if (i > j) break;
        const [otherRow, otherSum] = [rows[i], sums[i]];
        this.put(i++, rows[j], sums[j]);
        this.put(j--, otherRow, otherSum);
      }
      if (k <= j) high = j;
      else if (k >= i) low = i;
      else return;
    }
  }

  /** Puts a row into the heap of the first `end` places, whose place `i` is free: the worst stands in front. */
  private siftDown(row: number, sum: number, from: number, end: number): void {
    const { rows, sums } = this;
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= end) break;
      if (child + 1 < end && this.isWorse(rows[child + 1], sums[child + 1], child)) child++;
      if (this.isWorse(row, sum, child)) break;
      this.put(i, rows[child], sums[child]);
      i = child;
    }
    this.put(i, row, sum);
  }

  /** Whether a row with a sum comes after the one at place i. */
  private isWorse(row: number, sum: number, i: number): boolean {
    return sum < this.sums[i] || (sum === this.sums[i] && row > this.rows[i]);
  }

  private put(i: number, row: number, sum: number): void {
    this.rows[i] = row;
    this.sums[i] = sum;
  }
}
