/**
 * The F1 that a set of suggestions can be expected to have, where scores are probabilities: the k best against all that may
 * be right, 2 Σ_{i≤k} p_i / (k + Σ p), the ratio of the expectations.
 *
 * @param scores probabilities, by falling value in `[from, to)`
 * @param k size of the set, at most to - from
 * @returns 0 for an empty set
 * @see Lewis 1995 and Dembczyński et al. 2011 for the maximisation of an expected F1
 */
export function expectedF1(scores: ArrayLike<number>, from: number, to: number, k: number): number {
  let all = 0;
  for (let i = from; i < to; i++) all += scores[i];
  let kept = 0;
  for (let i = from; i < from + k; i++) kept += scores[i];
  return k > 0 ? (2 * kept) / (k + all) : 0;
}

/**
 * @param scores as for `expectedF1`
 * @returns the size of the set with the highest expected F1; at least 1 where there is any suggestion
 */
export function bestSetSize(scores: ArrayLike<number>, from: number, to: number): number {
  let all = 0;
  for (let i = from; i < to; i++) all += scores[i];
  let kept = 0;
  let best = 0;
  let size = 0;
  for (let k = 1; k <= to - from; k++) {
    kept += scores[from + k - 1];
    const f1 = kept / (k + all);
    if (f1 > best) {
      best = f1;
      size = k;
    }
  }
  return size;
}
