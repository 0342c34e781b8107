import { ParamReader, type RawParams } from '@catchword/core';
import type { BudgetLimits } from '../client/budget.js';
import { ANSWER_FORMATS, type AnswerFormat } from '../client/dialect.js';
import { type EndpointSettings, endpointUrlProblem } from '../client/endpoint.js';
import { MOST_CONCURRENT } from '../client/endpoint-state.js';
import { GGUF_PREFIX, modelFileProblem } from '../client/gguf-chat.js';

/** How a model is asked about the candidates of a text. */
export const READING_MODES = ['grades', 'listwise', 'yes-no', 'cross-encoder'] as const;
export type ReadingMode = (typeof READING_MODES)[number];

/** More candidates in one question than models keep apart. */
export const MOST_CANDIDATES = 30;

/** How a model is reached. */
export interface ServiceParams {
  /** Absent where no endpoint is named: then nothing is asked. */
  readonly endpoint: EndpointSettings | undefined;
  /** `model`, where it is the file of a chat model for this process. */
  readonly gguf: string | undefined;
  readonly format: AnswerFormat | 'auto';
  /** Added to the tokens that an answer may have. */
  readonly thinkingTokens: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
  readonly concurrency: number;
  readonly document: BudgetLimits;
  readonly batch: BudgetLimits;
  readonly total: BudgetLimits;
  /** Whether answers are kept over runs. */
  readonly cache: boolean;
}

export interface LlmParams extends ServiceParams {
  readonly mode: ReadingMode;
  /** The best grade: grades are whole numbers from 0 to it. */
  readonly bestGrade: number;
  /** The first so many candidates of the sources are read. */
  readonly candidates: number;
  /** Questions about each text, with the candidates in another order each; grades are averaged. */
  readonly orders: number;
  /** Similar training records that are shown, with their subjects. */
  readonly examples: number;
  /** Of a definition or scope note at most so much is shown; 0 for none. */
  readonly definitionCharacters: number;
  /** The beginning of the text that is shown. */
  readonly textCharacters: number;
  /** Put before the rules; empty for nothing. */
  readonly instructions: string;
  /** What a grade counts where nothing was trained. */
  readonly weight: number;
  readonly exponent: number;
  /** Whether grades count on the scale of the document's best score, or on that from 0 to 1, as Annif has it. */
  readonly scaledByBest: boolean;
  /** Texts whose suggestions are at least so sure are not read. */
  readonly askBelow: number;
  /** Of each batch at most this share is read, the least sure first. */
  readonly askShare: number;
  readonly seed: number;
}

export const SERVICE_PARAM_HELP: Readonly<Record<string, string>> = {
  endpoint:
    'URL of an API in the form of OpenAI, such as http://localhost:11434/v1; without it nothing is sent anywhere (default none)',
  model: `the model, as the service calls it, or ${GGUF_PREFIX}FILE for one in this process, for which no endpoint is asked (default none)`,
  key_env: 'the environment variable that holds the key; never the key itself (default none)',
  api_version: 'of Azure: sent with each request, and the key as api-key (default none)',
  format:
    'how strictly the form of the answer is asked for: json_schema, json_object or plain; auto finds out (default auto)',
  thinking_tokens:
    'tokens that a model which thinks before it answers may use for that; too few, and answers are cut off (default 0)',
  timeout: 'seconds that one answer may take (default 30)',
  retries: 'times that a request is sent again after a failure that may pass (default 2)',
  concurrency: 'requests under way at the same time, of all threads together (default 4)',
  document_calls: 'requests for one document; 0 for any number (default 0)',
  document_tokens: 'tokens for one document, of questions and answers together; 0 for any number (default 0)',
  document_seconds: 'seconds for one document, repetitions included; 0 for any time (default 45)',
  batch_calls: 'requests for one batch of documents (32 on the command line); 0 for any number (default 0)',
  batch_tokens: 'tokens for one batch of documents; 0 for any number (default 0)',
  batch_seconds: 'seconds for one batch of documents; 0 for any time (default 0)',
  total_calls: 'requests of the whole process; 0 for any number (default 0)',
  total_tokens: 'tokens of the whole process; 0 for any number (default 0)',
  cache: 'whether answers are kept in the data folder, so that nothing is asked twice (default true)',
};

export const LLM_PARAM_HELP: Readonly<Record<string, string>> = {
  mode: 'grades (one question, a grade from 0 to 3 for each candidate), listwise (one question, an order), yes-no (a question for each candidate) or cross-encoder (a reranking model) (default grades)',
  candidates: `the first so many candidates of the sources are read, at most ${MOST_CANDIDATES} (default 20)`,
  orders: 'questions about each text, each with the candidates in another order; grades are averaged (default 1)',
  examples:
    'similar training records that are shown with their subjects, where a source keeps records; 0 for none (default 3)',
  definition_characters:
    'of what the vocabulary says about a candidate (its definition, else its scope note) at most so many characters are shown; 0 for none (default 200)',
  text_characters: 'the beginning of the text that is shown (default 3000)',
  instructions: 'said to the model before the rules, for example which collection this is (default none)',
  weight: 'what a grade counts where nothing was trained (default 0.12)',
  ask_below: 'texts are read whose suggestions are less sure than this; 1 for all (default 1)',
  ask_share: 'of each batch at most this share is read, the least sure first (default 1)',
  seed: 'chooses the order of candidates (default 0)',
  ...SERVICE_PARAM_HELP,
};

/** Reads how a model is reached. */
export function parseServiceParams(
  raw: RawParams,
  problem: (key: string, message: string) => void,
  defaults: { readonly document: number } = { document: 45 },
): ServiceParams {
  const read = new ParamReader(raw, problem);
  const url = textOf(raw, 'endpoint');
  const keyEnv = textOf(raw, 'key_env');
  const apiVersion = textOf(raw, 'api_version');
  const urlProblem = url === undefined ? undefined : endpointUrlProblem(url, keyEnv !== undefined);
  if (urlProblem) problem('endpoint', `endpoint: ${urlProblem}`);
  const keyProblem = keyEnv === undefined ? undefined : keyEnvProblem(keyEnv);
  if (keyProblem) problem('key_env', keyProblem);
  if (apiVersion !== undefined && !/^[\w.-]+$/.test(apiVersion)) {
    problem('api_version', `api_version has to be like 2024-10-21, not ${JSON.stringify(apiVersion)}`);
  }
  const model = textOf(raw, 'model');
  const gguf = model?.startsWith(GGUF_PREFIX) ? model.slice(GGUF_PREFIX.length) : undefined;
  const ggufProblem = gguf === undefined ? undefined : modelFileProblem(gguf);
  if (ggufProblem) problem('model', ggufProblem);
  const isUsable = url !== undefined && !urlProblem && !keyProblem;
  return {
    endpoint: isUsable ? { url, model: model ?? '', keyEnv, apiVersion } : undefined,
    gguf: ggufProblem ? undefined : gguf,
    format: read.choice('format', 'auto', ['auto', ...ANSWER_FORMATS]),
    thinkingTokens: read.whole('thinking_tokens', 0, 0, 100_000),
    timeoutSeconds: read.number('timeout', 30, 0.1, 3600),
    retries: read.whole('retries', 2, 0, 10),
    concurrency: read.whole('concurrency', 4, 1, MOST_CONCURRENT),
    document: limitsOf(read, 'document', defaults.document),
    batch: limitsOf(read, 'batch', 0),
    total: {
      ...limit('calls', read.whole('total_calls', 0, 0, 1e9)),
      ...limit('tokens', read.whole('total_tokens', 0, 0, 4e9)),
    },
    cache: read.truth('cache', true),
  };
}

export function parseLlmParams(raw: RawParams, problem: (key: string, message: string) => void): LlmParams {
  const read = new ParamReader(raw, problem);
  return {
    ...parseServiceParams(raw, problem),
    mode: read.choice('mode', 'grades', READING_MODES),
    bestGrade: 3,
    candidates: read.whole('candidates', 20, 1, MOST_CANDIDATES),
    orders: read.whole('orders', 1, 1, 5),
    examples: read.whole('examples', 3, 0, 10),
    definitionCharacters: read.whole('definition_characters', 200, 0, 4000),
    textCharacters: read.whole('text_characters', 3000, 100, 1_000_000),
    instructions: textOf(raw, 'instructions') ?? '',
    weight: read.number('weight', 0.12, 0, 1),
    exponent: 1,
    scaledByBest: true,
    askBelow: read.number('ask_below', 1, 0, 1),
    askShare: read.number('ask_share', 1, 0, 1),
    seed: read.whole('seed', 0, 0, 2 ** 31 - 1),
  };
}

/** @returns undefined where nothing, or nothing but white space, is set */
export function textOf(raw: RawParams, key: string): string | undefined {
  const value = raw[key];
  const text = value === undefined ? '' : String(value).trim();
  return text === '' ? undefined : text;
}

/** A key in the place of the variable's name would end in a model folder and in logs. */
function keyEnvProblem(keyEnv: string): string | undefined {
  if (/^[A-Z_][A-Z0-9_]{0,63}$/i.test(keyEnv) && !/^sk[-_]/.test(keyEnv)) return undefined;
  return 'key_env has to be the name of an environment variable, such as LLM_API_KEY; never write the key itself';
}

function limitsOf(read: ParamReader, of: 'document' | 'batch', seconds: number): BudgetLimits {
  return {
    ...limit('calls', read.whole(`${of}_calls`, 0, 0, 1e9)),
    ...limit('tokens', read.whole(`${of}_tokens`, 0, 0, 4e9)),
    ...limit('seconds', read.number(`${of}_seconds`, seconds, 0, 1e6)),
  };
}

function limit<K extends keyof BudgetLimits>(key: K, value: number): { [k in K]?: number } {
  return (value > 0 ? { [key]: value } : {}) as { [k in K]?: number };
}
