import { type CsrPattern, transposePattern } from '@catchword/math';

/**
 * Finds a cycle of a relation, if there is one; O(nRows + nnz).
 *
 * @param relation shape (n, n), without self-loops
 * @returns the rows on the cycle, each a target of the one before and the first of the last; undefined where none is
 */
export function findCycle(relation: CsrPattern): number[] | undefined {
  const inverse = transposePattern(relation);
  const left = new Uint8Array(relation.nRows).fill(1);
  peel(relation, inverse, left);
  let row = left.indexOf(1);
  if (row < 0) return undefined;
  // Every row that is left has a target that is left: following them leads into a cycle.
  const place = new Map<number, number>();
  const path: number[] = [];
  while (!place.has(row)) {
    place.set(row, path.length);
    path.push(row);
    for (let k = relation.indptr[row] as number; ; k++) {
      const target = relation.indices[k] as number;
      if (left[target] === 1) {
        row = target;
        break;
      }
    }
  }
  return path.slice(place.get(row));
}

/** Takes away rows without a target that is left, until there are none. */
function peel(relation: CsrPattern, inverse: CsrPattern, left: Uint8Array): void {
  const n = relation.nRows;
  const nTargets = new Uint32Array(n);
  const stack: number[] = [];
  for (let row = 0; row < n; row++) {
    nTargets[row] = (relation.indptr[row + 1] as number) - (relation.indptr[row] as number);
    if (nTargets[row] === 0) stack.push(row);
  }
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    left[row] = 0;
    for (let k = inverse.indptr[row] as number; k < (inverse.indptr[row + 1] as number); k++) {
      const source = inverse.indices[k] as number;
      nTargets[source] = (nTargets[source] as number) - 1;
      if (nTargets[source] === 0) stack.push(source);
    }
  }
}
