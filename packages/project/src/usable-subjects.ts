import { type Corpus, type Document, OperationError, type SubjectId } from '@catchword/core';

/** Documents with those of their gold subjects that may be suggested; a document without any is left out. */
export async function* withUsableSubjects(
  corpus: Corpus,
  isUsable: (id: SubjectId) => boolean,
): AsyncGenerator<Document, void, undefined> {
  for await (const doc of corpus.documents()) {
    const subjects = doc.subjects?.filter(isUsable) ?? [];
    if (subjects.length > 0) yield { ...doc, subjects };
  }
}

/** @returns the error that says that there is nothing to measure suggestions on */
export function nothingToEvaluate(corpus: Corpus): OperationError {
  return new OperationError('corpus-empty', 'Not supported: cannot evaluate empty corpus', {
    hint: 'Give documents that are indexed with subjects of the vocabulary, by URI.',
    context: { corpus: corpus.name },
  });
}
