import type { Isotonic } from '@catchword/learners';
import { Random } from '@catchword/math';
import type { FusionRows } from './fusion-table.js';
import { rankingQuality } from './ranking-quality.js';
import { calibrationOf } from './source-curves.js';

/** Upper ends of the bands of training frequency; the last band has none. */
const BAND_ENDS = [0, 9, 100];
export const N_BANDS = BAND_ENDS.length + 1;
/** Points that are tried in the search for weights and exponents, and how many documents they are judged on. */
const N_DRAWS = 60;
const MOST_DOCS = 1000;

/** @param logFrequency ln(1 + training documents) @returns the band's number, from 0: never trained */
export function bandOf(logFrequency: number): number {
  const frequency = Math.round(Math.expm1(logFrequency));
  let band = 0;
  while (band < BAND_ENDS.length && frequency > BAND_ENDS[band]) band++;
  return band;
}

export type MeanKind = 'mean' | 'exponents' | 'bands';

export function isMean(kind: string): kind is MeanKind {
  return kind === 'mean' || kind === 'exponents' || kind === 'bands';
}

/** Where a mean reads its numbers from. */
export interface ScoreColumns {
  /** Per source the column of its score. */
  readonly scores: readonly number[];
  /** The column that holds ln(1 + training documents). */
  readonly frequency: number;
  /** Per source the column of its calibrated score; empty where there is none. */
  readonly calibrated: readonly number[];
}

/**
 * Weighted means of the sources' scores, the simplest models of a fusion: of calibrated scores (`mean`), of scores raised
 * to exponents (`exponents`), of calibrated scores with weights by training frequency (`bands`).
 */
export class MeanRanker {
  readonly kind: MeanKind;
  private readonly columns: ScoreColumns;
  /** Shape (nBands, nSources) or (1, nSources). */
  readonly weights: readonly (readonly number[])[];
  readonly exponents: readonly number[];
  readonly curves: readonly Isotonic[];

  constructor(
    kind: MeanKind,
    columns: ScoreColumns,
    weights: readonly (readonly number[])[],
    exponents: readonly number[],
    curves: readonly Isotonic[],
  ) {
    this.kind = kind;
    this.columns = columns;
    this.weights = weights;
    this.exponents = exponents;
    this.curves = curves;
  }

  /** Finds the weights with the best nDCG@10 among seeded random ones, coarse first, then near the best. */
  static fit(kind: MeanKind, rows: FusionRows, columns: ScoreColumns, seed: number): MeanRanker {
    const nSources = columns.scores.length;
    const curves = kind === 'exponents' ? [] : columns.scores.map((column) => calibrationOf(rows, column));
    const random = new Random(seed);
    const nSets = kind === 'bands' ? N_BANDS : 1;
    const last = rows.doc[rows.doc.length - 1] ?? 0;
    const judged = last >= MOST_DOCS ? firstDocuments(rows, MOST_DOCS) : rows;
    let best = new MeanRanker(
      kind,
      columns,
      Array.from({ length: nSets }, () => new Array<number>(nSources).fill(1 / nSources)),
      new Array<number>(nSources).fill(1),
      curves,
    );
    let bestNdcg = rankingQuality(judged, best.score(judged), columns.frequency).ndcgAt10;
    for (let draw = 0; draw < N_DRAWS; draw++) {
      const near = draw >= N_DRAWS / 2;
      const candidate = new MeanRanker(
        kind,
        columns,
        best.weights.map((set) => drawWeights(set, near, random)),
        kind === 'exponents' ? best.exponents.map((e) => drawExponent(e, near, random)) : best.exponents,
        curves,
      );
      const { ndcgAt10 } = rankingQuality(judged, candidate.score(judged), columns.frequency);
      if (ndcgAt10 > bestNdcg) {
        bestNdcg = ndcgAt10;
        best = candidate;
      }
    }
    return best;
  }

  /** @returns what one feature adds to the score of the row that begins at `o` */
  part(X: Float32Array, o: number, feature: number): number {
    const { columns, weights, exponents, curves } = this;
    const s = columns.scores.indexOf(feature);
    if (s < 0 || Number.isNaN(X[o + feature])) return 0;
    const set = weights.length === 1 ? weights[0] : weights[bandOf(X[o + columns.frequency])];
    return set[s] * (curves.length > 0 ? curves[s].value(X[o + feature]) : X[o + feature] ** exponents[s]);
  }

  /** @returns shape (nRows), in [0, 1] but for the slopes of the curves */
  score(rows: Pick<FusionRows, 'X' | 'nFeatures'>, n = rows.X.length / rows.nFeatures): Float64Array {
    const { columns, weights, exponents, curves } = this;
    const { X, nFeatures } = rows;
    const scores = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const o = i * nFeatures;
      const set = weights.length === 1 ? weights[0] : weights[bandOf(X[o + columns.frequency])];
      let total = 0;
      for (let s = 0; s < set.length; s++) {
        const score = X[o + columns.scores[s]];
        if (Number.isNaN(score)) continue;
        total += set[s] * (curves.length > 0 ? curves[s].value(score) : score ** exponents[s]);
      }
      scores[i] = total;
    }
    return scores;
  }
}

function firstDocuments(rows: FusionRows, nDocs: number): FusionRows {
  const first = rows.doc[0] ?? 0;
  let end = 0;
  while (end < rows.doc.length && rows.doc[end] < first + nDocs) end++;
  return {
    ...rows,
    X: rows.X.subarray(0, end * rows.nFeatures),
    y: rows.y.subarray(0, end),
    weights: rows.weights.subarray(0, end),
    doc: rows.doc.subarray(0, end),
    hidden: rows.hidden.subarray(0, end),
  };
}

function drawWeights(best: readonly number[], near: boolean, random: Random): number[] {
  const drawn = best.map((weight) => (near ? weight * Math.exp(random.uniform() - 0.5) : random.uniform()));
  const total = drawn.reduce((sum, weight) => sum + weight, 0);
  return drawn.map((weight) => weight / total);
}

function drawExponent(best: number, near: boolean, random: Random): number {
  return near ? best * Math.exp(random.uniform() - 0.5) : Math.exp((random.uniform() - 0.5) * 4);
}
