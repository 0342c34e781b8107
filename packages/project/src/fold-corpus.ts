import type { Corpus, Document } from '@catchword/core';
import { contentHash } from '@catchword/math';

/** The documents of one fold of a corpus, or all but these; equal texts are in one fold. */
export class FoldCorpus implements Corpus {
  readonly name: string;
  private readonly corpus: Corpus;
  private readonly fold: number;
  private readonly nFolds: number;
  private readonly inside: boolean;

  /** @param inside true for the fold itself, false for all others */
  constructor(corpus: Corpus, fold: number, nFolds: number, inside: boolean) {
    this.name = corpus.name;
    this.corpus = corpus;
    this.fold = fold;
    this.nFolds = nFolds;
    this.inside = inside;
  }

  async *documents(): AsyncGenerator<Document, void, undefined> {
    for await (const doc of this.corpus.documents()) {
      if ((contentHash(doc.text) % this.nFolds === this.fold) === this.inside) yield doc;
    }
  }
}
