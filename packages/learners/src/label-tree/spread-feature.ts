/** @returns how many bits number the features: 1 to 31 */
export function spreadBits(nFeatures: number): number {
  return Math.max(1, 32 - Math.clz32(nFeatures - 1));
}

/**
 * Renumbers a feature so that neighbours lie far apart: buckets of equal width then hold about equally many.
 *
 * @param bits what `spreadBits` gave; the map is one-to-one on [0, 2^bits)
 */
export function spreadFeature(feature: number, bits: number): number {
  return Math.imul(feature, 0x9e3779b1) & ((1 << bits) - 1); // an odd factor has an inverse modulo 2^bits
}
