import type { RawParams } from '@catchword/core';
import { ParamReader } from '@catchword/core';
import { readVectorParams, type VectorParams, vectorParamHelp } from '../vector-params.js';

/** Parameters of the linear classifiers; `ngram` and `min_df` are Annif's. */
export interface SvcParams {
  readonly vectors: VectorParams;
  /** `cost`: what a document on the wrong side costs, against the length of the weights. */
  readonly cost: number;
  /** `weight_threshold`: see `ClassifierParams.weightThreshold` of `learners`. */
  readonly weightThreshold: number;
}

const VECTORS: VectorParams = { ngram: 1, minDf: 1, sublinearTf: true, titleWeight: 1 };
const DEFAULTS = { cost: 1, weightThreshold: 0.01 };

/** The parameters' names in a configuration, with a line of help each. */
export const SVC_PARAM_HELP: Readonly<Record<string, string>> = {
  cost: `what a record on the wrong side of a classifier costs (default ${DEFAULTS.cost})`,
  weight_threshold: `weights that count no more are dropped: their magnitude, less for rare features (default ${DEFAULTS.weightThreshold})`,
  ...vectorParamHelp(VECTORS),
};

/** Reads the parameters; see `BackendType.parseParams`. */
export function parseSvcParams(raw: RawParams, problem: (key: string, message: string) => void): SvcParams {
  const reader = new ParamReader(raw, problem);
  return {
    vectors: readVectorParams(reader, VECTORS),
    cost: reader.number('cost', DEFAULTS.cost, 1e-6, 1e6),
    weightThreshold: reader.number('weight_threshold', DEFAULTS.weightThreshold, 0, 100),
  };
}
