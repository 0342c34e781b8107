import type { ParamReader } from '@catchword/core';
import type { VectorSettings } from '@catchword/text';

/** How a text becomes a vector, as a configuration says it. */
export interface VectorParams extends Omit<VectorSettings, 'charNgram'> {
  /** `auto`: as suits the language. */
  readonly charNgram?: VectorSettings['charNgram'] | 'auto';
}

/** Names of the parameters that `readVectorParams` reads, with a line of help each but without the default. */
export const VECTOR_PARAM_HELP = {
  ngram: 'longest n-gram of terms that is a feature',
  min_df: 'a feature occurs in at least so many documents',
  sublinear_tf: 'whether a term that occurs n times counts 1 + ln n instead of n',
  title_weight: 'what an occurrence in the first sentence counts',
  char_ngram:
    'lengths of runs of characters inside words that are features, such as 3-5; 0 for none; auto: 5 where compounds are one word (German, Finnish, Swedish, Dutch, ...), else none',
} as const;

/**
 * Languages that write compounds as one word, by ISO 639-1. Runs of five characters brought .02 to .11 nDCG@10 in German, Finnish and
 * Swedish, and lost .005 in long English texts (`benchmarks/README.md`); of the others nothing was measured.
 */
const COMPOUNDING = new Set(['da', 'de', 'et', 'fi', 'fo', 'hu', 'is', 'nb', 'nl', 'nn', 'no', 'sv']);
const COMPOUND_PARTS = [5, 5] as const;

/** The help of the vector parameters with the defaults of a backend, for its `paramHelp`. */
export function vectorParamHelp(defaults: VectorParams): Record<string, string> {
  const { ngram, minDf, sublinearTf, titleWeight, charNgram } = defaults;
  const char_ngram = charNgram === 'auto' ? charNgram : 0;
  const values = { ngram, min_df: minDf, sublinear_tf: sublinearTf, title_weight: titleWeight, char_ngram };
  return Object.fromEntries(
    Object.entries(VECTOR_PARAM_HELP).map(([key, help]) => {
      return [key, `${help} (default ${values[key as keyof typeof values]})`];
    }),
  );
}

/** Reads the parameters that say how a text becomes a vector. */
export function readVectorParams(reader: ParamReader, defaults: VectorParams): VectorParams {
  const charNgram = reader.span('char_ngram', 2, 8, defaults.charNgram === 'auto' ? 'auto' : undefined);
  return {
    ...(charNgram ? { charNgram } : undefined),
    ngram: reader.whole('ngram', defaults.ngram, 1, 8),
    minDf: reader.whole('min_df', defaults.minDf, 1, 1_000_000),
    sublinearTf: reader.truth('sublinear_tf', defaults.sublinearTf),
    titleWeight: reader.number('title_weight', defaults.titleWeight, 0.01, 100),
  };
}

/** @param language of the documents, as BCP 47 has it */
export function vectorSettings({ charNgram, ...rest }: VectorParams, language: string): VectorSettings {
  const chosen = charNgram === 'auto' ? partsOf(language) : charNgram;
  return chosen ? { ...rest, charNgram: chosen } : rest;
}

function partsOf(language: string): VectorSettings['charNgram'] {
  return COMPOUNDING.has(shortest(language)) ? COMPOUND_PARTS : undefined;
}

/** @returns the language alone, by its code of two letters where it has one: `de` for `deu` and `de-AT` */
function shortest(language: string): string {
  try {
    return new Intl.Locale(language.replace('_', '-')).language;
  } catch {
    return language; // no tag of a language
  }
}
