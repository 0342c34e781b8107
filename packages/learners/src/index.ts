export type { BinnedMatrix } from './binned-matrix.js';
export { binMatrix, binOf, MISSING_BIN } from './binned-matrix.js';
export type { BoostingParams } from './boosting.js';
export { trainBoosting } from './boosting.js';
export type { TreeArrays } from './tree-ensemble.js';
export { LEAF, TreeEnsemble } from './tree-ensemble.js';
export { TreeScorer } from './tree-scorer.js';
