import type { Vocabulary } from '@catchword/core';
import { topK } from '@catchword/math';

/** Candidates whose neighbours are looked at: the likeliest of the document. */
const N_HITS = 10;

/**
 * Finds concepts next to the best candidates of a document, broader, narrower or related, that no source names: a text on
 * an oak may be about trees. A neighbour has the shares of all hits that lead to it.
 */
export class ThesaurusNeighbours {
  private readonly vocabulary: Vocabulary;
  private readonly most: number;
  /** Shape (nSubjects): the shares that lead to a concept; zero in between. */
  private readonly support: Float32Array;
  private readonly found: number[] = [];
  private supports = new Float32Array(64);

  /** @param most so many are taken of a document, ties by ascending id */
  constructor(vocabulary: Vocabulary, most: number) {
    this.vocabulary = vocabulary;
    this.most = most;
    this.support = new Float32Array(vocabulary.nSubjects);
  }

  /**
   * @param ids shape (n), distinct
   * @param shares shape (n), in [0, 1]
   * @param place shape (nSubjects): 0 for subjects that are no candidates
   * @returns ids of the neighbours with most support, by falling support
   */
  of(ids: Uint32Array, shares: Float32Array, n: number, place: Uint32Array): number[] {
    const { support, found } = this;
    const { broader, narrower, related } = this.vocabulary;
    found.length = 0;
    for (const hit of topK(ids, shares, n, N_HITS)) {
      if (!(shares[hit] > 0)) break;
      for (const { indptr, indices } of [broader, narrower, related]) {
        for (let k = indptr[ids[hit]]; k < indptr[ids[hit] + 1]; k++) {
          const id = indices[k];
          if (place[id] !== 0) continue;
          if (support[id] === 0) found.push(id);
          support[id] += shares[hit];
        }
      }
    }
    if (this.supports.length < found.length) this.supports = new Float32Array(found.length * 2);
    for (const [i, id] of found.entries()) {
      this.supports[i] = support[id];
      support[id] = 0;
    }
    return Array.from(topK(found, this.supports, found.length, this.most), (i) => found[i]);
  }
}
