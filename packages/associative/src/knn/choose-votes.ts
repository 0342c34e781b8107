import type { TrainOptions } from '@catchword/core';
import { type CsrMatrix, type CsrPattern, topK } from '@catchword/math';
import { buildRowIndex } from '../similarity/build-row-index.js';
import type { RowIndex } from '../similarity/row-index.js';
import { idfFactors } from '../similarity/scaled-rows.js';
import type { KnnParams } from './params.js';
import type { RecordStore } from './record-store.js';
import { RecordSearcher } from './searcher.js';
import { VoteCount } from './vote-count.js';

/** How votes are weighed. */
export interface Voting {
  readonly k: number;
  readonly exponent: number;
  readonly idfExponent: number;
}

/** What was chosen, and the index that goes with it. */
export interface ChosenVoting {
  readonly voting: Voting;
  readonly index: RowIndex;
  readonly factors: Float32Array | undefined;
  /** nDCG@10 on the sampled records, each judged by the others; absent where nothing was to be chosen. */
  readonly ndcg?: number;
  readonly nSampled: number;
}

/** What a collection of middling size does well with: used where there are too few records to choose by. */
const FALLBACK: Voting = { k: 50, exponent: 2, idfExponent: 1.5 };
const LEAST_RECORDS = 200;
const MOST_SAMPLED = 1000;
const GRID = { k: [50, 20, 100, 200, 10], exponent: [2, 1, 1.5, 3, 4, 6], idfExponent: [1.5, 1] };
/** A feature that so large a share of the records have is kept by row. */
const FREQUENT_SHARE = 0.1;
const DEPTH = 10;

/**
 * Chooses how many records vote and how similarity is weighed, where the parameters leave that open: the way under which a
 * sample of the records is best indexed by the others, without near duplicates. Ties go to the first of the grid.
 */
export async function chooseVoting(
  X: CsrMatrix,
  Y: CsrPattern,
  idf: Float32Array,
  records: RecordStore,
  params: KnnParams,
  options: TrainOptions,
): Promise<ChosenVoting> {
  const listed = <K extends keyof Voting>(key: K): readonly number[] => {
    const value = params[key];
    return value === undefined ? GRID[key] : [value];
  };
  const grid = { k: listed('k'), exponent: listed('exponent'), idfExponent: listed('idfExponent') };
  const isOpen = grid.k.length * grid.exponent.length * grid.idfExponent.length > 1;
  const indexed = (idfExponent: number) => {
    const factors = idfFactors(idf, idfExponent);
    return { factors, index: buildRowIndex(X, factors, { frequentShare: FREQUENT_SHARE }) };
  };
  if (!isOpen || X.nRows < LEAST_RECORDS) {
    const voting = {
      k: params.k ?? FALLBACK.k,
      exponent: params.exponent ?? FALLBACK.exponent,
      idfExponent: params.idfExponent ?? FALLBACK.idfExponent,
    };
    return { voting, ...indexed(voting.idfExponent), nSampled: 0 };
  }
  const nSampled = Math.min(MOST_SAMPLED, X.nRows);
  const sample = Array.from({ length: nSampled }, (_, i) => Math.floor((i * X.nRows) / nSampled));
  const most = Math.max(...grid.k);
  const counter = new VoteCount(Y.nCols);
  let best: ChosenVoting | undefined;
  for (const [round, idfExponent] of grid.idfExponent.entries()) {
    const { factors, index } = indexed(idfExponent);
    const searcher = new RecordSearcher(index, factors);
    const sums = new Float64Array(grid.k.length * grid.exponent.length);
    for (const [i, row] of sample.entries()) {
      if (i % 50 === 0) {
        const done = round * nSampled + i;
        const total = grid.idfExponent.length * nSampled;
        options.onProgress?.({ stage: 'choosing how records vote', done, total, unit: 'searches' });
        await new Promise((resolve) => setImmediate(resolve)); // lets a signal come in
        options.signal?.throwIfAborted();
      }
      const from = X.indptr[row];
      const to = X.indptr[row + 1];
      const query = { n: to - from, indices: X.indices.subarray(from, to), values: X.values.subarray(from, to) };
      const neighbours = searcher.search(query, most, { row, nearDuplicates: true });
      const gold = Y.indices.subarray(Y.indptr[row], Y.indptr[row + 1]);
      let cell = 0;
      for (const k of grid.k) {
        for (const exponent of grid.exponent) {
          counter.count(neighbours, records, k, exponent);
          sums[cell++] += ndcg(counter, gold);
        }
      }
    }
    for (const [cell, sum] of sums.entries()) {
      const mean = sum / nSampled;
      if (best?.ndcg !== undefined && best.ndcg >= mean) continue;
      const k = grid.k[Math.floor(cell / grid.exponent.length)];
      const voting = { k, exponent: grid.exponent[cell % grid.exponent.length], idfExponent };
      best = { voting, index, factors, ndcg: mean, nSampled };
    }
  }
  return best as ChosenVoting;
}

function ndcg({ subjects, scores, n }: VoteCount, gold: Uint32Array): number {
  let gain = 0;
  let ideal = 0;
  for (const [rank, i] of topK(subjects.data, scores, n, DEPTH).entries()) {
    if (gold.includes(subjects.data[i])) gain += 1 / Math.log2(rank + 2);
  }
  for (let rank = 0; rank < Math.min(DEPTH, gold.length); rank++) ideal += 1 / Math.log2(rank + 2);
  return ideal > 0 ? gain / ideal : 0;
}
