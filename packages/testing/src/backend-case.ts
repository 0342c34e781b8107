import type { BackendContext, BackendType, Corpus, Document, RawParams, Trained, TrainOptions } from '@catchword/core';
import { createAnalyzer } from '@catchword/text';
import type { SkosVocabulary } from '@catchword/vocabulary';
import { tinyCorpus, tinyDocuments } from './tiny-corpus.js';
import { grownVocabulary, NEW_CONCEPT_TEXTS, otherVocabulary, tinyVocabulary } from './tiny-vocabulary.js';

/** What the conformance suite needs to know of a backend; each check makes a case of its own. */
export interface BackendCase<P = unknown> {
  readonly type: BackendType<P>;
  /** Fresh, its analyzer included. */
  readonly context: BackendContext;
  readonly corpus: Corpus;
  /** Documents to be indexed, some alike, some not, without gold subjects. */
  readonly documents: readonly Document[];
  /** Parameters to train with, all good. */
  readonly params: RawParams;
  /** Parameters each of whose values has to be reported. */
  readonly badParams: RawParams;
  /** The context's vocabulary with a concept more, a text about it, and its id. */
  readonly grown: { readonly context: BackendContext; readonly text: string; readonly newId: number };
  /** A context whose vocabulary has fewer subjects than a model of the case can do with. */
  readonly other: BackendContext;
  /** Whether the backend claims to suggest subjects that no training record has. */
  readonly reachesUntrained: boolean;
}

export interface TinyCaseOptions {
  readonly language: string;
  /** As in a configuration. */
  readonly analyzer: string;
  readonly params: RawParams;
  readonly badParams: RawParams;
  readonly reachesUntrained: boolean;
}

/** Makes a case over the tiny vocabulary and the tiny corpus. */
export async function tinyCase<P>(type: BackendType<P>, options: TinyCaseOptions): Promise<BackendCase<P>> {
  const { language } = options;
  const contextOf = async (vocabulary: SkosVocabulary): Promise<BackendContext> => {
    const analyzer = await createAnalyzer(options.analyzer, { language });
    return { projectId: `tiny-${language}`, language, vocabulary, analyzer };
  };
  const context = await contextOf(tinyVocabulary());
  const grown = grownVocabulary();
  const documents = tinyDocuments(context.vocabulary, language).map(({ text, documentId }) => ({
    text,
    ...(documentId === undefined ? undefined : { documentId }),
  }));
  return {
    type,
    context,
    corpus: tinyCorpus(context.vocabulary, language),
    documents: documents.filter((_, i) => i % 5 === 0),
    params: options.params,
    badParams: options.badParams,
    grown: {
      context: await contextOf(grown),
      text: NEW_CONCEPT_TEXTS[language] ?? '',
      newId: grown.nSubjects - 1,
    },
    other: await contextOf(otherVocabulary()),
    reachesUntrained: options.reachesUntrained,
  };
}

/** The case's parameters, parsed. @throws {Error} if one of them is reported */
export function parsedParams<P>({ type, params }: BackendCase<P>): P {
  return type.parseParams(params, (key, message) => {
    throw new Error(`parameter ${key} of the case is not good: ${message}`);
  });
}

/** Trains the case's backend. */
export function trainCase<P>(each: BackendCase<P>, options: Partial<TrainOptions> = {}): Promise<Trained> {
  if (!each.type.train) throw new Error(`backend ${each.type.name} cannot be trained`);
  return each.type.train(each.context, each.corpus, parsedParams(each), { nJobs: 1, seed: 1, ...options });
}
