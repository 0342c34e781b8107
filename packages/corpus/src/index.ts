export type { CorpusReport } from './corpus-report.js';
export { describeReport } from './corpus-report.js';
export { DocumentFiles, isExtracted } from './document-files.js';
export type {
  ExtractedText,
  ExtractionLimits,
  ExtractionProblem,
  FileFormat,
  UploadedFile,
} from './extraction/extraction.js';
export { DEFAULT_EXTRACTION_LIMITS, ExtractionError, FILE_FORMATS } from './extraction/extraction.js';
export type { ExtractorOptions } from './extraction/extractor.js';
export { DEFAULT_EXTRACTOR, Extractor } from './extraction/extractor.js';
export type { IndexOutputOptions } from './index-output.js';
export { corpusResultPath, documentResultPath, indexLine, suggestionLines } from './index-output.js';
export { openMarcFile } from './marc-file.js';
export type { OpenCorpus, OpenCorpusOptions } from './open-corpus.js';
export { openCorpus } from './open-corpus.js';
export type { FolderEntry } from './read-folder.js';
export { listFolder } from './read-folder.js';
export type { DocumentResults, ResultDecision } from './read-results.js';
export { readResults } from './read-results.js';
export type { ResultFormat } from './result-format.js';
export { jsonlFormat } from './result-format.js';
export type { TableFormat } from './table-output.js';
export { tableFormat } from './table-output.js';
export type { TextFile } from './text-file.js';
export { readTextFile, readTextStream } from './text-file.js';
