import type { Corpus, Document, SubjectId, Vocabulary } from '@catchword/core';

/** A corpus whose gold subjects are those of another vocabulary with the same URIs; subjects that it has not are left out. */
export class MappedCorpus implements Corpus {
  readonly name: string;
  private readonly corpus: Corpus;
  private readonly from: Vocabulary;
  private readonly to: Vocabulary;
  private readonly known = new Map<SubjectId, SubjectId>();

  constructor(corpus: Corpus, from: Vocabulary, to: Vocabulary) {
    this.name = corpus.name;
    this.corpus = corpus;
    this.from = from;
    this.to = to;
  }

  async *documents(): AsyncGenerator<Document, void, undefined> {
    for await (const doc of this.corpus.documents()) {
      if (!doc.subjects) yield doc;
      else yield { ...doc, subjects: doc.subjects.map((id) => this.mapped(id)).filter((id) => id >= 0) };
    }
  }

  private mapped(id: SubjectId): SubjectId {
    let there = this.known.get(id);
    if (there === undefined) {
      there = this.to.idOfUri(this.from.uri(id));
      this.known.set(id, there);
    }
    return there;
  }
}

/** @returns the corpus in the subjects of another vocabulary; itself where ids are the same */
export function corpusFor(corpus: Corpus, from: Vocabulary, to: Vocabulary): Corpus {
  return from.fingerprint === to.fingerprint ? corpus : new MappedCorpus(corpus, from, to);
}
