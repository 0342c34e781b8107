export type { AnnifMetric } from './annif-metrics.js';
export { ANNIF_METRICS, TUNABLE_METRICS } from './annif-metrics.js';
export { RatioBootstrap } from './bootstrap.js';
export type { CalibrationFigures } from './calibration-figures.js';
export type { Band, BandRecall, Evaluation, FurtherFigures, Interval, SubjectCounts } from './evaluation.js';
export { BANDS, bandOf } from './evaluation.js';
export {
  furtherLines,
  metricKey,
  metricLines,
  metricsJson,
  subjectResultLines,
} from './evaluation-output.js';
export type { EvaluationOptions, EvaluatorOptions } from './evaluator.js';
export { Evaluator } from './evaluator.js';
export { bestSetSize, expectedF1 } from './expected-f1.js';
export type { GridBest, GridPoint, GridResult } from './limit-grid.js';
export { GRID_LIMIT, gridLines, LimitGrid } from './limit-grid.js';
