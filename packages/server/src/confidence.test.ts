import { afterAll, beforeAll, expect, test } from 'vitest';
import { json, type SampleServer, sampleCorpus, sampleServer } from './sample-server.test.fixture.js';

// Every document of a project whose scores are probabilities has a confidence, also one without text or candidates.

const TEXT = 'Horses and cattle on the wet meadows by the river';

let server: SampleServer;
beforeAll(async () => {
  server = await sampleServer({ threads: 1 });
  const { registry } = server;
  const all = await sampleCorpus(registry, 180);
  const heldOut = {
    name: 'the rest of the sample',
    async *documents() {
      let n = 0;
      for await (const doc of all.documents()) if (n++ >= 120) yield doc;
    },
  };
  await registry.project('fused-en').train(heldOut, { nJobs: 1 });
});
afterAll(() => server.remove());

const batch = async (id: string, texts: readonly string[], query = '') => {
  const url = `/v1/projects/${id}/suggest-batch${query}`;
  const answer = await server.app.inject({ url, ...json({ documents: texts.map((text) => ({ text })) }) });
  expect(answer.statusCode).toBe(200);
  return answer.json();
};
const confidences = async (texts: readonly string[], query?: string) =>
  (await batch('fused-en', texts, query)).map(({ confidence }: { confidence?: number }) => confidence);

test('a document without text has confidence 0, as one without candidates', async () => {
  expect(await confidences([TEXT, ' ', 'qqqq', ''])).toEqual([expect.any(Number), 0, 0, 0]);
  expect((await confidences([TEXT]))[0]).toBeGreaterThan(0);
  expect(await confidences(['', ' '])).toEqual([0, 0]);
  expect(await confidences(['', TEXT], '?limit=0')).toEqual([0, 0]);
  expect((await confidences(['', TEXT], '?limit=auto'))[0]).toBe(0);
  const alone = await server.app.inject({ url: '/v1/projects/fused-en/suggest', ...json({ text: '' }) });
  expect(alone.json()).toMatchObject({ results: [], confidence: 0 });
});

test('where scores are no probabilities no document has one', async () => {
  for (const answer of await batch('near-en', [TEXT, ''])) expect(answer).not.toHaveProperty('confidence');
  for (const answer of await batch('near-en', [''])) expect(answer).not.toHaveProperty('confidence');
});
