import { ParamReader, type RawParams } from '@catchword/core';

/** The models that a fusion can choose from, the simplest first. */
export const FUSION_MODELS = ['mean', 'exponents', 'bands', 'trees', 'lambdamart', 'joined'] as const;
export type FusionModelKind = (typeof FUSION_MODELS)[number];

export interface FusionParams {
  /** `auto` lets cross-validation choose. */
  readonly model: FusionModelKind | 'auto';
  /** Candidates of each source. */
  readonly sourcesLimit: number;
  readonly trees: number;
  readonly maxLeaves: number;
  readonly learningRate: number;
  /** Share of the subjects whose records are hidden in a repetition of each document. */
  readonly hiddenShare: number;
  /** What a row with hidden records counts. */
  readonly hiddenWeight: number;
  /** How many times as probable subjects without records are taken for in the choice of the first ten; undefined: what training chose. */
  readonly untrainedFactor: number | undefined;
  /** Neighbours in the thesaurus of a document's best candidates that are candidates too, at most. */
  readonly neighbours: number;
  /** Whether each source's calibrated score is a feature beside its score. */
  readonly calibratedScores: boolean;
}

export const FUSION_PARAM_HELP: Readonly<Record<string, string>> = {
  model: 'mean, exponents, bands, trees, lambdamart or joined; auto: cross-validation chooses (default auto)',
  sources_limit: 'candidates that each source is asked for (default 100)',
  trees: 'number of trees (default 150)',
  max_leaf_nodes: 'most leaves of a tree, at most 31 (default 24)',
  learning_rate: 'how much each tree adds, above 0 and up to 1 (default 0.06)',
  hidden_share: 'share of the subjects whose records are hidden in a repetition of each document (default 0.2)',
  hidden_weight: 'what such a row counts, 0: none are made (default 0.5)',
  untrained_factor:
    'subjects without records are taken for so many times as probable in the choice of the first ten; auto: what costs at most .002 nDCG@10 (default auto)',
  neighbours:
    'neighbours in the thesaurus of the ten best candidates of a document that are candidates too, at most (default 0)',
  calibrated_scores: 'whether the calibrated score of each source is a feature beside its score (default false)',
};

export function parseFusionParams(raw: RawParams, problem: (key: string, message: string) => void): FusionParams {
  const read = new ParamReader(raw, problem);
  return {
    model: read.choice('model', 'auto', ['auto', ...FUSION_MODELS]),
    sourcesLimit: read.whole('sources_limit', 100, 1, 10_000),
    trees: read.whole('trees', 150, 1, 5_000),
    maxLeaves: read.whole('max_leaf_nodes', 24, 2, 31),
    learningRate: read.number('learning_rate', 0.06, 0.001, 1),
    hiddenShare: read.number('hidden_share', 0.2, 0, 0.5),
    hiddenWeight: read.number('hidden_weight', 0.5, 0, 10),
    untrainedFactor: read.numberOrAuto('untrained_factor', 1, 1000),
    neighbours: read.whole('neighbours', 0, 0, 1000),
    calibratedScores: read.truth('calibrated_scores', false),
  };
}
