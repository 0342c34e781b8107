import type { ParamReader } from '@catchword/core';
import type { VectorSettings } from '@catchword/text';

/** Names of the parameters that `readVectorParams` reads, with a line of help each but without the default. */
export const VECTOR_PARAM_HELP = {
  ngram: 'longest n-gram of terms that is a feature',
  min_df: 'a feature occurs in at least so many documents',
  sublinear_tf: 'whether a term that occurs n times counts 1 + ln n instead of n',
  title_weight: 'what an occurrence in the first sentence counts',
  char_ngram: 'lengths of runs of characters inside words that are features, such as 3-5; 0 for none',
} as const;

/** The help of the vector parameters with the defaults of a backend, for its `paramHelp`. */
export function vectorParamHelp(defaults: VectorSettings): Record<string, string> {
  const { ngram, minDf, sublinearTf, titleWeight } = defaults;
  const values = { ngram, min_df: minDf, sublinear_tf: sublinearTf, title_weight: titleWeight, char_ngram: 0 };
  return Object.fromEntries(
    Object.entries(VECTOR_PARAM_HELP).map(([key, help]) => {
      return [key, `${help} (default ${values[key as keyof typeof values]})`];
    }),
  );
}

/** Reads the parameters that say how a text becomes a vector. */
export function readVectorParams(reader: ParamReader, defaults: VectorSettings): VectorSettings {
  const charNgram = reader.span('char_ngram', 2, 8);
  return {
    ...defaults,
    ...(charNgram ? { charNgram } : undefined),
    ngram: reader.whole('ngram', defaults.ngram, 1, 8),
    minDf: reader.whole('min_df', defaults.minDf, 1, 1_000_000),
    sublinearTf: reader.truth('sublinear_tf', defaults.sublinearTf),
    titleWeight: reader.number('title_weight', defaults.titleWeight, 0.01, 100),
  };
}
