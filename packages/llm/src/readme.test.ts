import { Random } from '@catchword/math';
import { LlmServer } from '@catchword/testing';
import { expect, test } from 'vitest';
import {
  Budget,
  ChatClient,
  Endpoint,
  EndpointService,
  EndpointState,
  endpointStateMemory,
  SERVICE_DEFAULTS,
} from './index.js';

test('the example of the README', async () => {
  const server = await LlmServer.start(() => ({ kind: 'text', text: '{"1":3,"2":0}' }));
  const endpoint = new Endpoint({ url: server.url, model: 'small' }, process.env);
  const state = new EndpointState(endpointStateMemory(), { concurrency: 4, failuresToPause: 5, pauseSeconds: 30 });
  const chat = new ChatClient(new EndpointService(endpoint, state, SERVICE_DEFAULTS, new Random(0)));

  const budget = new Budget({ calls: 3, tokens: 2000 }, 'a document');
  const messages = [{ role: 'user', content: 'Grade from 0 to 3.\n1. bees\n2. roses' }] as const;
  const { text } = await chat.chat({ messages, mostTokens: 50, seed: 0 }, { budget });
  expect([text, budget.usage.calls, budget.usage.answerTokens].join(' ')).toBe('{"1":3,"2":0} 1 4');
  await server.close();
});
