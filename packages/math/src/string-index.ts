import type { StringTable } from './string-table.js';

/** As a whole number of 32 bits, so that the engine keeps hashes as such. */
export const HASH_START = 0x811c9dc5 | 0;
export const HASH_PRIME = 0x01000193;

/** FNV-1a over UTF-16 code units, finished by an avalanche step. */
export function hashString(s: string): number {
  let h: number = HASH_START;
  for (let i = 0; i < s.length; i++) h = Math.imul(h ^ s.charCodeAt(i), HASH_PRIME);
  return finished(h);
}

/** The avalanche step. */
export function finished(h: number): number {
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
}

/**
 * Finds the number of a string in a StringTable by open addressing; built once, stored as an array.
 *
 * Where a string occurs more than once in the table, its first number is found.
 */
export class StringIndex {
  readonly table: StringTable;
  /** Length a power of two; a slot holds a string's number + 1, or 0. */
  readonly slots: Uint32Array;

  constructor(table: StringTable, slots: Uint32Array) {
    this.table = table;
    this.slots = slots;
  }

  /** Indexes all strings of a table; empty strings are left out. O(bytes) */
  static build(table: StringTable): StringIndex {
    let capacity = 16;
    while (capacity < table.length * 2) capacity *= 2;
    const slots = new Uint32Array(capacity);
    const index = new StringIndex(table, slots);
    for (let i = 0; i < table.length; i++) {
      if (table.isEmpty(i)) continue;
      const slot = index.slotOf(table.get(i));
      if (slots[slot] === 0) slots[slot] = i + 1;
    }
    return index;
  }

  /** @returns the string's number, or -1 */
  find(s: string): number {
    if (s.length === 0) return -1;
    return this.slots[this.slotOf(s)] - 1;
  }

  private slotOf(s: string): number {
    const mask = this.slots.length - 1;
    let slot = hashString(s) & mask;
    while (this.slots[slot] !== 0 && !this.table.equals(this.slots[slot] - 1, s)) slot = (slot + 1) & mask;
    return slot;
  }
}
