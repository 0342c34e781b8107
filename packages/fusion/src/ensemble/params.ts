import { ParamReader, type RawParams } from '@catchword/core';
import type { CombineParams } from '@catchword/sources';

export type EnsembleParams = CombineParams;

export const ENSEMBLE_PARAM_HELP: Readonly<Record<string, string>> = {
  combine: 'how scores are joined: mean (weights and exponents, as Annif) or rrf (reciprocal rank fusion)',
  rrf_k: 'of reciprocal rank fusion: rank r counts 1 / (k + r) (default 60)',
};

export function parseEnsembleParams(raw: RawParams, problem: (key: string, message: string) => void): EnsembleParams {
  const read = new ParamReader(raw, problem);
  return {
    combine: read.choice('combine', 'mean', ['mean', 'rrf']),
    rankConstant: read.number('rrf_k', 60, 0, 10_000),
  };
}
