import type { RawParams } from '@catchword/core';
import { ParamReader } from '@catchword/core';
import { LABEL_TREE_DEFAULTS as LEARNER_DEFAULTS } from '@catchword/learners';
import { readVectorParams, type VectorParams, vectorParamHelp } from '../vector-params.js';

/** Parameters of label trees; those of the clustering have Annif's names. */
export interface LabelTreeBackendParams {
  readonly vectors: VectorParams;
  readonly clusterBalanced: boolean;
  readonly clusterK: number;
  readonly maxDepth: number;
  readonly collapseEveryNLayers: number;
  readonly trees: number;
  /** What a record on the wrong side of a classifier costs; undefined: what suits the records. */
  readonly cost: number | undefined;
  /** See `LabelTreeParams.outsideBeam` of `learners`. */
  readonly outsideBeam: number;
  /**
   * A subject's labels count as so much of a record; 0: they do not, and a subject without records is in no tree. Undefined: as
   * suits the number of records.
   */
  readonly labelWeight: number | undefined;
  /** See `ClassifierParams.weightThreshold` of `learners`. */
  readonly weightThreshold: number;
  /** So many weights of a classifier are kept at most; 0 is all. */
  readonly weightBudget: number;
  readonly beam: number;
  readonly exponent: number;
  readonly leafCap: number;
}

type Shape = Pick<LabelTreeBackendParams, 'clusterBalanced' | 'clusterK' | 'maxDepth' | 'collapseEveryNLayers'>;

type Preset = 'parabel' | 'bonsai' | 'attentionxml';

/** Shapes of the literature, as Annif's wiki gives them for Omikuji. */
const PRESETS: Readonly<Record<Preset, Shape>> = {
  parabel: { clusterBalanced: true, clusterK: 2, maxDepth: 20, collapseEveryNLayers: 0 },
  bonsai: { clusterBalanced: false, clusterK: 100, maxDepth: 3, collapseEveryNLayers: 0 },
  attentionxml: { clusterBalanced: false, clusterK: 2, maxDepth: 20, collapseEveryNLayers: 5 },
};

/** What a backend takes where the configuration says nothing. */
export interface LabelTreeDefaults {
  readonly preset: Preset;
  readonly vectors: VectorParams;
}

/** Annif's: it gives Omikuji the shape of Parabel and words alone. */
export const OMIKUJI_DEFAULTS: LabelTreeDefaults = {
  preset: 'parabel',
  vectors: { ngram: 1, minDf: 1, sublinearTf: false, titleWeight: 1 },
};

export const LABEL_TREE_DEFAULTS: LabelTreeDefaults = {
  preset: 'bonsai',
  vectors: { ngram: 2, minDf: 2, sublinearTf: false, titleWeight: 1, charNgram: 'auto' },
};

const { nTrees: TREES, outsideBeam: HARD_NEGATIVES, weightThreshold: WEIGHT_THRESHOLD } = LEARNER_DEFAULTS;
const BEAM = 10;
const EXPONENT = 5;
const LEAF_CAP = 20;

/** Names of the parameters, with a line of help each. */
export function labelTreeParamHelp({ preset, vectors }: LabelTreeDefaults): Record<string, string> {
  const shape = PRESETS[preset];
  return {
    preset: `shape of the trees: parabel, bonsai or attentionxml; the next four change it (default ${preset})`,
    cluster_balanced: `whether clusters of subjects have equal size (default ${shape.clusterBalanced})`,
    cluster_k: `number of clusters that subjects are split into (default ${shape.clusterK})`,
    max_depth: `greatest depth of a tree (default ${shape.maxDepth})`,
    collapse_every_n_layers: `layers that become one, for wider trees (default ${shape.collapseEveryNLayers})`,
    trees: `number of trees (default ${TREES})`,
    cost: 'what a record on the wrong side of a classifier costs (default auto; 0.5 where records are short titles, else 1)',
    hard_negatives: `wrong leaves that a record teaches as well, those it would be led to; 0 for none (default ${HARD_NEGATIVES})`,
    label_weight:
      "a subject's labels count as so much of a record, so that one without records has a place in the trees (default auto; 1 for up to 20,000 records, else 0)",
    weight_threshold: `weights that count no more are dropped: their magnitude, less for rare features (default ${WEIGHT_THRESHOLD})`,
    weight_budget: 'greatest number of weights of a classifier, 0 for all (default 0)',
    beam: `nodes that are kept of a level in suggesting (default ${BEAM})`,
    exponent: `how steeply a classifier's doubt counts in suggesting (default ${EXPONENT}; Omikuji has 2)`,
    leaf_cap: `subjects that are kept of a leaf in suggesting (default ${LEAF_CAP})`,
    ...vectorParamHelp(vectors),
  };
}

/** Reads the parameters; see `BackendType.parseParams`. */
export function parseLabelTreeParams(
  defaults: LabelTreeDefaults,
  raw: RawParams,
  problem: (key: string, message: string) => void,
): LabelTreeBackendParams {
  const reader = new ParamReader(raw, problem);
  const shape = PRESETS[reader.choice('preset', defaults.preset, Object.keys(PRESETS) as Preset[])];
  return {
    vectors: readVectorParams(reader, defaults.vectors),
    clusterBalanced: reader.truth('cluster_balanced', shape.clusterBalanced),
    clusterK: reader.whole('cluster_k', shape.clusterK, 2, 10_000),
    maxDepth: reader.whole('max_depth', shape.maxDepth, 1, 1000),
    collapseEveryNLayers: reader.whole('collapse_every_n_layers', shape.collapseEveryNLayers, 0, 100),
    trees: reader.whole('trees', TREES, 1, 100),
    cost: reader.numberOrAuto('cost', 1e-6, 1e6),
    outsideBeam: reader.whole('hard_negatives', HARD_NEGATIVES, 0, 1000),
    labelWeight: reader.numberOrAuto('label_weight', 0, 100),
    weightThreshold: reader.number('weight_threshold', WEIGHT_THRESHOLD, 0, 100),
    weightBudget: reader.whole('weight_budget', 0, 0, 100_000_000),
    beam: reader.whole('beam', BEAM, 1, 10_000),
    exponent: reader.number('exponent', EXPONENT, 0.1, 20),
    leafCap: reader.whole('leaf_cap', LEAF_CAP, 1, 10_000),
  };
}
