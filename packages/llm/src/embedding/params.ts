import { ParamReader, type RawParams } from '@catchword/core';
import { parseServiceParams, SERVICE_PARAM_HELP, type ServiceParams, textOf } from '../reader/params.js';
import { modelFolderProblem, ONNX_PREFIX } from './onnx-embedder.js';

/** Parameters of the comparison of texts with labels by their meaning. */
export interface EmbeddingParams {
  readonly service: ServiceParams;
  /** `model`, where it is a folder with a model for this process. */
  readonly folder: string | undefined;
  /** `text_prefix`, `label_prefix`: put before what is embedded, as some models want it. */
  readonly textPrefix: string;
  readonly labelPrefix: string;
  /** `languages`: of the labels; undefined for the project's. */
  readonly languages: readonly string[] | 'all' | undefined;
  /** `chunk_words`: words of a piece of text. */
  readonly chunkWords: number;
  /** `chunks`: pieces of a text, at most. */
  readonly chunks: number;
  /** `trees`: of the judge of candidates; 0: a score is the similarity. */
  readonly trees: number;
  /** `train_documents`: so many documents, chosen by chance, are learnt from. */
  readonly trainDocuments: number;
}

const DEFAULTS = { chunkWords: 50, chunks: 30, trees: 150, trainDocuments: 2000 };

/** What of asking a service makes sense here. */
const SERVICE_KEYS = [
  ...['endpoint', 'key_env', 'api_version', 'timeout', 'retries', 'concurrency'],
  ...['batch_calls', 'batch_tokens', 'batch_seconds', 'total_calls', 'total_tokens', 'cache'],
];

/** The parameters' names in a configuration, with a line of help each. */
export const EMBEDDING_PARAM_HELP: Readonly<Record<string, string>> = {
  model: `the embedding model, as the service calls it, or ${ONNX_PREFIX}FOLDER for one in this process, for which no endpoint is asked (default none)`,
  text_prefix: 'put before each piece of text, where a model wants it: "query: " (default none)',
  label_prefix: 'put before each label, where a model wants it: "passage: " (default none)',
  languages:
    "languages of the labels that texts are compared with, separated by commas, or all (default the project's)",
  chunk_words: `words of a piece of text; pieces are whole sentences (default ${DEFAULTS.chunkWords})`,
  chunks: `pieces of a text at most; of a longer one so many at equal distances (default ${DEFAULTS.chunks})`,
  trees: `trees that judge candidates; 0 for none: a score is the similarity (default ${DEFAULTS.trees})`,
  train_documents: `training documents that the trees learn from, chosen by chance (default ${DEFAULTS.trainDocuments})`,
  ...Object.fromEntries(SERVICE_KEYS.map((key) => [key, SERVICE_PARAM_HELP[key] as string])),
};

/** Reads the parameters; see `BackendType.parseParams`. */
export function parseEmbeddingParams(raw: RawParams, problem: (key: string, message: string) => void): EmbeddingParams {
  const read = new ParamReader(raw, problem);
  const service = parseServiceParams(raw, problem);
  const model = textOf(raw, 'model');
  const folder = model?.startsWith(ONNX_PREFIX) ? model.slice(ONNX_PREFIX.length) : undefined;
  const folderProblem = folder === undefined ? undefined : modelFolderProblem(folder);
  if (folderProblem) problem('model', folderProblem);
  return {
    service,
    folder: folderProblem ? undefined : folder,
    textPrefix: String(raw.text_prefix ?? ''),
    labelPrefix: String(raw.label_prefix ?? ''),
    languages: languagesOf(raw, problem),
    chunkWords: read.whole('chunk_words', DEFAULTS.chunkWords, 1, 10_000),
    chunks: read.whole('chunks', DEFAULTS.chunks, 1, 1000),
    trees: read.whole('trees', DEFAULTS.trees, 0, 10_000),
    trainDocuments: read.whole('train_documents', DEFAULTS.trainDocuments, 1, 1_000_000),
  };
}

function languagesOf(
  raw: RawParams,
  problem: (key: string, message: string) => void,
): readonly string[] | 'all' | undefined {
  const text = textOf(raw, 'languages');
  if (text === undefined) return undefined;
  if (text.toLowerCase() === 'all') return 'all';
  const tags = text.split(',').map((tag) => tag.trim().toLowerCase());
  if (tags.every((tag) => /^[a-z]{2,3}(-[a-z0-9]{1,8})*$/.test(tag))) return tags;
  problem('languages', `languages has to be all, or tags such as de,en, not ${JSON.stringify(raw.languages)}`);
  return undefined;
}
