export { mllm } from './mllm/backend.js';
export type { MllmParams } from './mllm/params.js';
