export { mllm } from './mllm/backend.js';
export type { LabelIndex, LabelIndexOptions } from './mllm/label-index.js';
export { buildLabelIndex } from './mllm/label-index.js';
export type { Candidates, MatcherOptions, MatchRecord } from './mllm/matcher.js';
export { Matcher } from './mllm/matcher.js';
export type { MllmParams } from './mllm/params.js';
