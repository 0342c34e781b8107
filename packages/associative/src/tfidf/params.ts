import type { RawParams } from '@catchword/core';
import { ParamReader } from '@catchword/core';
import { readVectorParams, type VectorParams, vectorParamHelp } from '../vector-params.js';

/** Parameters of the subject centroids; Annif's `tfidf` has none but `limit`. */
export interface TfidfParams {
  readonly vectors: VectorParams;
  /** `idf_exponent`: the power of the inverse document frequency in a weight. */
  readonly idfExponent: number;
  /** `smoothing`: a centroid counts as if so much of a record were added that has nothing in common with any document. */
  readonly smoothing: number;
  /** `coverage`: share of a centroid's squared length that is kept. */
  readonly coverage: number;
  /** `label_weight`: a subject's labels count as so much of a record. */
  readonly labelWeight: number;
}

const VECTORS: VectorParams = { ngram: 1, minDf: 1, sublinearTf: true, titleWeight: 1 };
const DEFAULTS = { idfExponent: 1.5, smoothing: 0.5, coverage: 0.99, labelWeight: 0.3 };

/** The parameters' names in a configuration, with a line of help each. */
export const TFIDF_PARAM_HELP: Readonly<Record<string, string>> = {
  idf_exponent: `power of the inverse document frequency in the weight of a term, 1 is the usual one (default ${DEFAULTS.idfExponent})`,
  smoothing: `how much the scores of subjects with few records are lowered; 0: a score is the cosine (default ${DEFAULTS.smoothing})`,
  coverage: `share of a subject's squared weights that the model keeps, the largest ones (default ${DEFAULTS.coverage})`,
  label_weight: `a subject's labels count as so much of a record, so that one without records is found by them (default ${DEFAULTS.labelWeight})`,
  ...vectorParamHelp(VECTORS),
};

/** Reads the parameters; see `BackendType.parseParams`. */
export function parseTfidfParams(raw: RawParams, problem: (key: string, message: string) => void): TfidfParams {
  const reader = new ParamReader(raw, problem);
  return {
    vectors: readVectorParams(reader, VECTORS),
    idfExponent: reader.number('idf_exponent', DEFAULTS.idfExponent, 0, 4),
    smoothing: reader.number('smoothing', DEFAULTS.smoothing, 0, 1000),
    coverage: reader.number('coverage', DEFAULTS.coverage, 0.01, 1),
    labelWeight: reader.number('label_weight', DEFAULTS.labelWeight, 0, 100),
  };
}
