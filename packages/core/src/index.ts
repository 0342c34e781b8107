export type { Analysis, Analyzer, Transform } from './analysis.js';
export { NO_TERM } from './analysis.js';
export type { AnswerCache } from './answer-cache.js';
export type {
  Backend,
  BackendContext,
  BackendType,
  Progress,
  RawParams,
  SuggestOptions,
  Trained,
  TrainOptions,
} from './backend.js';
export { SHARED_STATE_BYTES } from './backend.js';
export { closest } from './closest.js';
export type { Consultation, Question } from './consultation.js';
export type { Definitions } from './definitions.js';
export type { Corpus, Document, SubjectId } from './document.js';
export type { ErrorCode, ErrorDetails } from './errors.js';
export { ConfigurationError, ERROR_CODES, IndexingError, InputError, ModelError, OperationError } from './errors.js';
export type { Evidence } from './evidence.js';
export type { Contribution, Explanation, RecordEvidence, SourceShare, TextEvidence } from './explanation.js';
export { Family } from './family.js';
export type { JsonObject, JsonValue, ModelData } from './model-data.js';
export { ParamReader } from './param-reader.js';
export type { SimilarRecord } from './similar-record.js';
export type { Source } from './source.js';
export type { Checkpoints, HeldOut, SourceAnswers, SourcePanel, SourceQuestion } from './source-panel.js';
export type { Suggestion } from './suggestion-batch.js';
export { SuggestionBatch, SuggestionBatchBuilder } from './suggestion-batch.js';
export type { Usage } from './usage.js';
export { NO_USAGE, sumUsage } from './usage.js';
export type { LabelTable, SubjectIndex, Vocabulary } from './vocabulary.js';
export {
  LABEL_ALT,
  LABEL_HIDDEN,
  LABEL_PREF,
  SUBJECT_ACTIVE,
  SUBJECT_DEPRECATED,
  SUBJECT_REMOVED,
} from './vocabulary.js';
