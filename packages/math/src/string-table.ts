/**
 * Many strings in two typed arrays: UTF-8 bytes and offsets. Strings are decoded when asked for.
 *
 * A lone surrogate becomes U+FFFD, as everywhere where text becomes UTF-8.
 */
export class StringTable {
  readonly bytes: Uint8Array;
  /** Shape (length + 1), in bytes. */
  readonly offsets: Uint32Array;
  private readonly buffer: Buffer;

  constructor(bytes: Uint8Array, offsets: Uint32Array) {
    this.bytes = bytes;
    this.offsets = offsets;
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static from(strings: Iterable<string>): StringTable {
    const builder = new StringTableBuilder();
    for (const s of strings) builder.push(s);
    return builder.build();
  }

  get length(): number {
    return this.offsets.length - 1;
  }

  /** @throws {RangeError} if there is no string i */
  get(i: number): string {
    if (!(i >= 0 && i < this.length)) throw new RangeError(`no string ${i} in a table of ${this.length}`);
    return this.buffer.toString('utf8', this.offsets[i], this.offsets[i + 1]);
  }

  /** Whether string i is `s`; most others are told apart without decoding. */
  equals(i: number, s: string): boolean {
    const from = this.offsets[i];
    const n = this.offsets[i + 1] - from;
    if (n < s.length) return false;
    if (n === s.length) {
      // As many bytes as code units: equal only if all are ASCII.
      for (let k = 0; k < n; k++)
        if (this.bytes[from + k] !== s.charCodeAt(k)) return s.charCodeAt(k) > 127 && this.get(i) === s;
      return true;
    }
    const first = s.charCodeAt(0);
    if (first < 128 && this.bytes[from] !== first) return false;
    return this.get(i) === s;
  }

  /** True where string i is empty; decodes nothing. */
  isEmpty(i: number): boolean {
    return this.offsets[i] === this.offsets[i + 1];
  }
}

/** Collects strings for a StringTable. */
export class StringTableBuilder {
  private bytes: Buffer = Buffer.allocUnsafe(1 << 12);
  private offsets = new Uint32Array(256);
  private n = 0;
  private end = 0;

  get length(): number {
    return this.n;
  }

  /** @returns the number of the string */
  push(s: string): number {
    const most = s.length * 3;
    if (this.end + most > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + most));
      this.bytes.copy(grown, 0, 0, this.end);
      this.bytes = grown;
    }
    if (this.n + 2 > this.offsets.length) {
      const grown = new Uint32Array(this.offsets.length * 2);
      grown.set(this.offsets);
      this.offsets = grown;
    }
    this.end += this.bytes.write(s, this.end, 'utf8');
    this.offsets[++this.n] = this.end;
    return this.n - 1;
  }

  build(): StringTable {
    return new StringTable(new Uint8Array(this.bytes.subarray(0, this.end)), this.offsets.slice(0, this.n + 1));
  }
}
