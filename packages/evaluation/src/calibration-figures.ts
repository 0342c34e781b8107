import { BANDS, type Band, bandOf } from './evaluation.js';

const N_BINS = 20;

/** How far scores are from the share that is right. */
export interface CalibrationFigures {
  /** Mean distance between score and share that is right, over bins of a twentieth, weighted by their suggestions. */
  readonly error: number;
  /** The same for each band of training frequency with suggestions. */
  readonly bands: readonly { readonly band: Band; readonly error: number; readonly nSuggestions: number }[];
  /** Spearman's rank correlation of the expected F1 of documents with their true F1; null with fewer than two documents. */
  readonly confidenceCorrelation: number | null;
}

/** Compares scores that are probabilities with what was right. */
export class CalibrationCounter {
  private readonly sums = new Float64Array(BANDS.length * N_BINS);
  private readonly hits = new Float64Array(BANDS.length * N_BINS);
  private readonly counts = new Float64Array(BANDS.length * N_BINS);
  private readonly expected: number[] = [];
  private readonly actual: number[] = [];

  addSuggestion(score: number, isRight: boolean, trainFrequency: number): void {
    const bin = Math.min(N_BINS - 1, Math.floor(score * N_BINS));
    const cell = bandOf(trainFrequency) * N_BINS + bin;
    this.sums[cell] += score;
    this.hits[cell] += isRight ? 1 : 0;
    this.counts[cell]++;
  }

  addDocument(expectedF1: number, f1: number): void {
    this.expected.push(expectedF1);
    this.actual.push(f1);
  }

  finish(): CalibrationFigures {
    const error = (bands: readonly number[]) => {
      let [distance, n] = [0, 0];
      for (let bin = 0; bin < N_BINS; bin++) {
        let [sum, hits] = [0, 0];
        for (const band of bands) {
          sum += this.sums[band * N_BINS + bin];
          hits += this.hits[band * N_BINS + bin];
          n += this.counts[band * N_BINS + bin];
        }
        distance += Math.abs(sum - hits);
      }
      return { error: n > 0 ? distance / n : 0, nSuggestions: n };
    };
    const bands = BANDS.map((band, b) => ({ band, ...error([b]) })).filter(({ nSuggestions }) => nSuggestions > 0);
    return {
      error: error(BANDS.map((_, b) => b)).error,
      bands,
      confidenceCorrelation: rankCorrelation(this.expected, this.actual),
    };
  }
}

/**
 * Spearman's rank correlation; equal values share the mean of their ranks.
 *
 * @returns null with fewer than two values, or where all of one side are equal
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (x.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) ** 2;
    yy += (y[i] - mean) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : null;
}

function ranks(values: readonly number[]): Float64Array {
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[i] - values[j]);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let k = from; k < to; k++) result[order[k]] = (from + to - 1) / 2;
    from = to;
  }
  return result;
}
