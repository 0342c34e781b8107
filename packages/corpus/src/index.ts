export type { CorpusReport } from './corpus-report.js';
export { describeReport } from './corpus-report.js';
export type { OpenCorpus, OpenCorpusOptions } from './open-corpus.js';
export { openCorpus } from './open-corpus.js';
