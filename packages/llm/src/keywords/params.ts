import { ParamReader, type RawParams } from '@catchword/core';
import { parseEmbeddingParams } from '../embedding/params.js';
import { parseServiceParams, SERVICE_PARAM_HELP, type ServiceParams, textOf } from '../reader/params.js';
import type { NearnessParams } from './nearest-labels.js';

/** Parameters of keywords that a language model writes. */
export interface KeywordParams {
  readonly service: ServiceParams;
  /** `keywords`: that the model is asked for, at most. */
  readonly keywords: number;
  /** `style_examples`: labels that show how headings of the vocabulary look. */
  readonly styleExamples: number;
  /** `text_characters`: the beginning of the text that is shown. */
  readonly textCharacters: number;
  readonly instructions: string;
  /** `trees`: of the judge of candidates; 0: a score is that of a fixed rule. */
  readonly trees: number;
  /** `train_documents`: so many documents, chosen by chance, are asked about in training. */
  readonly trainDocuments: number;
  readonly seed: number;
  /** How keywords that no label matches are mapped by meaning; absent where they are not. */
  readonly nearness: NearnessParams | undefined;
}

const DEFAULTS = {
  keywords: 10,
  styleExamples: 20,
  textCharacters: 3000,
  trees: 60,
  trainDocuments: 200,
  similarity: 0.7,
};

/** The parameters' names in a configuration, with a line of help each. */
export const KEYWORD_PARAM_HELP: Readonly<Record<string, string>> = {
  keywords: `keywords that the model is asked for, at most (default ${DEFAULTS.keywords})`,
  style_examples: `labels, chosen by chance, that show the model how headings look; 0 for none (default ${DEFAULTS.styleExamples})`,
  text_characters: `the beginning of the text that is shown (default ${DEFAULTS.textCharacters})`,
  instructions: 'said to the model before the rules, for example which collection this is (default none)',
  trees: `trees that judge what keywords lead to; 0 for a fixed rule, which needs no request in training (default ${DEFAULTS.trees})`,
  train_documents: `training documents, chosen by chance, that the model is asked about (default ${DEFAULTS.trainDocuments})`,
  seed: 'chooses the labels that show how headings look (default 0)',
  embedding_model:
    'an embedding model, as for backend embedding: keywords that no label matches lead to the label nearest in meaning (default none)',
  embedding_endpoint: 'URL of its API, where it is another than `endpoint` (default `endpoint`)',
  embedding_key_env: 'the environment variable that holds the key of `embedding_endpoint` (default none)',
  embedding_text_prefix: 'put before each keyword, where the model wants it (default none)',
  embedding_label_prefix: 'put before each label, where the model wants it (default none)',
  similarity: `how near a label has to be, as a cosine from 0 to 1 (default ${DEFAULTS.similarity})`,
  ...SERVICE_PARAM_HELP,
};

/** Reads the parameters; see `BackendType.parseParams`. */
export function parseKeywordParams(raw: RawParams, problem: (key: string, message: string) => void): KeywordParams {
  const read = new ParamReader(raw, problem);
  return {
    service: parseServiceParams(raw, problem),
    keywords: read.whole('keywords', DEFAULTS.keywords, 1, 50),
    styleExamples: read.whole('style_examples', DEFAULTS.styleExamples, 0, 200),
    textCharacters: read.whole('text_characters', DEFAULTS.textCharacters, 100, 1_000_000),
    instructions: textOf(raw, 'instructions') ?? '',
    trees: read.whole('trees', DEFAULTS.trees, 0, 10_000),
    trainDocuments: read.whole('train_documents', DEFAULTS.trainDocuments, 1, 100_000),
    seed: read.whole('seed', 0, 0, 2 ** 31 - 1),
    nearness: parseNearness(raw, read.number('similarity', DEFAULTS.similarity, 0, 1), problem),
  };
}

/** What the embedding model has in common with the chat model: how it is asked, and where, unless it is told. */
const SHARED = [
  ...['timeout', 'retries', 'concurrency', 'batch_calls', 'batch_tokens', 'batch_seconds'],
  ...['total_calls', 'total_tokens', 'cache'],
];

/** @returns undefined where no embedding model is named, or it cannot be used */
function parseNearness(
  raw: RawParams,
  similarity: number,
  problem: (key: string, message: string) => void,
): NearnessParams | undefined {
  const model = textOf(raw, 'embedding_model');
  if (model === undefined) return undefined;
  const own = textOf(raw, 'embedding_endpoint');
  const given: Record<string, string | number | boolean | undefined> = {
    ...Object.fromEntries(SHARED.map((key) => [key, raw[key]])),
    model,
    endpoint: own ?? raw.endpoint,
    // A key is sent to the endpoint that it was named for, and to no other.
    key_env: own === undefined ? raw.key_env : raw.embedding_key_env,
    api_version: own === undefined ? raw.api_version : undefined,
    text_prefix: raw.embedding_text_prefix,
    label_prefix: raw.embedding_label_prefix,
  };
  const known = Object.entries(given).filter((entry): entry is [string, string | number | boolean] => {
    return entry[1] !== undefined;
  });
  const names: Readonly<Record<string, string>> = {
    model: 'embedding_model',
    ...(own === undefined ? undefined : { endpoint: 'embedding_endpoint', key_env: 'embedding_key_env' }),
  };
  let isUsable = true;
  const embedding = parseEmbeddingParams(Object.fromEntries(known), (key, message) => {
    const name = names[key];
    if (name === undefined) return; // told of the chat model already
    isUsable = false;
    problem(name, message.replace(key, name));
  });
  return isUsable ? { embedding, similarity } : undefined;
}
