export { knn } from './knn/backend.js';
export type { KnnParams } from './knn/params.js';
export { labelTree, omikuji } from './label-tree/backend.js';
export { svc } from './svc/backend.js';
export type { SvcParams } from './svc/params.js';
export { tfidf } from './tfidf/backend.js';
export type { TfidfParams } from './tfidf/params.js';
export { readVectorParams, VECTOR_PARAM_HELP, vectorParamHelp } from './vector-params.js';
