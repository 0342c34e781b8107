import type { LlmReply } from '@catchword/testing';
import { describe, expect, test } from 'vitest';
import { AnswerMemory } from './answer-memory.js';
import { Budget } from './budget.js';
import { serviceAt, startServer } from './client.test.fixture.js';
import { EmbeddingClient } from './embedding-client.js';
import { RerankClient } from './rerank-client.js';

const json = (value: unknown): LlmReply => ({ kind: 'json', json: value });

describe('RerankClient', () => {
  const rerank = async (reply: LlmReply) => {
    const server = await startServer(() => reply);
    const client = new RerankClient(serviceAt(server.url), new AnswerMemory());
    const scores = await client.rerank('a text', ['bees', 'roses', 'lakes'], { budget: new Budget() });
    expect(server.requests[0]).toMatchObject({ path: 'rerank', body: { query: 'a text', top_n: 3 } });
    return [...scores];
  };

  test('reads the forms of several services', async () => {
    const results = [
      { index: 2, relevance_score: 0.9 },
      { index: 0, relevance_score: -1.5 },
    ];
    expect(await rerank(json({ results }))).toEqual([-1.5, Number.NaN, 0.9]);
    expect(await rerank(json({ data: results }))).toEqual([-1.5, Number.NaN, 0.9]);
    expect(await rerank(json([{ index: 1, score: 0.5 }]))).toEqual([Number.NaN, 0.5, Number.NaN]);
  });

  test('takes no index beyond the documents, the first of several scores, and no score that is none', async () => {
    const results = [
      { index: 3, relevance_score: 1 },
      { index: -1, relevance_score: 1 },
      { index: 0.5, relevance_score: 1 },
      { index: 0, relevance_score: 'high' },
      { index: 0, relevance_score: 0.25 },
      { index: 0, relevance_score: 0.75 },
      null,
    ];
    expect(await rerank(json({ results }))).toEqual([0.25, Number.NaN, Number.NaN]);
  });

  test('fails where there is no score at all', async () => {
    for (const value of [{}, null, [], { results: 'none' }]) {
      await expect(rerank(json(value))).rejects.toMatchObject({ failure: 'unreadable' });
    }
  });
});

describe('EmbeddingClient', () => {
  const vector = (text: string) => [text.length, 0.5];

  test('embeds in requests of bounded size, each text once', async () => {
    const server = await startServer(({ body: { input = [] } }) =>
      json({ data: input.map((text, index) => ({ index, embedding: vector(text) })).reverse() }),
    );
    const client = new EmbeddingClient(serviceAt(server.url), new AnswerMemory());
    const texts = Array.from({ length: 70 }, (_, i) => 'x'.repeat(i + 1));
    const { dimensions, values } = await client.embed(texts, { budget: new Budget() });
    expect(dimensions).toBe(2);
    expect([...values]).toEqual(texts.flatMap(vector));
    expect(server.requests.map(({ body }) => body.input?.length)).toEqual([64, 6]);
    const again = await client.embed(['xxx', 'new', 'x'], { budget: new Budget() });
    expect([...again.values]).toEqual([3, 0.5, 3, 0.5, 1, 0.5]);
    expect(server.requests.at(-1)?.body.input).toEqual(['new']);
  });

  test('reads base64 of floats', async () => {
    const base64 = Buffer.from(Float32Array.of(1, -2.5).buffer).toString('base64');
    const server = await startServer(() => json({ data: [{ index: 0, embedding: base64 }] }));
    const client = new EmbeddingClient(serviceAt(server.url), new AnswerMemory());
    expect([...(await client.embed(['a'], { budget: new Budget() })).values]).toEqual([1, -2.5]);
  });

  test.each([
    ['a vector that is missing', { data: [{ index: 0, embedding: [1, 2] }] }],
    ['vectors of different lengths', { data: [{ embedding: [1, 2] }, { embedding: [1] }] }],
    ['numbers that are none', { data: [{ embedding: [1, null] }, { embedding: [1, 2] }] }],
    ['no data', {}],
  ])('fails for %s', async (_, value) => {
    const server = await startServer(() => json(value));
    const client = new EmbeddingClient(serviceAt(server.url), new AnswerMemory());
    await expect(client.embed(['a', 'b'], { budget: new Budget() })).rejects.toMatchObject({ failure: 'unreadable' });
  });
});
