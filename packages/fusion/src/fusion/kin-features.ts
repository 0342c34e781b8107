import type { Vocabulary } from '@catchword/core';

/** What candidates get that stand near a candidate in the thesaurus, beyond its direct neighbours. */
export const KIN = [
  'siblingSupport',
  'bestSibling',
  'bestBroader',
  'secondNarrowerSupport',
  'collectionSupport',
] as const;

/**
 * Describes candidates by their kin among the candidates of the document; a share is a candidate's own, in [0, 1].
 *
 * - `siblingSupport`: the shares of others with a broader concept in common, for each that they have in common
 * - `bestSibling`, `bestBroader`: how much more the best such other, and the best broader concept, have than the candidate
 * - `secondNarrowerSupport`: the shares of concepts narrower than its narrower ones
 * - `collectionSupport`: the shares of the others in one of its collections, of that with the highest sum
 */
export class KinFeatures {
  private readonly vocabulary: Vocabulary;
  /** Shape (nSubjects): of a concept's narrower ones among the candidates the sum of the shares, the best, the second best. */
  private readonly sums: Float64Array;
  private readonly best: Float32Array;
  private readonly second: Float32Array;
  /** Shape (nCollections). */
  private readonly inCollection: Float64Array;

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary;
    this.sums = new Float64Array(vocabulary.nSubjects);
    this.best = new Float32Array(vocabulary.nSubjects);
    this.second = new Float32Array(vocabulary.nSubjects);
    this.inCollection = new Float64Array(vocabulary.collections.nCols);
  }

  /**
   * @param ids shape (n), distinct
   * @param shares shape (n)
   * @param place shape (nSubjects): a candidate's place + 1
   * @param at the first of the columns
   */
  fill(
    ids: Uint32Array,
    shares: Float32Array,
    n: number,
    place: Uint32Array,
    X: Float32Array,
    nFeatures: number,
    at: number,
  ): void {
    const { sums, best, second, inCollection } = this;
    const { broader, narrower, collections } = this.vocabulary;
    for (let i = 0; i < n; i++) {
      const share = shares[i];
      for (let k = broader.indptr[ids[i]]; k < broader.indptr[ids[i] + 1]; k++) {
        const parent = broader.indices[k];
        sums[parent] += share;
        if (share > best[parent]) {
          second[parent] = best[parent];
          best[parent] = share;
        } else if (share > second[parent]) second[parent] = share;
      }
      for (let k = collections.indptr[ids[i]]; k < collections.indptr[ids[i] + 1]; k++)
        inCollection[collections.indices[k]] += share;
    }
    for (let i = 0, o = at; i < n; i++, o += nFeatures) {
      const id = ids[i];
      const share = shares[i];
      let siblings = 0;
      let bestSibling = 0;
      let bestBroader = 0;
      for (let k = broader.indptr[id]; k < broader.indptr[id + 1]; k++) {
        const parent = broader.indices[k];
        siblings += sums[parent] - share;
        const other = best[parent] === share ? second[parent] : best[parent];
        if (other > bestSibling) bestSibling = other;
        const p = place[parent];
        if (p > 0 && shares[p - 1] > bestBroader) bestBroader = shares[p - 1];
      }
      let secondNarrower = 0;
      for (let k = narrower.indptr[id]; k < narrower.indptr[id + 1]; k++) secondNarrower += sums[narrower.indices[k]];
      let collection = 0;
      for (let k = collections.indptr[id]; k < collections.indptr[id + 1]; k++) {
        const others = inCollection[collections.indices[k]] - share;
        if (others > collection) collection = others;
      }
      X[o] = siblings;
      X[o + 1] = bestSibling - share;
      X[o + 2] = bestBroader - share;
      X[o + 3] = secondNarrower;
      X[o + 4] = collection;
    }
    for (let i = 0; i < n; i++) {
      for (let k = broader.indptr[ids[i]]; k < broader.indptr[ids[i] + 1]; k++) {
        sums[broader.indices[k]] = best[broader.indices[k]] = second[broader.indices[k]] = 0;
      }
      for (let k = collections.indptr[ids[i]]; k < collections.indptr[ids[i] + 1]; k++)
        inCollection[collections.indices[k]] = 0;
    }
  }
}
