import type { NumericArray } from '@catchword/math';

/** The least share of a block's neighbour that a step keeps, so that what scored more never scores the same. */
const SLOPE = 1e-6;

/**
 * A non-decreasing function of a score, by the pool adjacent violators algorithm: linear between the means of the blocks,
 * continued flat (but for a slope of one millionth) at both ends.
 *
 * @see Ayer et al. 1955; Zadrozny and Elkan 2002 for its use to turn scores into probabilities
 */
export class Isotonic {
  /** Shape (nKnots), ascending: mean scores of the blocks. */
  readonly xs: Float64Array;
  /** Shape (nKnots), ascending: mean answers of the blocks, in [0, 1] for answers of 0 and 1. */
  readonly ys: Float64Array;

  constructor(xs: Float64Array, ys: Float64Array) {
    this.xs = xs;
    this.ys = ys;
  }

  /**
   * @param scores shape (n), finite
   * @param answers shape (n)
   * @param weights shape (n), above 0
   * @param knots where the function passes through a block: at its mean score, or flat from its lowest score to its highest,
   *   as scikit-learn's does
   * @throws {RangeError} if there is no score, or lengths differ; O(n log n)
   */
  static fit(
    scores: ArrayLike<number>,
    answers: ArrayLike<number>,
    weights: ArrayLike<number>,
    knots: 'means' | 'ends' = 'means',
  ): Isotonic {
    const n = scores.length;
    if (n === 0) throw new RangeError('no scores to fit');
    if (answers.length !== n || weights.length !== n) {
      throw new RangeError(`${n} scores, ${answers.length} answers and ${weights.length} weights`);
    }
    const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a] - scores[b] || a - b);
    const weight: number[] = [];
    const x: number[] = [];
    const y: number[] = [];
    const low: number[] = [];
    const high: number[] = [];
    for (let k = 0; k < n; ) {
      // Equal scores are one block from the start.
      let w = 0;
      let sum = 0;
      const score = scores[order[k]];
      for (; k < n && scores[order[k]] === score; k++) {
        w += weights[order[k]];
        sum += weights[order[k]] * answers[order[k]];
      }
      weight.push(w);
      x.push(score);
      low.push(score);
      high.push(score);
      y.push(sum / w);
      while (y.length > 1 && y[y.length - 2] >= y[y.length - 1]) {
        const [w2, x2, y2] = [weight.pop() as number, x.pop() as number, y.pop() as number];
        const last = y.length - 1;
        const both = weight[last] + w2;
        x[last] = (x[last] * weight[last] + x2 * w2) / both;
        y[last] = (y[last] * weight[last] + y2 * w2) / both;
        weight[last] = both;
        low.pop();
        high[last] = high.pop() as number;
      }
    }
    if (knots === 'means') return new Isotonic(Float64Array.from(x), Float64Array.from(y));
    const ends = low.flatMap((from, b) => (from < high[b] ? [from, high[b]] : [from]));
    const levels = low.flatMap((from, b) => (from < high[b] ? [y[b], y[b]] : [y[b]]));
    return new Isotonic(Float64Array.from(ends), Float64Array.from(levels));
  }

  /** @returns the function's value, with a slope of one millionth everywhere so that the order is kept */
  value(score: number): number {
    return this.interpolate(score) + SLOPE * score;
  }

  /** @returns the function's value without the slope: scores that share a block have the same one */
  interpolate(score: number): number {
    const { xs, ys } = this;
    const last = xs.length - 1;
    if (score <= xs[0]) return ys[0];
    if (score >= xs[last]) return ys[last];
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (xs[middle] <= score) low = middle;
      else high = middle;
    }
    const share = (score - xs[low]) / (xs[high] - xs[low]);
    return ys[low] + share * (ys[high] - ys[low]);
  }

  toArrays(): { xs: NumericArray; ys: NumericArray } {
    return { xs: this.xs, ys: this.ys };
  }
}
