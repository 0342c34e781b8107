import type { Backend } from '@catchword/core';
import { type LlmRequest, type LlmScript, LlmServer, parsedParams, type tinyCase, trainCase } from '@catchword/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { embeddingScript } from '../embedding/embedding.test.fixture.js';
import { llmKeywords } from './backend.js';
import { copyingScript, keywordCase, startModel } from './keywords.test.fixture.js';
import { parseKeywordParams } from './params.js';

const writes =
  (...keywords: string[]): LlmScript =>
  () => ({ kind: 'text', text: JSON.stringify({ keywords }) });

/** One service for both, as Ollama is: it writes, and embeds by parts of words. */
const both =
  (script: LlmScript, embed: LlmScript = embeddingScript): LlmScript =>
  (request) =>
    (request.path === 'embeddings' ? embed : script)(request);

const NEAR = { embedding_model: 'trigrams', similarity: 0.6, trees: 0 };
const embedded = (requests: readonly LlmRequest[]) =>
  requests.filter(({ path }) => path === 'embeddings').map(({ body }) => body.input ?? []);

function labelsIn(each: Awaited<ReturnType<typeof tinyCase>>, batch: Awaited<ReturnType<Backend['suggest']>>, i = 0) {
  return batch.row(i).map(({ subjectId }) => each.context.vocabulary.label(subjectId, 'en'));
}

describe('keywords that no label matches', () => {
  test('lead to the label nearest in meaning, where it is near enough; the rest are new terms', async () => {
    const server = await startModel(both(writes('groundwaterish', 'roses', 'xylophones')));
    const each = await keywordCase(server.url, 'en', NEAR);
    const { backend, report } = await trainCase(each);
    expect(report).toMatchObject({ calls: 0, vectors: expect.any(Number) });
    const nLabels = embedded(server.requests).flat().length;
    expect(nLabels).toBe(report.vectors);
    server.requests.length = 0;
    const doc = { text: 'Roses and more' };
    const batch = await backend.suggest([doc, { text: 'More roses' }], { limit: 10, evidence: true });
    expect(labelsIn(each, batch)).toEqual(['roses', 'groundwater']);
    // What labels match is not embedded; what is, once for all texts, in one request.
    expect(embedded(server.requests)).toEqual([['groundwaterish', 'xylophones']]);
    expect(await backend.newTerms?.(doc)).toEqual(['xylophones']);
    const id = each.context.vocabulary.idOfLabel('groundwater', 'en');
    expect((await backend.explain?.({ text: 'Groundwaterish' }, [id]))?.[0]?.evidence).toEqual([
      { start: 0, end: 14, label: 'groundwater', kind: 'meaning' },
    ]);
    expect(batch.usage).toMatchObject({ calls: 3 });
  });

  test('lead nowhere where the nearest is too far, or nothing is configured', async () => {
    const server = await startModel(both(writes('groundwaterish', 'roses')));
    for (const params of [{ ...NEAR, similarity: 0.99 }, { trees: 0 }]) {
      const each = await keywordCase(server.url, 'en', params);
      const { backend } = await trainCase(each);
      expect(labelsIn(each, await backend.suggest([{ text: 'a' }], { limit: 10 }))).toEqual(['roses']);
      expect(await backend.newTerms?.({ text: 'a' })).toEqual(['groundwaterish']);
    }
  });

  test.each<[string, LlmScript]>([
    ['refuses', () => ({ kind: 'status', status: 500 })],
    ['answers prose', () => ({ kind: 'text', text: 'no vectors here' })],
    ['gives too few', () => ({ kind: 'json', json: { data: [] } })],
    ['is another model now', () => ({ kind: 'json', json: { data: [{ index: 0, embedding: [1, 2, 3] }] } })],
  ])('are unmapped, with a warning, where the service %s', async (_, embed) => {
    const server = await startModel(both(writes('groundwaterish', 'roses')));
    const each = await keywordCase(server.url, 'en', NEAR);
    const { backend } = await trainCase(each);
    server.script = both(writes('groundwaterish', 'roses'), embed);
    const batch = await backend.suggest([{ text: 'a' }], { limit: 10 });
    expect(labelsIn(each, batch)).toEqual(['roses']);
    expect(batch.warnings.join()).toContain('no labels that are near in meaning');
    expect(await backend.newTerms?.({ text: 'a' })).toEqual(['groundwaterish']);
  });

  test('are learnt from like others, and what was stored knows the labels', async () => {
    const server = await startModel(both(copyingScript));
    const each = await keywordCase(server.url, 'en', { ...NEAR, trees: 20 });
    const { backend, report } = await trainCase(each);
    expect(report).toMatchObject({ trees: 20, vectors: expect.any(Number) });
    const loaded = llmKeywords.load?.(each.context, backend.save(), parsedParams(each)) as Backend;
    const docs = [{ text: 'groundwaters and rosegardens' }];
    const batch = await loaded.suggest(docs, { limit: 10 });
    expect(batch.warnings).toEqual([]);
    expect(batch.row(0)).toEqual((await backend.suggest(docs, { limit: 10 })).row(0));
    expect(batch.row(0).length).toBeGreaterThan(0);
  });

  test.each([
    ['another model', { ...NEAR, embedding_model: 'other' }, 'were embedded by trigrams'],
    ['a model that was named after the training', NEAR, 'were not embedded yet'],
  ])('are mapped by label alone with %s, with a warning', async (name, params, warning) => {
    const server = await startModel(both(writes('groundwaterish', 'roses')));
    const before = await keywordCase(server.url, 'en', name === 'another model' ? NEAR : { trees: 0 });
    const { backend } = await trainCase(before);
    const each = await keywordCase(server.url, 'en', params);
    const loaded = llmKeywords.load?.(each.context, backend.save(), parsedParams(each)) as Backend;
    const batch = await loaded.suggest([{ text: 'a' }], { limit: 10 });
    expect(labelsIn(each, batch)).toEqual(['roses']);
    expect(batch.warnings.join()).toContain(warning);
  });

  test('are compared with labels that came after the training', async () => {
    const server = await startModel(both(writes('zzyzxes roads')));
    const each = await keywordCase(server.url, 'en', NEAR);
    const { backend } = await trainCase(each);
    const { context, newId } = each.grown;
    const label = context.vocabulary.label(newId, 'en') as string;
    server.script = both(writes(`${label.slice(0, -1)}es`));
    const loaded = llmKeywords.load?.(context, backend.save(), parsedParams({ ...each, context })) as Backend;
    const ids = (await loaded.suggest([{ text: 'a' }], { limit: 10 })).row(0).map(({ subjectId }) => subjectId);
    expect(ids).toEqual([newId]);
  });
});

test('a key goes to the endpoint that it was named for alone', async () => {
  const [writer, embedder] = [await startModel(writes('groundwaters')), await LlmServer.start(embeddingScript)];
  onTestFinished(() => embedder.close());
  process.env.CATCHWORD_TEST_KEY = 'secret-of-the-writer';
  onTestFinished(() => {
    delete process.env.CATCHWORD_TEST_KEY;
  });
  const { backend } = await trainCase(
    await keywordCase(writer.url, 'en', {
      ...{ ...NEAR, embedding_endpoint: embedder.url, key_env: 'CATCHWORD_TEST_KEY' },
    }),
  );
  await backend.suggest([{ text: 'a' }], { limit: 5 });
  expect(writer.requests.at(-1)?.headers.authorization).toBe('Bearer secret-of-the-writer');
  expect(embedder.requests.length).toBeGreaterThan(0);
  for (const { headers } of embedder.requests) expect(headers.authorization).toBeUndefined();
});

test('parameters that cannot be used are told once, by the name that they have here', () => {
  const problems: string[] = [];
  const told = (key: string, message: string) => problems.push(`${key}: ${message}`);
  parseKeywordParams({ embedding_model: 'onnx:here', endpoint: 'nowhere', similarity: 2, timeout: 'long' }, told);
  expect(problems.map((each) => each.split(':')[0]).sort()).toEqual([
    'embedding_model',
    'endpoint',
    'similarity',
    'timeout',
  ]);
  problems.length = 0;
  parseKeywordParams({ embedding_model: 'm', embedding_endpoint: 'ftp://x', embedding_key_env: 'sk-1' }, told);
  expect(problems.map((each) => each.split(':')[0])).toEqual(['embedding_endpoint', 'embedding_key_env']);
  expect(problems.join()).toContain('embedding_endpoint:');
});
