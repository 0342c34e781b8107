import { Isotonic } from '@catchword/learners';
import type { NumericArray } from '@catchword/math';
import type { FusionRows } from './fusion-table.js';
import { bandOf } from './mean-ranker.js';

const N_BANDS = 4;
/** Right and wrong suggestions that a band needs for a curve of its own. */
const LEAST_OF_EACH = 100;

/** Wrong suggestions that are thought of at the best score: that a dozen were right does not make the next one certain. */
const DOUBT = 1;

/** Turns a fusion's scores into probabilities, in each band of training frequency. */
export class Calibration {
  /** One for all subjects, then one for each band; a band with little data has the common one. */
  private readonly curves: readonly Isotonic[];

  constructor(curves: readonly Isotonic[]) {
    this.curves = curves;
  }

  /**
   * @param scores shape (nRows), of a model that had not learnt the rows
   * @param frequency the column that holds ln(1 + training documents)
   */
  static fit(rows: FusionRows, scores: Float64Array, frequency: number): Calibration {
    const { X, nFeatures, y, weights, hidden } = rows;
    const fit = (wanted: (band: number) => boolean): Isotonic | undefined => {
      const kept: number[] = [];
      let nGold = 0;
      for (let i = 0; i < y.length; i++) {
        if (hidden[i] || !wanted(bandOf(X[i * nFeatures + frequency]))) continue;
        kept.push(i);
        nGold += y[i];
      }
      if (nGold < LEAST_OF_EACH || kept.length - nGold < LEAST_OF_EACH) return undefined;
      const best = kept.reduce((most, i) => Math.max(most, scores[i]), -Infinity);
      return Isotonic.fit(
        [...kept.map((i) => scores[i]), best],
        [...kept.map((i) => y[i]), 0],
        [...kept.map((i) => weights[i]), DOUBT],
      );
    };
    const common = fit(() => true) ?? identity();
    const bands = Array.from({ length: N_BANDS }, (_, band) => fit((each) => each === band) ?? common);
    return new Calibration([common, ...bands]);
  }

  /** @returns the probability that the subject is right, in (0, 1) */
  probability(score: number, logFrequency: number): number {
    const value = this.curves[1 + bandOf(logFrequency)].value(score);
    return Math.min(1 - 1e-6, Math.max(1e-6, value));
  }

  /** @returns the probability by the curve of all subjects, in (0, 1): the order of scores is kept, whatever their bands */
  common(score: number): number {
    return this.curves[0].value(score) / (1 + 2e-6); // the slope of the curve leads beyond 1
  }

  toArrays(): Record<string, NumericArray> {
    const { curves } = this;
    return {
      ends: Uint32Array.from(curves, (_, c) => curves.slice(0, c + 1).reduce((n, { xs }) => n + xs.length, 0)),
      xs: Float64Array.from(curves.flatMap(({ xs }) => [...xs])),
      ys: Float64Array.from(curves.flatMap(({ ys }) => [...ys])),
    };
  }

  /** @throws {RangeError} if the arrays do not fit together */
  static fromArrays({ ends, xs, ys }: Readonly<Record<string, NumericArray | undefined>>): Calibration {
    if (!(ends instanceof Uint32Array && xs instanceof Float64Array && ys instanceof Float64Array)) {
      throw new RangeError('arrays of the calibration are missing');
    }
    const fits = ends.length === 1 + N_BANDS && ends.every((end, c) => end > (c > 0 ? ends[c - 1] : 0));
    if (!fits || ends[N_BANDS] !== xs.length || ys.length !== xs.length) {
      throw new RangeError(`the calibration has ${ends.length} curves of ${xs.length} points`);
    }
    return new Calibration(
      Array.from(ends, (end, c) => {
        const from = c > 0 ? ends[c - 1] : 0;
        return new Isotonic(xs.subarray(from, end), ys.subarray(from, end));
      }),
    );
  }
}

/** Where there is too little to learn from, scores are taken for what they are. */
function identity(): Isotonic {
  return new Isotonic(Float64Array.of(0, 1), Float64Array.of(0, 1));
}
