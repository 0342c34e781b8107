import { ParamReader, type RawParams } from '@catchword/core';

/** Parameters of the lexical backend; the first four have Annif's names. */
export interface MllmParams {
  /** `min_samples_leaf`: least number of candidates in a leaf of a decision tree. */
  readonly minSamplesLeaf: number;
  /** `max_leaf_nodes`: most leaves of a tree. */
  readonly maxLeafNodes: number;
  /** `max_samples`: share of the candidates that each tree sees. */
  readonly maxSamples: number;
  /** `use_hidden_labels`: whether skos:hiddenLabel is matched. */
  readonly useHiddenLabels: boolean;
  /** `trees`: number of trees. */
  readonly trees: number;
  /** `learning_rate`: how much each tree adds. */
  readonly learningRate: number;
  /** `compounds`: whether labels are looked for inside longer words; `auto`: yes. */
  readonly compounds: boolean;
  /** `least_coverage`: share of a label's weight that makes a candidate although words of it are missing. */
  readonly leastCoverage: number;
}

/** The parameters' names in a configuration, with a line of help each. */
export const MLLM_PARAM_HELP: Readonly<Record<string, string>> = {
  min_samples_leaf: 'least number of candidates in a leaf of a decision tree (default 20)',
  max_leaf_nodes: 'most leaves of a tree (default 15; Annif grows few large trees, Catchword many small ones)',
  max_samples: 'share of the candidates that each tree sees, above 0 and up to 1 (default 0.8)',
  use_hidden_labels: 'whether skos:hiddenLabel is matched (default true)',
  trees: 'number of trees (default 100)',
  learning_rate: 'how much each tree adds, above 0 and up to 1 (default 0.115)',
  compounds: 'whether labels are looked for inside longer words, and words inside longer labels (default true)',
  least_coverage: 'share of a label that makes it a candidate although words of it are missing (default 0.35)',
};

/** Annif's bagged trees have 100 to 2,000 leaves; boosted ones of that size learn the records by heart. */
export const MOST_LEAVES = 63;

/** Reads the parameters; see `BackendType.parseParams`. */
export function parseMllmParams(raw: RawParams, problem: (key: string, message: string) => void): MllmParams {
  const read = new ParamReader(raw, problem);
  return {
    minSamplesLeaf: read.whole('min_samples_leaf', 20, 1, 1_000_000),
    maxLeafNodes: read.whole('max_leaf_nodes', 15, 2, 1_000_000),
    maxSamples: read.number('max_samples', 0.8, 0.01, 1),
    useHiddenLabels: read.truth('use_hidden_labels', true),
    trees: read.whole('trees', 100, 1, 10_000),
    learningRate: read.number('learning_rate', 0.115, 0.001, 1),
    compounds: read.truth('compounds', true),
    leastCoverage: read.number('least_coverage', 0.35, 0.1, 2),
  };
}
