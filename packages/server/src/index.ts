export type { CatchwordServer } from './create-server.js';
export { createServer } from './create-server.js';
export type { ApiKey, Scope } from './operation/api-keys.js';
export { ApiKeyStore, SCOPES } from './operation/api-keys.js';
export type { FieldProblem, ProblemDocument } from './problem.js';
export type { ServerOptions } from './server-options.js';
export { DEFAULT_SERVER_OPTIONS } from './server-options.js';
