import { type Corpus, type Document, OperationError, type TrainOptions } from '@catchword/core';
import { Random } from '@catchword/math';

/**
 * Reads a corpus and keeps some of its documents with subjects, chosen by chance, in the order of the corpus.
 *
 * @param most that are kept; memory is theirs alone
 * @param backend for the message
 * @throws {OperationError} `corpus-empty` if no document has a subject; the signal's reason after an abort
 */
export async function sampleDocuments(
  corpus: Corpus,
  most: number,
  backend: string,
  { seed, signal, onProgress }: Pick<TrainOptions, 'seed' | 'signal' | 'onProgress'>,
): Promise<{ readonly docs: readonly Document[]; readonly nDocs: number }> {
  const random = new Random(seed);
  const kept: { doc: Document; n: number }[] = [];
  let nDocs = 0;
  for await (const doc of corpus.documents()) {
    signal?.throwIfAborted();
    if (!doc.subjects?.length) continue;
    const place = nDocs < most ? nDocs : random.below(nDocs + 1);
    if (place < most) kept[place] = { doc, n: nDocs };
    nDocs++;
    onProgress?.({ stage: 'reading documents', done: nDocs, unit: 'documents' });
    signal?.throwIfAborted();
  }
  signal?.throwIfAborted();
  if (nDocs === 0) {
    throw new OperationError('corpus-empty', `Cannot train ${backend}: there is no document with a known subject`, {
      hint: 'Check that the corpus names subjects of this vocabulary.',
    });
  }
  return { docs: kept.sort((a, b) => a.n - b.n).map(({ doc }) => doc), nDocs };
}
