import type { StringTable } from '@catchword/math';

/** Finds labels among some of a table by open addressing over their bytes. */
export class LabelIndex {
  private readonly texts: StringTable;
  /** Length a power of two; a slot holds a label's number + 1, or 0. */
  private readonly slots: Uint32Array;

  private constructor(texts: StringTable, slots: Uint32Array) {
    this.texts = texts;
    this.slots = slots;
  }

  /** @param numbers the labels to find; of equal ones the first */
  static build(texts: StringTable, numbers: Iterable<number>): LabelIndex {
    const all = Uint32Array.from(numbers);
    let capacity = 16;
    while (capacity < all.length * 2) capacity *= 2;
    const index = new LabelIndex(texts, new Uint32Array(capacity));
    for (const k of all) {
      const slot = index.slotOf(texts.bytes, texts.offsets[k] as number, texts.offsets[k + 1] as number);
      if (index.slots[slot] === 0) index.slots[slot] = k + 1;
    }
    return index;
  }

  /** @returns the label's number in the table, or -1 */
  find(label: string): number {
    const bytes = Buffer.from(label);
    return (this.slots[this.slotOf(bytes, 0, bytes.length)] as number) - 1;
  }

  private slotOf(bytes: Uint8Array, from: number, to: number): number {
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    const mask = this.slots.length - 1;
    let slot = (hash ^ (hash >>> 13)) & mask;
    for (let k = this.slots[slot] as number; k !== 0; k = this.slots[slot] as number) {
      if (this.equals(k - 1, bytes, from, to)) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private equals(k: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.texts.offsets[k] as number;
    if ((this.texts.offsets[k + 1] as number) - start !== to - from) return false;
    for (let i = from; i < to; i++) if (bytes[i] !== this.texts.bytes[start + i - from]) return false;
    return true;
  }
}
