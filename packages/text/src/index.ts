export type { AnalyzerOptions } from './analyzer.js';
export { createAnalyzer } from './analyzer.js';
export { ANALYZER_NAMES, checkAnalyzerSpec } from './analyzer-spec.js';
export type { Spec, SpecCheck } from './spec.js';
export { parseSpec, parseSpecList } from './spec.js';
