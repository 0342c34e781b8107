import { BLOCK, isWide, MOST_COLUMNS } from './weight-rows.js';

/** Tells all weights of a bucket, `bytes[from]` to `bytes[to]`: the lower bits of their key, column and steps; in no order of keys. */
export function readBucket(
  bytes: Uint8Array,
  from: number,
  to: number,
  nColumns: number,
  onWeight: (lowerKey: number, column: number, steps: number) => void,
): void {
  if (from === to) return;
  const n = bytes[from];
  const starts = from + 1 + 2 * n;
  for (let r = 0; r < n; r++) {
    const key = bytes[from + 1 + 2 * r] | (bytes[from + 2 + 2 * r] << 8);
    const at = starts + n + bytes[starts + r];
    const wide = isWide(nColumns);
    const blocks = bytes[at] | (wide ? bytes[at + 1] << 8 : 0);
    let mask = at + (wide ? 2 : 1);
    let weight = mask;
    for (let rest = blocks; rest !== 0; rest &= rest - 1) weight++;
    for (let block = 0; block < MOST_COLUMNS / BLOCK; block++) {
      if ((blocks & (1 << block)) === 0) continue;
      for (let c = 0; c < BLOCK; c++) {
        if (bytes[mask] & (1 << c)) onWeight(key, block * BLOCK + c, (bytes[weight++] << 24) >> 24);
      }
      mask++;
    }
  }
}
