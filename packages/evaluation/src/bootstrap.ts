import { Random } from '@catchword/math';
import type { Interval } from './evaluation.js';

/** Documents that are resampled one by one; above that number, groups of documents. */
const MAX_UNITS = 10_000;

/**
 * 95 % percentile bootstrap intervals of ratios of sums over documents.
 *
 * Each document adds to a numerator and a denominator for each ratio; a resample draws as many documents as there are,
 * with replacement. Beyond 10,000 documents, document i belongs to group i mod 10,000 and groups are drawn, which leaves
 * the expected width as it is and keeps time and memory constant. Memory is 16 bytes a ratio and group.
 *
 * @see Efron & Tibshirani 1993, chapter 13; percentiles interpolate linearly as numpy's do
 */
export class RatioBootstrap {
  private readonly nRatios: number;
  /** Shape (2 * nRatios), arrays of shape (MAX_UNITS): numerators and denominators by turns. */
  private readonly sums: readonly Float64Array[];
  private nDocs = 0;

  constructor(nRatios: number) {
    this.nRatios = nRatios;
    this.sums = Array.from({ length: 2 * nRatios }, () => new Float64Array(MAX_UNITS));
  }

  /** Adds to a ratio for the current document. */
  add(ratio: number, numerator: number, denominator: number): void {
    const unit = this.nDocs % MAX_UNITS;
    this.sums[2 * ratio][unit] += numerator;
    this.sums[2 * ratio + 1][unit] += denominator;
  }

  endDocument(): void {
    this.nDocs++;
  }

  /**
   * @returns an interval for each ratio, null where no resample has a denominator. O(nResamples * min(nDocs, 10,000))
   */
  intervals(nResamples: number, seed: number): (Interval | null)[] {
    const { nRatios, sums } = this;
    const nUnits = Math.min(this.nDocs, MAX_UNITS);
    const random = new Random(seed);
    const values = Array.from({ length: nRatios }, () => new Float64Array(nResamples));
    const counts = new Uint32Array(nRatios);
    const times = new Float64Array(nUnits);
    for (let b = 0; b < nResamples; b++) {
      times.fill(0);
      for (let i = 0; i < nUnits; i++) times[random.below(nUnits)]++;
      for (let r = 0; r < nRatios; r++) {
        const denominator = weightedSum(sums[2 * r + 1], times);
        if (denominator > 0) values[r][counts[r]++] = weightedSum(sums[2 * r], times) / denominator;
      }
    }
    return values.map((all, r) => {
      if (counts[r] === 0) return null;
      const sorted = all.subarray(0, counts[r]).sort();
      return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
    });
  }
}

function weightedSum(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += values[i] * weights[i];
  return sum;
}

function quantile(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q;
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}
