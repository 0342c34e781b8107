/**
 * Weights in [0, 1] as bytes: the square root in 255 steps, since most weights of a unit vector are small. A code's square
 * is the weight again, so sums of products need no table and stay whole numbers, the same in any order of adding.
 */
export const WEIGHT_UNITS = 255 * 255;

/** Query weights are whole numbers in these units: products with squared codes of unit vectors add up below 2^31. */
export const QUERY_UNITS = 1 << 14;

/** What a sum of products is divided by to be a cosine. */
export const PRODUCT_UNITS = WEIGHT_UNITS * QUERY_UNITS;

/** Rows are compared by sums without their last bits: 24 remain, so that no two differ that are one number in 32-bit floats. */
export const SUM_SHIFT = 6;

/** What a sum without its last bits is divided by to be a cosine. */
export const COSINE_UNITS = PRODUCT_UNITS / (1 << SUM_SHIFT);

/** @returns the code of a weight in [0, 1]; its square differs from the weight by at most about 1/255 of the root */
export function encodeWeight(weight: number): number {
  return Math.min(255, Math.round(255 * Math.sqrt(weight)));
}
