import { type LlmReply, LlmServer } from '@catchword/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AnswerMemory } from './answer-memory.js';
import { Budget } from './budget.js';
import { ChatClient } from './chat-client.js';
import { clientOf, GRADES, serviceAt, startServer } from './client.test.fixture.js';
import type { Dialect } from './dialect.js';
import { Endpoint, endpointUrlProblem } from './endpoint.js';
import { EndpointError } from './endpoint-error.js';
import { RememberingChat } from './remembering-chat.js';

const GOOD: LlmReply = { kind: 'text', text: '{"1":3,"2":0}' };
const once = { budget: new Budget() };

describe('ChatClient finds out what a service understands', () => {
  test('a form of the answer, from strict to none', async () => {
    for (const [formats, wanted] of [
      [['json_schema', 'json_object'], 'json_schema'],
      [['json_object'], 'json_object'],
      [[], 'plain'],
    ] as const) {
      const server = await startServer(() => GOOD, { formats });
      const known = new Map<string, Dialect>();
      const client = new ChatClient(serviceAt(server.url), 'json_schema', known);
      expect((await client.chat(GRADES, once)).text).toBe('{"1":3,"2":0}');
      expect(client.dialect.format).toBe(wanted);
      const nFirst = server.requests.length;
      await new ChatClient(serviceAt(server.url), 'json_schema', known).chat(GRADES, once);
      expect(server.requests.length, 'it is found out once').toBe(nFirst + 1);
    }
  });

  test('parameters that newer models refuse', async () => {
    const server = await startServer(() => GOOD, { refuses: ['temperature', 'max_tokens', 'seed'] });
    const client = clientOf(serviceAt(server.url));
    await client.chat(GRADES, once);
    const { body } = server.requests.at(-1) ?? {};
    expect(body).toMatchObject({ max_completion_tokens: 50, response_format: { type: 'json_schema' } });
    expect(Object.keys(body ?? {})).not.toContain('temperature');
  });

  test('that a text is too long is about the text', async () => {
    const body = '{"error":{"message":"This model\'s maximum context length is 4096 tokens"}}';
    const server = await startServer(() => ({ kind: 'status', status: 400, body }));
    const client = clientOf(serviceAt(server.url));
    await expect(client.chat(GRADES, once)).rejects.toMatchObject({ failure: 'refused' });
    expect(server.requests).toHaveLength(1);
    expect(client.dialect.format).toBe('json_schema');
  });

  test('a model that is not there is said at once', async () => {
    const server = await startServer(() => ({
      kind: 'status',
      status: 404,
      body: '{"error":"model \'small\' not found"}',
    }));
    await expect(clientOf(serviceAt(server.url)).chat(GRADES, once)).rejects.toThrow("model 'small' not found");
    expect(server.requests).toHaveLength(1);
  });
});

describe('ChatClient reads', () => {
  test('the chances of the first token', async () => {
    const server = await startServer(() => ({ kind: 'text', text: 'Yes', firstToken: { Yes: 0.7, No: 0.2 } }));
    const { firstToken } = await clientOf(serviceAt(server.url)).chat({ ...GRADES, words: ['yes', 'no'] }, once);
    expect(firstToken?.map(({ token, probability }) => [token, Math.round(probability * 100)])).toEqual([
      ['Yes', 70],
      ['No', 20],
    ]);
  });

  test('what comes after the thoughts', async () => {
    const server = await startServer(() => ({ kind: 'text', text: '<think>1 is {"1":0}</think>\n{"1":3}' }));
    expect((await clientOf(serviceAt(server.url)).chat(GRADES, once)).text).toBe('{"1":3}');
  });

  const unreadable: [string, LlmReply][] = [
    ['no JSON', { kind: 'status', status: 200, body: '<html>' }],
    ['JSON null', { kind: 'json', json: null }],
    ['no choices', { kind: 'json', json: { choices: [] } }],
    ['choices of another kind', { kind: 'json', json: { choices: { 0: 1 } } }],
    ['no content', { kind: 'json', json: { choices: [{ message: { content: null } }] } }],
  ];
  test.each(unreadable)('%s as a failure', async (_, reply) => {
    const server = await startServer(() => reply);
    await expect(clientOf(serviceAt(server.url)).chat(GRADES, once)).rejects.toMatchObject({ failure: 'unreadable' });
    expect(server.requests).toHaveLength(1);
  });

  test('costs that the service does not tell as an estimate', async () => {
    const server = await startServer(() => ({ ...GOOD, usage: null }) as LlmReply);
    const budget = new Budget();
    await clientOf(serviceAt(server.url)).chat(GRADES, { budget });
    expect(budget.usage.promptTokens).toBeGreaterThan(5);
    expect(budget.usage.answerTokens).toBeGreaterThan(2);
  });
});

describe('the key', () => {
  const KEY = 'sk-very-secret-123';
  const withKey = (url: string) => serviceAt(url, { retries: 0 }, {}, { keyEnv: 'MY_KEY', env: { MY_KEY: KEY } });

  test('is sent to its own origin', async () => {
    const server = await startServer(() => GOOD);
    await clientOf(withKey(server.url)).chat(GRADES, once);
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test('goes to Azure as it wants it', async () => {
    const server = await startServer(() => GOOD);
    const service = serviceAt(server.url, {}, {}, { keyEnv: 'MY_KEY', apiVersion: '2024-10-21', env: { MY_KEY: KEY } });
    await clientOf(service).chat(GRADES, once);
    expect(server.requests[0]).toMatchObject({ query: 'api-version=2024-10-21', headers: { 'api-key': KEY } });
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('is never sent to another host, whatever the service answers', async () => {
    const other = await startServer(() => GOOD);
    for (const status of [301, 302, 307, 308]) {
      const location = `${other.url}/chat/completions`;
      const server = await startServer(() => ({ kind: 'status', status, headers: { location } }));
      await expect(clientOf(withKey(server.url)).chat(GRADES, once)).rejects.toMatchObject({ failure: 'redirected' });
    }
    expect(other.requests).toHaveLength(0);
  });

  test('follows a redirect within the host', async () => {
    const server = await startServer(({ n }) =>
      n === 0 ? { kind: 'status', status: 308, headers: { location: '/v1/chat/completions?again' } } : GOOD,
    );
    expect((await clientOf(withKey(server.url)).chat(GRADES, once)).text).toBe('{"1":3,"2":0}');
  });

  test('stands in no error, even where the service repeats it', async () => {
    const server = await startServer(() => ({
      kind: 'status',
      status: 401,
      body: `Incorrect API key provided: ${KEY}`,
    }));
    const error = await clientOf(withKey(server.url))
      .chat(GRADES, once)
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(EndpointError);
    const { message, detail, stack, context, hint } = error as EndpointError;
    expect(JSON.stringify([message, detail, stack, context, hint])).not.toContain(KEY);
  });

  test('has to be set where the configuration names it', () => {
    expect(() => new Endpoint({ url: 'http://localhost/v1', model: 'm', keyEnv: 'MY_KEY' }, {})).toThrow('MY_KEY');
  });
});

test('endpointUrlProblem refuses what is no endpoint, or would give the key away', () => {
  const bad = [
    'localhost:11434',
    'file:///etc/passwd',
    'http://user:secret@host/v1',
    'https://host/v1?key=1',
    'http://169.254.169.254/latest',
    'http://2852039166/v1',
    'http://[fe80::1]/v1',
    'http://[::ffff:169.254.169.254]/v1',
    '',
  ];
  for (const url of bad) expect(endpointUrlProblem(url), url).toBeDefined();
  for (const url of [
    'http://localhost:11434/v1',
    'https://api.example.org/v1/',
    'http://gpu:8000/v1',
    'http://[::1]:80/v1',
  ])
    expect(endpointUrlProblem(url), url).toBeUndefined();
  expect(endpointUrlProblem('http://gpu:8000/v1', true)).toContain('https');
  expect(endpointUrlProblem('http://127.0.0.1:8000/v1', true)).toBeUndefined();
});

describe('RememberingChat', () => {
  test('asks once, and again where the answer was of no use or the question another', async () => {
    const server = await startServer(() => GOOD);
    const kept = new Map<string, string>();
    const cache = {
      get: async (key: string) => kept.get(key),
      put: async (key: string, answer: string) => void kept.set(key, answer),
    };
    const make = () => new RememberingChat(clientOf(serviceAt(server.url)), new AnswerMemory(cache), '1');
    const budget = new Budget();
    const first = await make().chat(GRADES, { budget });
    const second = await make().chat(GRADES, { budget });
    expect({ ...second, isCached: false }).toEqual(first);
    expect(budget.usage).toMatchObject({ calls: 1, cached: 1 });
    await make().chat({ ...GRADES, seed: 7 }, { budget });
    await make().chat(GRADES, { budget, isUseful: () => false });
    expect(server.requests).toHaveLength(3);
    expect([...kept.keys()].every((key) => /^[0-9a-f]{64}$/.test(key))).toBe(true);
    expect([...kept.values()].join('')).not.toContain('A text.');
  });

  test('asks another deployment of Azure, which its URL names alone', async () => {
    const server = await startServer(() => GOOD);
    const kept = new Map<string, string>();
    const memory = new AnswerMemory({
      get: async (key: string) => kept.get(key),
      put: async (key: string, answer: string) => void kept.set(key, answer),
    });
    const ask = (deployment: string) => {
      const service = serviceAt(`${server.url}/deployments/${deployment}`, {}, {}, { apiVersion: '2024-10-21' });
      return new RememberingChat(clientOf(service), memory, '1').chat(GRADES, once);
    };
    const isCached = [];
    for (const deployment of ['small', 'small', 'large']) isCached.push((await ask(deployment)).isCached);
    expect(isCached).toEqual([false, true, false]);
  });

  test('what is damaged was never there', async () => {
    const server = await startServer(() => GOOD);
    for (const damaged of ['', '{', 'null', '{"text":5}', '[]']) {
      const memory = new AnswerMemory({ get: async () => damaged, put: async () => undefined });
      const chat = new RememberingChat(clientOf(serviceAt(server.url)), memory, '1');
      expect((await chat.chat(GRADES, once)).isCached).toBe(false);
    }
  });
});

test('a server that is not there is told as not reached', async () => {
  const server = await LlmServer.start(() => GOOD);
  onTestFinished(() => undefined);
  const { url } = server;
  await server.close();
  await expect(clientOf(serviceAt(url, { retries: 0 })).chat(GRADES, once)).rejects.toMatchObject({
    failure: 'not-reached',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});
