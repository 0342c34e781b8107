import { contentHash, Random } from '@catchword/math';

/** A grader: how well a candidate fits a text, in its own opinion. Equal questions get equal answers. */
export type Grader = (text: string, candidate: string, isRight: boolean) => number;

/**
 * A grader of known quality: of a right and a wrong candidate it likes the right one better in a given share of pairs.
 *
 * Its opinion of a candidate is normally distributed, right ones around a higher mean; as in life it is the same whenever
 * it is asked.
 *
 * @param share of pairs in which it is right: .5 for one that guesses, 0.2 for one that works against us
 * @returns opinions on the standard normal scale of wrong candidates
 */
export function simulatedGrader(share: number, seed: number): Grader {
  const distance = Math.SQRT2 * normalQuantile(share);
  return (text, candidate, isRight) => {
    const random = new Random(contentHash(`${seed}\n${candidate}\n${text}`));
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
    return radius * Math.cos(2 * Math.PI * random.uniform()) + (isRight ? distance : 0);
  };
}

/** @returns a grade from 0 to 3 for an opinion: of wrong candidates 3 in 100 get the best one */
export function gradeOf(opinion: number): number {
  if (opinion > 1.88) return 3;
  if (opinion > 1.04) return 2;
  return opinion > 0.25 ? 1 : 0;
}

/** The lines of a prompt that are numbered `3. label …`: number, and what follows it. */
export function numberedLines(prompt: string): { readonly n: number; readonly line: string }[] {
  return [...prompt.matchAll(/^(\d{1,3})\. (.*)$/gm)].map(([, n, line = '']) => ({ n: Number(n), line }));
}

/**
 * @param p in (0, 1)
 * @see Acklam's rational approximation; its relative error is below 1.2e-9
 */
function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`${p} is not between 0 and 1`);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (
      (((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
        4.374664141464968) *
        q +
        2.938163982698783) /
      ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
    );
  }
  if (p > 1 - 0.02425) return -normalQuantile(1 - p);
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}
