/** Bytes that are put one behind the other into large arrays, where what was put in follows each other without gaps. */
export class ByteOutput {
  /** The array at hand, another one whenever there is no more room. */
  bytes: Buffer = Buffer.alloc(0);
  private readonly nBytes: number;
  /** Of what was not taken yet. */
  private begin = 0;
  private end = 0;

  /** @param nBytes of each array, where that is enough */
  constructor(nBytes = 1 << 18) {
    this.nBytes = nBytes;
  }

  /** Bytes that were not taken yet. */
  get length(): number {
    return this.end - this.begin;
  }

  /** @returns the place in `bytes` from which on so many are to be written */
  reserve(nBytes: number): number {
    if (this.end + nBytes > this.bytes.length) this.grow(nBytes);
    this.end += nBytes;
    return this.end - nBytes;
  }

  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
  }

  /** @returns what was put in since this was called last; it is not written again */
  take(): Buffer {
    const taken = this.bytes.subarray(this.begin, this.end);
    this.begin = this.end;
    return taken;
  }

  private grow(nBytes: number): void {
    const { length } = this;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.nBytes, 2 * (length + nBytes)));
    this.bytes.copy(larger, 0, this.begin, this.end);
    this.bytes = larger;
    this.begin = 0;
    this.end = length;
  }
}
