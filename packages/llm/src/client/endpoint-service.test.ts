import type { LlmReply } from '@catchword/testing';
import { describe, expect, test } from 'vitest';
import { Budget } from './budget.js';
import { clientOf, GRADES, serviceAt, startServer } from './client.test.fixture.js';
import { EndpointState, endpointStateMemory } from './endpoint-state.js';

const GOOD: LlmReply = { kind: 'text', text: '{"1":3,"2":0}' };
const ask = (url: string, ...more: Parameters<typeof serviceAt> extends [string, ...infer R] ? R : never) =>
  clientOf(serviceAt(url, ...more)).chat(GRADES, { budget: new Budget() });

describe('EndpointService asks again', () => {
  const failures: [string, LlmReply][] = [
    ['too many requests', { kind: 'status', status: 429 }],
    ['an error of the server', { kind: 'status', status: 500, body: 'oops' }],
    ['a gateway that is busy', { kind: 'status', status: 503 }],
    ['a broken connection', { kind: 'reset' }],
    ['an answer that breaks off', { kind: 'cut-off', text: '{"1":3}' }],
    ['silence', { kind: 'silence' }],
  ];

  test.each(failures)('after %s', async (_, reply) => {
    const server = await startServer(({ n }) => (n === 0 ? reply : GOOD));
    const budget = new Budget();
    const client = clientOf(serviceAt(server.url, { timeoutMs: 300 }));
    const { text } = await client.chat(GRADES, { budget });
    expect(text).toBe('{"1":3,"2":0}');
    expect(server.requests).toHaveLength(2);
    expect(budget.usage).toMatchObject({ calls: 2, answerTokens: 4 });
  });

  test('after the time that the service asks for', async () => {
    const server = await startServer(({ n }) =>
      n === 0 ? { kind: 'status', status: 429, headers: { 'retry-after': '0.2' } } : GOOD,
    );
    const started = performance.now();
    await ask(server.url);
    expect(performance.now() - started).toBeGreaterThan(190);
  });

  test('not where the service asks for a long time', async () => {
    const server = await startServer(() => ({ kind: 'status', status: 429, headers: { 'retry-after': '3600' } }));
    await expect(ask(server.url)).rejects.toMatchObject({ code: 'endpoint-failed', failure: 'overloaded' });
    expect(server.requests).toHaveLength(1);
  });

  test('not for ever', async () => {
    const server = await startServer(() => ({ kind: 'status', status: 500 }));
    await expect(ask(server.url, { retries: 3 })).rejects.toMatchObject({ failure: 'server-failed', status: 500 });
    expect(server.requests).toHaveLength(4);
  });

  test('not where the request is refused', async () => {
    const server = await startServer(() => ({ kind: 'status', status: 401, body: '{"error":{"message":"no key"}}' }));
    await expect(ask(server.url)).rejects.toMatchObject({ failure: 'refused', hint: expect.stringContaining('key') });
    expect(server.requests).toHaveLength(1);
  });
});

describe('EndpointService is bounded', () => {
  test('an answer of ten megabytes is not read', async () => {
    const server = await startServer(() => ({ kind: 'flood', bytes: 10 << 20 }));
    await expect(ask(server.url)).rejects.toMatchObject({ failure: 'too-large' });
    expect(server.requests).toHaveLength(1);
  });

  test('requests side by side', async () => {
    const server = await startServer(() => ({ ...GOOD, delayMs: 20 }) as LlmReply);
    const client = clientOf(serviceAt(server.url, {}, { concurrency: 3 }));
    await Promise.all(Array.from({ length: 12 }, () => client.chat(GRADES, { budget: new Budget() })));
    expect(server.requests).toHaveLength(12);
    expect(server.mostUnderWay).toBe(3);
  });

  test('an abort ends the request with its reason', async () => {
    const server = await startServer(() => ({ kind: 'silence' }));
    const abort = new AbortController();
    const asked = clientOf(serviceAt(server.url)).chat(GRADES, { budget: new Budget(), signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 20);
    await expect(asked).rejects.toThrow('enough');
  });

  test('a place that an ended thread holds is free again after its lease', async () => {
    let now = 1000;
    const memory = endpointStateMemory();
    const rules = { concurrency: 1, failuresToPause: 5, pauseSeconds: 30 };
    const ended = new EndpointState(memory, rules, () => now);
    await ended.enter(10);
    const state = new EndpointState(memory, rules, () => now);
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('still held')), 60);
    await expect(state.enter(10, abort.signal)).rejects.toThrow('still held');
    now += 12;
    (await state.enter(10))();
  });
});

describe('EndpointService keeps to the budget', () => {
  test('of requests, repeated ones included', async () => {
    const server = await startServer(() => ({ kind: 'status', status: 500 }));
    const budget = new Budget({ calls: 2 }, 'a document');
    const asked = clientOf(serviceAt(server.url, { retries: 5 })).chat(GRADES, { budget });
    await expect(asked).rejects.toMatchObject({
      failure: 'budget-spent',
      message: expect.stringContaining('2 requests'),
    });
    expect(server.requests).toHaveLength(2);
  });

  test('of tokens, before anything is sent', async () => {
    const server = await startServer(() => GOOD);
    const budget = new Budget({ tokens: 60 }, 'a document');
    await expect(clientOf(serviceAt(server.url)).chat(GRADES, { budget })).rejects.toMatchObject({
      failure: 'budget-spent',
    });
    expect(server.requests).toHaveLength(0);
  });

  test('of the batch, where the document has enough left', async () => {
    const server = await startServer(() => GOOD);
    const batch = new Budget({ calls: 3 }, 'a batch');
    const client = clientOf(serviceAt(server.url));
    const asked = Array.from({ length: 5 }, () =>
      client.chat(GRADES, { budget: new Budget({ calls: 1 }, 'a document', batch) }),
    );
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(batch.usage).toMatchObject({ calls: 3, answerTokens: 12 });
    expect(server.requests).toHaveLength(3);
  });

  test('of seconds: a request has no more time than is left', async () => {
    const server = await startServer(() => ({ kind: 'silence' }));
    const budget = new Budget({ seconds: 1.5 }, 'a document');
    const asked = clientOf(serviceAt(server.url, { timeoutMs: 120_000 })).chat(GRADES, { budget });
    await expect(asked).rejects.toMatchObject({ failure: 'timed-out' });
    expect(server.requests).toHaveLength(1);
  });

  test('of all threads together', async () => {
    const server = await startServer(() => GOOD);
    const client = clientOf(serviceAt(server.url, {}, { totalCalls: 2 }));
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => client.chat(GRADES, { budget: new Budget() })));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(server.requests).toHaveLength(2);
  });
});

describe('a service that fails again and again', () => {
  test('is left alone, then tried by one request, then used again', async () => {
    let now = 1000;
    const state = new EndpointState(
      endpointStateMemory(),
      { concurrency: 4, failuresToPause: 2, pauseSeconds: 30 },
      () => now,
    );
    state.admit();
    state.fail();
    state.admit();
    state.fail();
    expect(() => state.admit()).toThrow('failed 2 times in a row');
    now += 30;
    state.admit();
    expect(() => state.admit()).toThrow('left alone');
    state.succeed();
    state.admit();
    state.admit();
  });

  test('gets no request while it is', async () => {
    const server = await startServer(() => ({ kind: 'status', status: 500 }));
    const client = clientOf(serviceAt(server.url, { retries: 0 }, { failuresToPause: 3 }));
    for (let i = 0; i < 10; i++) await client.chat(GRADES, { budget: new Budget() }).catch(() => undefined);
    expect(server.requests).toHaveLength(3);
  });

  test('a clock that is set back does not lock it for ever', () => {
    let now = 100_000;
    const state = new EndpointState(
      endpointStateMemory(),
      { concurrency: 1, failuresToPause: 1, pauseSeconds: 30 },
      () => now,
    );
    state.fail();
    now -= 86_400;
    state.admit();
  });
});
