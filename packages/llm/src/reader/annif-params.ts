import { ParamReader, type RawParams } from '@catchword/core';
import { type LlmParams, parseServiceParams, SERVICE_PARAM_HELP, textOf } from './params.js';

/** Characters of a token, as Annif's limit of prompts counts: languages with long words have fewer. */
const CHARACTERS_PER_TOKEN = 3;
/** Annif's own: more candidates than one question of `llm` takes. */
const MOST_SOURCES_LIMIT = 100;

const { endpoint: _endpoint, key_env: _keyEnv, api_version: _apiVersion, model, ...common } = SERVICE_PARAM_HELP;

export const LLM_ENSEMBLE_PARAM_HELP: Readonly<Record<string, string>> = {
  model: model ?? '',
  api_base_url:
    'URL of an API in the form of OpenAI; else the environment variable LLM_API_BASE_URL, or AZURE_OPENAI_ENDPOINT (default none)',
  sources_limit: 'candidates that are read (default 10)',
  llm_weight: 'weight of the scores of the model; the sources have the rest (default 0.7)',
  llm_exponent: 'the scores of the model are raised to this (default 1.0)',
  max_prompt_tokens: 'the text is cut so that the prompt has about so many tokens at most; 0 for all of it (default 0)',
  system_prompt:
    'said to the model before the rules; the rules ask for scores by number, not by keyword (default none)',
  encoding: 'has no effect: tokens are estimated (default none)',
  ...common,
};

/**
 * Reads the settings of Annif's `llm_ensemble`. Its key is in LLM_API_KEY, or AZURE_OPENAI_API_KEY, as there.
 *
 * @param env the process's
 * @see Annif pull request 859
 */
export function parseLlmEnsembleParams(
  raw: RawParams,
  problem: (key: string, message: string) => void,
  env: Readonly<Record<string, string | undefined>> = process.env,
): LlmParams {
  const read = new ParamReader(raw, problem);
  const azure = textOf(raw, 'api_base_url') || env.LLM_API_BASE_URL ? undefined : env.AZURE_OPENAI_ENDPOINT;
  const url = textOf(raw, 'api_base_url') ?? (env.LLM_API_BASE_URL || azureUrl(azure, textOf(raw, 'model')));
  const keyEnv = azure ? 'AZURE_OPENAI_API_KEY' : 'LLM_API_KEY';
  const service = parseServiceParams(
    {
      ...raw,
      ...(url ? { endpoint: url } : undefined),
      ...(env[keyEnv] ? { key_env: keyEnv } : undefined),
      ...(azure ? { api_version: env.OPENAI_API_VERSION || '2024-10-21' } : undefined),
    },
    (key, message) => {
      if (key === 'endpoint') problem('api_base_url', message.replace(/^endpoint/, 'api_base_url'));
      else problem(key, message);
    },
  );
  const promptTokens = read.whole('max_prompt_tokens', 0, 0, 1_000_000);
  return {
    ...service,
    mode: 'grades',
    bestGrade: 100,
    candidates: read.whole('sources_limit', 10, 1, MOST_SOURCES_LIMIT),
    orders: 1,
    examples: 0,
    definitionCharacters: 0,
    textCharacters: promptTokens === 0 ? 1_000_000 : Math.max(100, promptTokens * CHARACTERS_PER_TOKEN),
    instructions: textOf(raw, 'system_prompt') ?? '',
    weight: read.number('llm_weight', 0.7, 0, 1),
    exponent: read.number('llm_exponent', 1, 0.01, 1000),
    scaledByBest: false,
    askBelow: 1,
    askShare: 1,
    seed: 0,
  };
}

function azureUrl(endpoint: string | undefined, deployment: string | undefined): string | undefined {
  if (!endpoint) return undefined;
  return `${endpoint.replace(/\/+$/, '')}/openai/deployments/${encodeURIComponent(deployment ?? '')}`;
}
