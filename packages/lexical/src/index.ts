export { mllm } from './mllm/backend.js';
export type { LabelIndexOptions } from './mllm/build-label-index.js';
export { buildLabelIndex } from './mllm/build-label-index.js';
export type { Candidates, MatchRecord } from './mllm/candidate-set.js';
export type { LabelIndex } from './mllm/label-index.js';
export type { MatcherOptions } from './mllm/matcher.js';
export { Matcher } from './mllm/matcher.js';
export type { MllmParams } from './mllm/params.js';
