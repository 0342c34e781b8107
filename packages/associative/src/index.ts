export { knn } from './knn/backend.js';
export type { KnnParams } from './knn/params.js';
export { ParamReader } from './param-reader.js';
export { readVectorParams, VECTOR_PARAM_HELP, vectorParamHelp } from './vector-params.js';
