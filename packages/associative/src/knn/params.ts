import type { RawParams } from '@catchword/core';
import { ParamReader } from '@catchword/core';
import { readVectorParams, type VectorParams, vectorParamHelp } from '../vector-params.js';

/** Parameters of the nearest records. Annif has no such backend; what is undefined is chosen in training. */
export interface KnnParams {
  readonly vectors: VectorParams;
  /** `k`: how many records vote. */
  readonly k: number | undefined;
  /** `exponent`: a record votes with its similarity to this power. */
  readonly exponent: number | undefined;
  /** `idf_exponent`: the power of the inverse document frequency in a weight; only training asks for it. */
  readonly idfExponent: number | undefined;
  /** `near_duplicates`: whether records with nearly the document's text vote. */
  readonly nearDuplicates: 'keep' | 'skip';
}

const VECTORS: VectorParams = { ngram: 1, minDf: 1, sublinearTf: true, titleWeight: 1, charNgram: 'auto' };

/** The parameters' names in a configuration, with a line of help each. */
export const KNN_PARAM_HELP: Readonly<Record<string, string>> = {
  k: 'how many records vote, or auto: what suits the training records best (default auto)',
  exponent: 'a record votes with its similarity to this power, or auto (default auto)',
  idf_exponent:
    'power of the inverse document frequency in the weight of a term, 1 is the usual one, or auto (default auto)',
  near_duplicates: 'keep or skip: whether records vote whose text is nearly that of the document (default keep)',
  ...vectorParamHelp(VECTORS),
};

/** Reads the parameters; see `BackendType.parseParams`. */
export function parseKnnParams(raw: RawParams, problem: (key: string, message: string) => void): KnnParams {
  const reader = new ParamReader(raw, problem);
  return {
    vectors: readVectorParams(reader, VECTORS),
    k: reader.wholeOrAuto('k', 1, 10_000),
    exponent: reader.numberOrAuto('exponent', 0, 100),
    idfExponent: reader.numberOrAuto('idf_exponent', 0, 4),
    nearDuplicates: reader.choice('near_duplicates', 'keep', ['keep', 'skip']),
  };
}
