import { hashString, StringTable } from '@catchword/math';

/**
 * Numbers distinct strings in order of first appearance, kept as bytes.
 *
 * The parsers cut their strings out of blocks of text; a Map of such strings would keep every block alive.
 */
export class UriTable {
  private bytes: Buffer = Buffer.allocUnsafe(1 << 16);
  private offsets = new Uint32Array(1 << 10);
  private hashes = new Uint32Array(1 << 10);
  /** A slot holds a number + 1, or 0. */
  private slots = new Uint32Array(1 << 11);
  private n = 0;
  private last = '';
  private lastNumber = -1;

  get length(): number {
    return this.n;
  }

  /** @returns the string's number; the empty string has one as well */
  intern(s: string): number {
    if (s === this.last && this.lastNumber >= 0) return this.lastNumber;
    const hash = hashString(s);
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    let number = (this.slots[slot] as number) - 1;
    while (number >= 0 && !(this.hashes[number] === hash && this.equals(number, s))) {
      slot = (slot + 1) & mask;
      number = (this.slots[slot] as number) - 1;
    }
    if (number < 0) number = this.add(s, hash, slot);
    this.last = s;
    this.lastNumber = number;
    return number;
  }

  get(number: number): string {
    return this.bytes.toString('utf8', this.offsets[number], this.offsets[number + 1]);
  }

  /** @returns views over the table as it is now */
  strings(): StringTable {
    return new StringTable(this.bytes.subarray(0, this.offsets[this.n]), this.offsets.subarray(0, this.n + 1));
  }

  private equals(number: number, s: string): boolean {
    const start = this.offsets[number] as number;
    const nBytes = (this.offsets[number + 1] as number) - start;
    if (nBytes < s.length) return false;
    if (nBytes > s.length) return this.get(number) === s; // not ASCII
    for (let i = 0; i < nBytes; i++) if (this.bytes[start + i] !== s.charCodeAt(i)) return false;
    return true;
  }

  private add(s: string, hash: number, slot: number): number {
    const end = this.offsets[this.n] as number;
    if (end + s.length * 3 > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, end + s.length * 3));
      this.bytes.copy(grown, 0, 0, end);
      this.bytes = grown;
    }
    if (this.n + 2 > this.offsets.length) {
      this.offsets = grownArray(this.offsets);
      this.hashes = grownArray(this.hashes);
    }
    this.hashes[this.n] = hash;
    this.slots[slot] = this.n + 1;
    this.offsets[this.n + 1] = end + this.bytes.write(s, end, 'utf8');
    const number = this.n++;
    if (this.n * 2 > this.slots.length) this.rehash();
    return number;
  }

  private rehash(): void {
    const slots = new Uint32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.n; number++) {
      let slot = (this.hashes[number] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.slots = slots;
  }
}

function grownArray(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(array.length * 2);
  grown.set(array);
  return grown;
}
