import { type CsrMatrix, type CsrPattern, csrFromPairs, Random } from '@catchword/math';

/** Rows of [feature, value] pairs, features ascending, as a matrix with rows of unit length. */
export function unitRows(rows: readonly (readonly (readonly [number, number])[])[], nCols: number): CsrMatrix {
  const indptr = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    indptr[i + 1] = indptr[i] + row.length;
  });
  const entries = rows.flatMap((row) => {
    const norm = Math.hypot(...row.map(([, v]) => v)) || 1;
    return row.map(([f, v]) => [f, v / norm] as const);
  });
  return {
    nRows: rows.length,
    nCols,
    indptr,
    indices: Uint32Array.from(entries, ([f]) => f),
    values: Float32Array.from(entries, ([, v]) => v),
  };
}

/** Documents of which each has some labels, and for each label mostly that label's words, besides words at random. */
export function topicalData(nDocs: number, nLabels: number, wordsPerDoc: number, seed: number) {
  const random = new Random(seed);
  const nFeatures = nLabels * 4 + 200;
  const docs: number[] = [];
  const labels: number[] = [];
  const rows = Array.from({ length: nDocs }, (_, doc) => {
    const own = Array.from({ length: 1 + random.below(3) }, () => Math.floor(nLabels * random.uniform() ** 2));
    const words = new Map<number, number>();
    const count = (f: number) => words.set(f, (words.get(f) ?? 0) + 1);
    for (const label of own) {
      docs.push(doc);
      labels.push(label);
      for (let i = 0; i < 3; i++) count(label * 4 + random.below(4));
    }
    while (words.size < wordsPerDoc) count(Math.floor(nFeatures * random.uniform() ** 2));
    return [...words].sort((a, b) => a[0] - b[0]);
  });
  const X = unitRows(rows, nFeatures);
  const Y: CsrPattern = csrFromPairs(nDocs, nLabels, docs, labels);
  return { X, Y };
}
