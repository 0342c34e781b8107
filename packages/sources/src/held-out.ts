import {
  type BackendContext,
  type Corpus,
  type Document,
  type HeldOut,
  OperationError,
  type Source,
  type SourcePanel,
  type SourceQuestion,
  type SuggestionBatch,
  type TrainOptions,
} from '@catchword/core';
import { askSources } from './ask-sources.js';

/** Documents of one question. */
const QUESTION_DOCS = 16;

/** @returns what an ensemble learns from: `options.heldOut`, or else the corpus with the context's own sources */
export function heldOutOf(context: BackendContext, corpus: Corpus, options: TrainOptions): readonly HeldOut[] {
  return options.heldOut ?? [{ name: '', corpus, open: async () => panelOf(context) }];
}

/** Documents, and what each source suggests for them. */
export interface HeldOutAnswers {
  readonly docs: readonly Document[];
  /** In the order of the panel's sources. */
  readonly batches: readonly SuggestionBatch[];
  /** Those that were asked: they have not learnt the documents. */
  readonly sources: readonly Source[];
}

/**
 * Has the sources suggest for documents that they have not learnt.
 *
 * @throws {OperationError} `operation-failed` if a source fails; `corpus-empty`; after an abort the signal's reason
 */
export async function* heldOutAnswers(
  heldOut: readonly HeldOut[],
  limit: number,
  { signal, onProgress }: TrainOptions,
): AsyncGenerator<HeldOutAnswers> {
  let done = 0;
  for (const { name, corpus, open } of heldOut) {
    const panel = await open();
    try {
      const waiting: (readonly Document[])[] = [];
      for await (const { batches, warnings } of panel.answers(questions(corpus, limit, waiting))) {
        signal?.throwIfAborted();
        const docs = waiting.shift() ?? [];
        const present = batches.filter((batch): batch is SuggestionBatch => batch !== undefined);
        if (present.length < batches.length) {
          throw new OperationError('operation-failed', `Cannot train on sources that fail: ${warnings.join('; ')}`);
        }
        yield { docs, batches: present, sources: panel.sources };
        done += docs.length;
        onProgress?.({ stage: `asking the sources${name ? ` (${name})` : ''}`, done, unit: 'documents' });
      }
    } finally {
      await panel.close();
    }
  }
  if (done === 0) {
    throw new OperationError('corpus-empty', 'Cannot train an ensemble: there is no document with a known subject');
  }
}

/** @param asked gets the documents of each question */
async function* questions(
  corpus: Corpus,
  limit: number,
  asked: (readonly Document[])[],
): AsyncGenerator<SourceQuestion> {
  let docs: Document[] = [];
  const question = (): SourceQuestion => {
    const asking = docs;
    asked.push(asking);
    docs = [];
    return { docs: asking, options: { limit } };
  };
  for await (const doc of corpus.documents()) {
    docs.push(doc);
    if (docs.length === QUESTION_DOCS) yield question();
  }
  if (docs.length > 0) yield question();
}

/** The context's sources in this thread. */
function panelOf({ sources = [], vocabulary }: BackendContext): SourcePanel {
  return {
    sources,
    async *answers(asked) {
      for await (const { docs, options } of asked) {
        yield await askSources(sources, docs, vocabulary.nSubjects, options);
      }
    },
    close: async () => undefined,
  };
}
