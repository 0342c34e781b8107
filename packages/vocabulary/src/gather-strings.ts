import { StringTable } from '@catchword/math';

/**
 * Copies the strings of a table that are named by their numbers, in that order; decodes nothing.
 *
 * @param order numbers of strings; `NO_STRING` gives the empty string
 */
export function gatherStrings(table: StringTable, order: ArrayLike<number>): StringTable {
  const offsets = new Uint32Array(order.length + 1);
  for (let i = 0; i < order.length; i++) {
    const k = order[i] as number;
    const length = k === NO_STRING ? 0 : (table.offsets[k + 1] as number) - (table.offsets[k] as number);
    offsets[i + 1] = (offsets[i] as number) + length;
  }
  const bytes = new Uint8Array(offsets[order.length] as number);
  const from = table.bytes;
  for (let i = 0; i < order.length; i++) {
    const k = order[i] as number;
    if (k === NO_STRING) continue;
    let to = offsets[i] as number;
    for (let b = table.offsets[k] as number, end = table.offsets[k + 1] as number; b < end; b++)
      bytes[to++] = from[b] as number;
  }
  return new StringTable(bytes, offsets);
}

/** Stands for no string where a number is wanted. */
export const NO_STRING = 0xffffffff;

/** @returns true where string i of a and string j of b are the same bytes */
export function equalStrings(a: StringTable, i: number, b: StringTable, j: number): boolean {
  const from = a.offsets[i] as number;
  const start = b.offsets[j] as number;
  const length = (a.offsets[i + 1] as number) - from;
  if (length !== (b.offsets[j + 1] as number) - start) return false;
  for (let k = 0; k < length; k++) if (a.bytes[from + k] !== b.bytes[start + k]) return false;
  return true;
}
