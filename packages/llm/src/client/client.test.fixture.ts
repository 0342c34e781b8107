import { Random } from '@catchword/math';
import { type LlmScript, LlmServer, type LlmServerOptions } from '@catchword/testing';
import { onTestFinished } from 'vitest';
import { ChatClient } from './chat-client.js';
import type { ChatRequest } from './chat-model.js';
import { Endpoint, type EndpointSettings } from './endpoint.js';
import { EndpointService, SERVICE_DEFAULTS, type ServiceSettings } from './endpoint-service.js';
import { type EndpointRules, EndpointState, endpointStateMemory } from './endpoint-state.js';

export const RULES: EndpointRules = { concurrency: 4, failuresToPause: 100, pauseSeconds: 30 };
export const SETTINGS: ServiceSettings = { ...SERVICE_DEFAULTS, timeoutMs: 2000, firstDelayMs: 1 };

export const GRADES: ChatRequest = {
  messages: [
    { role: 'system', content: 'Grade.' },
    { role: 'user', content: 'A text.\n1. bees\n2. roses' },
  ],
  mostTokens: 50,
  schema: { name: 'grades', schema: { type: 'object' } },
  seed: 0,
};

/** Starts a server that ends with the test. */
export async function startServer(script: LlmScript, options?: LlmServerOptions): Promise<LlmServer> {
  const server = await LlmServer.start(script, options);
  onTestFinished(() => server.close());
  return server;
}

export function serviceAt(
  url: string,
  changes: Partial<ServiceSettings> = {},
  rules: Partial<EndpointRules> = {},
  more: Partial<EndpointSettings> & { readonly env?: Record<string, string> } = {},
): EndpointService {
  const { env = {}, ...settings } = more;
  const endpoint = new Endpoint({ url, model: 'small', ...settings }, env);
  const state = new EndpointState(endpointStateMemory(), { ...RULES, ...rules });
  return new EndpointService(endpoint, state, { ...SETTINGS, ...changes }, new Random(1));
}

/** A client that knows nothing of any service yet. */
export function clientOf(service: EndpointService): ChatClient {
  return new ChatClient(service, 'json_schema', new Map());
}
