import type { BackendContext } from '@catchword/core';
import { Random } from '@catchword/math';
import { AnswerMemory } from '../client/answer-memory.js';
import { ChatClient } from '../client/chat-client.js';
import type { ChatModel } from '../client/chat-model.js';
import { Endpoint } from '../client/endpoint.js';
import { EndpointError } from '../client/endpoint-error.js';
import { EndpointService, SERVICE_DEFAULTS, type ServiceSettings } from '../client/endpoint-service.js';
import { EndpointState, endpointStateMemory } from '../client/endpoint-state.js';
import { GgufChat } from '../client/gguf-chat.js';
import { RememberingChat } from '../client/remembering-chat.js';
import { RerankClient } from '../client/rerank-client.js';
import type { CandidateReader } from './candidate-reader.js';
import { ChatReader } from './chat-reader.js';
import type { LlmParams, ServiceParams } from './params.js';
import { PROMPT_VERSION } from './prompt.js';
import { RerankReader } from './rerank-reader.js';

/** An endpoint that failed so many times in a row is left alone for so long. */
const FAILURES_TO_PAUSE = 5;
const PAUSE_SECONDS = 30;

/**
 * Opens the endpoint that is configured.
 *
 * @param env where the key is looked up
 * @param further what this service needs otherwise than others
 * @throws {EndpointError} `misconfigured` if none is named, or it cannot be used
 */
export function openService(
  params: ServiceParams,
  context: Pick<BackendContext, 'projectId' | 'sharedState'>,
  seed: number,
  env: Readonly<Record<string, string | undefined>> = process.env,
  further: Partial<ServiceSettings> & { readonly stateFrom?: number } = {},
): EndpointService {
  const { endpoint, timeoutSeconds, retries, concurrency, total } = params;
  if (!endpoint) {
    throw new EndpointError('misconfigured', `No model is asked for "${context.projectId}": it names no endpoint`, {
      hint: 'Set endpoint and model in the configuration, for example endpoint: http://localhost:11434/v1',
    });
  }
  const { stateFrom, ...changed } = further;
  const rules = {
    ...{ concurrency, failuresToPause: FAILURES_TO_PAUSE, pauseSeconds: PAUSE_SECONDS },
    ...{ totalCalls: total.calls, totalTokens: total.tokens },
  };
  const state = new EndpointState(context.sharedState ?? endpointStateMemory(), rules, undefined, stateFrom);
  const settings = { ...SERVICE_DEFAULTS, timeoutMs: timeoutSeconds * 1000, retries, ...changed };
  return new EndpointService(new Endpoint(endpoint, env), state, settings, new Random(seed));
}

/**
 * Opens the chat model that is configured, at an endpoint or in this process.
 *
 * @param promptVersion as in `RememberingChat`
 * @throws {EndpointError} as `openService`
 */
export function openChat(
  params: ServiceParams,
  context: Pick<BackendContext, 'projectId' | 'sharedState' | 'answers'>,
  seed: number,
  promptVersion: string,
): ChatModel {
  const memory = new AnswerMemory(params.cache ? context.answers : undefined);
  const { gguf, format, thinkingTokens, timeoutSeconds } = params;
  const startingFormat = format === 'auto' ? 'json_schema' : format;
  const chat =
    gguf === undefined
      ? new ChatClient(openService(params, context, seed), startingFormat, undefined, thinkingTokens)
      : new GgufChat(gguf, timeoutSeconds * 1000);
  return new RememberingChat(chat, memory, promptVersion);
}

/** @throws {EndpointError} as `openService` */
export function openReader(params: LlmParams, context: BackendContext): CandidateReader {
  if (params.mode === 'cross-encoder') {
    const memory = new AnswerMemory(params.cache ? context.answers : undefined);
    return new RerankReader(new RerankClient(openService(params, context, params.seed), memory));
  }
  return new ChatReader(openChat(params, context, params.seed, PROMPT_VERSION), params);
}
