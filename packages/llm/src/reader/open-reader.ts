import type { BackendContext } from '@catchword/core';
import { Random } from '@catchword/math';
import { AnswerMemory } from '../client/answer-memory.js';
import { ChatClient } from '../client/chat-client.js';
import { Endpoint } from '../client/endpoint.js';
import { EndpointError } from '../client/endpoint-error.js';
import { EndpointService, SERVICE_DEFAULTS, type ServiceSettings } from '../client/endpoint-service.js';
import { EndpointState, endpointStateMemory } from '../client/endpoint-state.js';
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
  further: Partial<ServiceSettings> = {},
): EndpointService {
  const { endpoint, timeoutSeconds, retries, concurrency, total } = params;
  if (!endpoint) {
    throw new EndpointError('misconfigured', `No model is asked for "${context.projectId}": it names no endpoint`, {
      hint: 'Set endpoint and model in the configuration, for example endpoint: http://localhost:11434/v1',
    });
  }
  const state = new EndpointState(context.sharedState ?? endpointStateMemory(), {
    ...{ concurrency, failuresToPause: FAILURES_TO_PAUSE, pauseSeconds: PAUSE_SECONDS },
    ...{ totalCalls: total.calls, totalTokens: total.tokens },
  });
  const settings = { ...SERVICE_DEFAULTS, timeoutMs: timeoutSeconds * 1000, retries, ...further };
  return new EndpointService(new Endpoint(endpoint, env), state, settings, new Random(seed));
}

/** @throws {EndpointError} as `openService` */
export function openReader(params: LlmParams, context: BackendContext): CandidateReader {
  const service = openService(params, context, params.seed);
  const memory = new AnswerMemory(params.cache ? context.answers : undefined);
  if (params.mode === 'cross-encoder') return new RerankReader(new RerankClient(service, memory));
  const chat = new ChatClient(service, params.format === 'auto' ? 'json_schema' : params.format);
  return new ChatReader(new RememberingChat(chat, memory, PROMPT_VERSION), params);
}
