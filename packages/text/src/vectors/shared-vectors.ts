import type { BackendContext, Corpus, TrainOptions } from '@catchword/core';
import type { NumericArray } from '@catchword/math';
import { TfidfVectorizer } from './tfidf-vectorizer.js';
import { type VectorSettings, vectorSettingsKey } from './vector-settings.js';
import { type VectorizedCorpus, vectorizeCorpus } from './vectorize-corpus.js';

/** `vectorizeCorpus`, once for all projects of a family with the same corpus, analyzer and settings. */
export function sharedVectors(
  context: BackendContext,
  corpus: Corpus,
  settings: VectorSettings,
  options: TrainOptions,
): Promise<VectorizedCorpus> {
  const { analyzer, vocabulary, family } = context;
  const vectorize = () => vectorizeCorpus(corpus, vocabulary.nSubjects, analyzer, settings, options);
  if (!family) return vectorize();
  return family.once(corpus, `vectors ${analyzer.language} ${analyzer.spec} ${vectorSettingsKey(settings)}`, vectorize);
}

/**
 * Opens a stored vectorizer, once for all projects of a family that have an equal one: they compute a text's vector once.
 *
 * @param fingerprint the vectorizer's, as it was stored
 * @throws {RangeError} if the arrays do not fit together
 */
export function sharedVectorizer(
  context: BackendContext,
  settings: VectorSettings,
  arrays: Readonly<Record<string, NumericArray>>,
  fingerprint: string,
): TfidfVectorizer {
  const { analyzer, family } = context;
  const open = () => TfidfVectorizer.fromArrays(settings, arrays, analyzer);
  return family ? family.once(analyzer, `vectorizer ${fingerprint}`, open) : open();
}
