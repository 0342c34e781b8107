import { type CsrMatrix, Kernels, Random } from '@catchword/math';
import { describe, expect, test } from 'vitest';
import { CentroidSimilarities, type ClusterSimilarities, PairSimilarities } from './cluster-similarities.js';
import { unitRows } from './label-tree.test.data.js';

const K = 5;
const WIDTH = 8;

function randomRows(n: number, nCols: number, random: Random): CsrMatrix {
  return unitRows(
    Array.from({ length: n }, (_, i) =>
      [...new Set(Array.from({ length: i % 7 }, () => random.below(nCols)))]
        .sort((a, b) => a - b)
        .map((f) => [f, 1 + random.below(9)] as [number, number]),
    ),
    nCols,
  );
}

/** Cosines of each row and the sum of each cluster's rows, in double precision. */
function oracle({ nRows, nCols, indptr, indices, values }: CsrMatrix, of: Uint32Array): number[][] {
  const dense = Array.from({ length: nRows }, (_, i) => {
    const row = new Float64Array(nCols);
    for (let e = indptr[i] as number; e < (indptr[i + 1] as number); e++)
      row[indices[e] as number] = values[e] as number;
    return row;
  });
  const sums = Array.from({ length: K }, (_, c) =>
    dense
      .filter((_, i) => of[i] === c)
      .reduce((sum, row) => sum.map((v, f) => v + (row[f] as number)), new Float64Array(nCols)),
  );
  return dense.map((row) =>
    sums.map((sum) => {
      const norm = Math.hypot(...sum);
      return norm === 0 ? 0 : row.reduce((dot, v, f) => dot + v * (sum[f] as number), 0) / norm;
    }),
  );
}

function inKernels(rows: CsrMatrix): ClusterSimilarities {
  const kernels = new Kernels();
  const { nRows, nCols, indices } = rows;
  const sizes = [nRows + 1, indices.length, indices.length, nCols * WIDTH, nRows * WIDTH].map((n) => n * 4);
  const [indptr = 0, at = 0, values = 0, sums = 0, out = 0] = kernels.layOut(sizes);
  new Uint32Array(kernels.buffer, indptr, nRows + 1).set(rows.indptr);
  new Uint32Array(kernels.buffer, at, indices.length).set(indices);
  new Float32Array(kernels.buffer, values, indices.length).set(rows.values);
  new Float32Array(kernels.buffer, sums, nCols * WIDTH).fill(7); // what lies there is overwritten
  const places = { indptr, indices: at, values };
  return new CentroidSimilarities({ ...rows, at: places }, K, WIDTH, kernels, sums, out);
}

describe.each([
  ['by centroids', inKernels],
  ['by pairs of rows', (rows: CsrMatrix) => new PairSimilarities(rows, K, WIDTH)],
])('similarities %s', (_, make) => {
  test('are cosines to the sums of clusters, also after rows have moved', () => {
    const random = new Random(3);
    const rows = randomRows(60, 25, random);
    const similarities = make(rows);
    for (let round = 0; round < 5; round++) {
      // K is no cluster; the fourth cluster stays empty
      const of = Uint32Array.from({ length: 60 }, () => [0, 1, 2, 4, K][random.below(5)] as number);
      const found = similarities.compute(of);
      oracle(rows, of).forEach((expected, i) => {
        expected.forEach((cosine, c) => {
          expect(found[i * WIDTH + c]).toBeCloseTo(cosine, 5);
        });
      });
    }
  });

  test('none where no row is in a cluster', () => {
    const found = make(randomRows(10, 5, new Random(1))).compute(new Uint32Array(10).fill(K));
    expect([...found].every((v) => v === 0)).toBe(true);
  });
});
