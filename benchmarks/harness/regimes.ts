import { labelsOf, withoutLabels } from './document-files.js';
import { dataFile } from './places.js';
import type { SplitSet } from './split-sets.js';

/** Which documents and labels a project learns from: all, a thousand documents, or all with a fifth of the labels hidden. */
export type Regime = 'natural' | 'train-1k' | 'zeroshot';

export const REGIMES: readonly Regime[] = ['natural', 'train-1k', 'zeroshot'];

/** The files of a set in a regime, as paths. */
export interface RegimeFiles {
  readonly train: string;
  readonly validate: string;
  /** The labels that are taken from the training documents, one a line. */
  readonly masked?: string;
}

/** @returns undefined where the set does not have the regime, or its files are not there */
export function regimeFiles(set: SplitSet, regime: Regime): RegimeFiles | undefined {
  const validate = dataFile(set.validate);
  const train = dataFile(regime === 'train-1k' ? (set.train1k ?? '') : set.train);
  if (train === undefined || validate === undefined || (regime === 'train-1k' && !set.train1k)) return undefined;
  if (regime !== 'zeroshot') return { train, validate };
  const masked = set.zeroshotLabels === undefined ? undefined : dataFile(set.zeroshotLabels);
  if (masked === undefined) return undefined;
  const labels = labelsOf(masked);
  return { train: withoutLabels(train, labels), validate, masked };
}
