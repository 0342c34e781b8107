import type { RawParams } from '@catchword/core';

/** How scores are joined: `mean` as Annif does it, or by ranks alone. */
export type Combination = 'mean' | 'rrf';

export interface EnsembleParams {
  readonly combine: Combination;
  /** Of reciprocal rank fusion: how much less a rank further down counts. */
  readonly rankConstant: number;
}

export const ENSEMBLE_PARAM_HELP: Readonly<Record<string, string>> = {
  combine: 'how scores are joined: mean (weights and exponents, as Annif) or rrf (reciprocal rank fusion)',
  rrf_k: 'of reciprocal rank fusion: rank r counts 1 / (k + r) (default 60)',
};

export function parseEnsembleParams(raw: RawParams, problem: (key: string, message: string) => void): EnsembleParams {
  const { combine = 'mean', rrf_k: k = 60 } = raw;
  if (combine !== 'mean' && combine !== 'rrf') {
    problem('combine', `combine has to be mean or rrf, not ${JSON.stringify(combine)}`);
  }
  const rankConstant = typeof k === 'boolean' || String(k).trim() === '' ? Number.NaN : Number(k);
  if (!(rankConstant >= 0 && rankConstant <= 10_000)) {
    problem('rrf_k', `rrf_k has to be a number from 0 to 10000, not ${JSON.stringify(k)}`);
  }
  return { combine: combine === 'rrf' ? 'rrf' : 'mean', rankConstant: rankConstant >= 0 ? rankConstant : 60 };
}
