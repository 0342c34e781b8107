/** The rows with the highest sums of those offered so far, in whatever order: by sum descending, ties by ascending row. */
export class NearestRows {
  /** Valid after `sort`: `n` rows and their sums. */
  rows = new Uint32Array(256);
  sums = new Int32Array(256);
  n = 0;
  private size = 0;
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
    if (this.rows.length < size) {
      this.rows = new Uint32Array(size);
      this.sums = new Int32Array(size);
    }
  }

  /** From now on other rows are passed over. @param leftOut as in `begin` */
  leaveOut(leftOut: Uint8Array | undefined): void {
    this.leftOut = leftOut;
  }

  /** A row with a lower sum need not be offered; at least 1. */
  get least(): number {
    if (this.size === 0) return Number.POSITIVE_INFINITY;
    return this.n < this.size ? 1 : this.sums[0];
  }

  /** Offers a row that was not offered before. */
  offer(row: number, sum: number): void {
    if (sum < this.least || (this.n === this.size && this.isWorse(row, sum, 0))) return;
    if (this.leftOut?.[row] === 1) return;
    if (this.n < this.size) {
      let i = this.n++;
      for (; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (!this.isWorse(row, sum, parent)) break;
        this.move(parent, i);
        i = parent;
      }
      this.put(i, row, sum);
    } else {
      this.siftDown(row, sum, this.n);
    }
  }

  /** Puts the rows kept into order. */
  sort(): void {
    for (let end = this.n - 1; end > 0; end--) {
      const row = this.rows[end];
      const sum = this.sums[end];
      this.move(0, end);
      this.siftDown(row, sum, end);
    }
  }

  private siftDown(row: number, sum: number, end: number): void {
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= end) break;
      if (child + 1 < end && this.isWorse(this.rows[child + 1], this.sums[child + 1], child)) child++;
      if (this.isWorse(row, sum, child)) break;
      this.move(child, i);
      i = child;
    }
    this.put(i, row, sum);
  }

  /** Whether a row with a sum comes after the one at place i. */
  private isWorse(row: number, sum: number, i: number): boolean {
    return sum < this.sums[i] || (sum === this.sums[i] && row > this.rows[i]);
  }

  private move(from: number, to: number): void {
    this.put(to, this.rows[from], this.sums[from]);
  }

  private put(i: number, row: number, sum: number): void {
    this.rows[i] = row;
    this.sums[i] = sum;
  }
}
