// How long does it take to compare a piece of text with all labels, and how right are signed bytes?
import { Kernels, Random } from '@catchword/math';

const DIMENSIONS = 384;
const ROUNDS = 9;

const random = new Random(1);
const kernels = new Kernels();
for (const nRows of [12_000, 36_000, 200_000]) {
  for (const nQueries of [4, 12]) {
    const sizes = [nRows * DIMENSIONS, nQueries * DIMENSIONS, nRows * nQueries * 4];
    const [rowsAt = 0, queriesAt = 0, outAt = 0] = kernels.layOut(sizes);
    const rows = new Int8Array(kernels.buffer, rowsAt, nRows * DIMENSIONS);
    const queries = new Int8Array(kernels.buffer, queriesAt, nQueries * DIMENSIONS);
    for (let k = 0; k < rows.length; k++) rows[k] = random.below(255) - 127;
    for (let k = 0; k < queries.length; k++) queries[k] = random.below(255) - 127;
    const kernel = best(() => kernels.run.dotCodes(rowsAt, nRows, DIMENSIONS, queriesAt, nQueries, outAt));
    const out = new Int32Array(nRows * nQueries);
    const plain = best(() => plainDots(rows, queries, nRows, nQueries, out));
    const same = new Int32Array(kernels.buffer, outAt, out.length).every((dot, k) => dot === out[k]);
    if (!same) throw new Error('the kernel and the loops do not agree');
    const line = {
      labels: nRows,
      pieces: nQueries,
      kernelMsPerPiece: kernel / nQueries,
      plainMsPerPiece: plain / nQueries,
    };
    console.log(JSON.stringify({ ...line, gigaProductsPerSecond: (nRows * nQueries * DIMENSIONS) / kernel / 1e6 }));
  }
}

function plainDots(rows: Int8Array, queries: Int8Array, nRows: number, nQueries: number, out: Int32Array): void {
  for (let q = 0; q < nQueries; q++) {
    for (let r = 0; r < nRows; r++) {
      let sum = 0;
      for (let d = 0; d < DIMENSIONS; d++) {
        sum += (rows[r * DIMENSIONS + d] as number) * (queries[q * DIMENSIONS + d] as number);
      }
      out[q * nRows + r] = sum;
    }
  }
}

/** @returns the least of several times, in ms: what others do on the machine only adds */
function best(run: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now();
    run();
    least = Math.min(least, performance.now() - started);
  }
  return least;
}
