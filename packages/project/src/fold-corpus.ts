import type { Corpus, Document } from '@catchword/core';
import { contentHash } from '@catchword/math';

/** Parts that a fold is sampled in. */
const N_PARTS = 10_000;

/** @returns the fold that a text is in */
export function foldOf(text: string, nFolds: number): number {
  return contentHash(text) % nFolds;
}

/** The documents of one fold of a corpus, or all but these; equal texts are in one fold. */
export class FoldCorpus implements Corpus {
  readonly name: string;
  private readonly corpus: Corpus;
  private readonly fold: number;
  private readonly nFolds: number;
  private readonly inside: boolean;
  private readonly share: number;

  /**
   * @param inside true for the fold itself, false for all others
   * @param share of these documents, chosen by their content; all of them unless told
   */
  constructor(corpus: Corpus, fold: number, nFolds: number, inside: boolean, share = 1) {
    this.name = corpus.name;
    this.corpus = corpus;
    this.fold = fold;
    this.nFolds = nFolds;
    this.inside = inside;
    this.share = share;
  }

  async *documents(): AsyncGenerator<Document, void, undefined> {
    for await (const doc of this.corpus.documents()) {
      const hash = contentHash(doc.text);
      if ((hash % this.nFolds === this.fold) !== this.inside) continue;
      if (Math.floor(hash / this.nFolds) % N_PARTS < this.share * N_PARTS) yield doc;
    }
  }
}
