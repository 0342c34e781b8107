export { ensemble, SOURCE_LIMIT } from './ensemble/backend.js';
export { fusion } from './fusion/backend.js';
export { nnEnsemble } from './nn-ensemble/backend.js';
export { pav } from './pav/backend.js';
export { CandidateTable } from './tuning/candidate-table.js';
export type {
  ExponentsCheck,
  TunedWeights,
  WeightObjective,
  WeightSearch,
  WeightTrial,
} from './tuning/tune-weights.js';
export { tuneWeights } from './tuning/tune-weights.js';
