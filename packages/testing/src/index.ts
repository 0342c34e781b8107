export type { BackendCase, TinyCaseOptions } from './backend-case.js';
export { parsedParams, tinyCase, trainCase } from './backend-case.js';
export { backendConformance, CONFORMANCE_CHECKS } from './backend-conformance.js';
export type { ConceptSpec, LabelsByLanguage } from './concept-vocabulary.js';
export { updatedBy, vocabularyOf } from './concept-vocabulary.js';
export type { Check, MakeCase } from './conformance/check.js';
export { frozen } from './conformance/frozen.js';
export { modelBytes, storedModel } from './conformance/model-bytes.js';
export { countThreads } from './conformance/running-threads.js';
export { expectOrdered, ODD_TEXTS, rowsOf } from './conformance/suggestion-checks.js';
export type { FailingCalls } from './failing-calls.js';
export { failingCalls } from './failing-calls.js';
export type { LlmReply, LlmRequest, LlmRequestBody, LlmScript } from './llm-server/llm-reply.js';
export type { LlmServerOptions } from './llm-server/llm-server.js';
export { LlmServer } from './llm-server/llm-server.js';
export type { Grader } from './llm-server/simulated-grader.js';
export { gradeOf, numberedLines, simulatedGrader } from './llm-server/simulated-grader.js';
export { docxOf, epubOf, odtOf, pdfOf, zipOf } from './sample-files.js';
export {
  FIRST_UNTRAINED,
  learningSource,
  N_SUBJECTS,
  worldContext,
  worldDocuments,
  worldSource,
} from './small-world/small-world.js';
export { changedSource, trainedDocuments, worldCase, worldSources } from './small-world/world-case.js';
export { type SubstringParams, substring } from './substring-backend.js';
export { corpusOf, tinyCorpus, tinyDocuments } from './tiny-corpus.js';
export {
  grownVocabulary,
  NEW_CONCEPT,
  NEW_CONCEPT_TEXTS,
  otherVocabulary,
  TINY_CONCEPTS,
  TINY_LANGUAGES,
  tinyVocabulary,
} from './tiny-vocabulary.js';
export { whyNoSqlite } from './without-sqlite.js';
