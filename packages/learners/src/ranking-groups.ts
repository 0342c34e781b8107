/** Which rows are ranked against each other: a group is a document with its candidates. */
export interface RankingGroups {
  /** Shape (nGroups + 1): a group's rows are [groupPtr[g], groupPtr[g + 1]). */
  readonly groupPtr: Uint32Array;
  /** Shape (nGroups): right answers of each group, those that are no row of it included: they count in the ideal ranking. */
  readonly nRight: Uint32Array;
  /** Ranks that count, from the first. */
  readonly truncation: number;
}

/** Groups as a shard reads them, over shared memory. */
export interface RankingData {
  readonly groupPtr: Uint32Array;
  /** Shape (nGroups): 1 / DCG of the ideal ranking; 0 where nothing is right. */
  readonly inverseIdeal: Float64Array;
  readonly truncation: number;
}

/** @returns what a right answer at a rank, from 0, is worth */
export function discount(rank: number): number {
  return 1 / Math.log2(rank + 2);
}

/** @throws {RangeError} if the groups are not of nRows rows */
export function rankingData({ groupPtr, nRight, truncation }: RankingGroups, nRows: number): RankingData {
  const nGroups = groupPtr.length - 1;
  if (nRight.length !== nGroups) throw new RangeError(`${nGroups} groups but right answers of ${nRight.length}`);
  const ascends = groupPtr.every((at, g) => (g === 0 ? at === 0 : at >= groupPtr[g - 1]));
  if (!ascends || groupPtr[nGroups] !== nRows) {
    throw new RangeError(`groups up to row ${groupPtr[nGroups]} but ${nRows} rows`);
  }
  if (!(Number.isInteger(truncation) && truncation >= 1)) throw new RangeError(`no ranks count: ${truncation}`);
  const inverseIdeal = new Float64Array(new SharedArrayBuffer(nGroups * 8));
  for (let g = 0; g < nGroups; g++) {
    let ideal = 0;
    for (let r = 0; r < Math.min(nRight[g], truncation); r++) ideal += discount(r);
    inverseIdeal[g] = ideal > 0 ? 1 / ideal : 0;
  }
  const shared = new Uint32Array(new SharedArrayBuffer(groupPtr.byteLength));
  shared.set(groupPtr);
  return { groupPtr: shared, inverseIdeal, truncation };
}

/** @returns the border of groups that is nearest to a row */
export function nearestBorder(groupPtr: Uint32Array, row: number): number {
  let g = 0;
  while (g + 1 < groupPtr.length && groupPtr[g + 1] <= row) g++;
  const [below, above] = [groupPtr[g], groupPtr[Math.min(g + 1, groupPtr.length - 1)]];
  return row - below <= above - row ? below : above;
}
