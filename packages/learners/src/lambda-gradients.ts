import { topK } from '@catchword/math';
import { discount } from './ranking-groups.js';

/**
 * Gradients of LambdaMART: each pair of a right and a wrong row of a group pulls them apart, as strongly as nDCG would change
 * if they changed places, and the less the further apart they are already.
 *
 * Only the first `truncation` ranks have a discount, so that pairs beyond them pull at nothing.
 *
 * @see Burges 2010, From RankNet to LambdaRank to LambdaMART, section 4
 */
export class LambdaGradients {
  private readonly discounts: Float64Array;
  private ids = new Uint32Array(0);
  private discountOf = new Float64Array(0);

  constructor(truncation: number) {
    this.discounts = Float64Array.from({ length: truncation }, (_, rank) => discount(rank));
  }

  /**
   * Adds the gradients and hessians of one group to those of its rows.
   *
   * @param scores of the group's rows, as are `y` and `weights`
   * @param inverseIdeal 1 / DCG of the group's ideal ranking
   */
  add(
    scores: Float64Array,
    y: Uint8Array,
    weights: Float32Array,
    inverseIdeal: number,
    gradients: Float32Array,
    hessians: Float32Array,
  ): void {
    const n = scores.length;
    if (this.ids.length < n) {
      this.ids = Uint32Array.from({ length: 2 * n }, (_, i) => i);
      this.discountOf = new Float64Array(2 * n);
    }
    const { ids, discountOf, discounts } = this;
    discountOf.fill(0, 0, n);
    topK(ids, scores, n, discounts.length).forEach((row, rank) => {
      discountOf[row] = discounts[rank];
    });
    for (let i = 0; i < n; i++) {
      if (y[i] === 0) continue;
      for (let j = 0; j < n; j++) {
        const change = Math.abs(discountOf[i] - discountOf[j]) * inverseIdeal;
        if (y[j] === 1 || change === 0) continue;
        const wrong = 1 / (1 + Math.exp(scores[i] - scores[j]));
        const pull = change * weights[i] * weights[j] * wrong;
        const curvature = pull * (1 - wrong);
        gradients[i] -= pull;
        gradients[j] += pull;
        hessians[i] += curvature;
        hessians[j] += curvature;
      }
    }
  }
}
