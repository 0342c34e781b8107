/** A Uint32Array that grows by doubling. */
export class Uint32List {
  data: Uint32Array;
  length = 0;

  constructor(capacity = 64) {
    this.data = new Uint32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.data.length) this.reserve(this.length + 1);
    this.data[this.length++] = value;
  }

  /** Makes room for at least `capacity` values; the values kept are unchanged. */
  reserve(capacity: number): void {
    if (capacity <= this.data.length) return;
    const grown = new Uint32Array(Math.max(capacity, this.data.length * 2, 16));
    grown.set(this.data);
    this.data = grown;
  }

  clear(): void {
    this.length = 0;
  }

  /** @returns a copy of the values pushed so far */
  toArray(): Uint32Array {
    return this.data.slice(0, this.length);
  }
}

/** A Float32Array that grows by doubling. */
export class Float32List {
  data: Float32Array;
  length = 0;

  constructor(capacity = 64) {
    this.data = new Float32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.data.length) this.reserve(this.length + 1);
    this.data[this.length++] = value;
  }

  /** Makes room for at least `capacity` values; the values kept are unchanged. */
  reserve(capacity: number): void {
    if (capacity <= this.data.length) return;
    const grown = new Float32Array(Math.max(capacity, this.data.length * 2, 16));
    grown.set(this.data);
    this.data = grown;
  }

  clear(): void {
    this.length = 0;
  }

  /** @returns a copy of the values pushed so far */
  toArray(): Float32Array {
    return this.data.slice(0, this.length);
  }
}
