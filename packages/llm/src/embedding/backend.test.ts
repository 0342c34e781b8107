import { type Backend, ModelError } from '@catchword/core';
import { parsedParams, tinyVocabulary, trainCase } from '@catchword/testing';
import { expect, test } from 'vitest';
import { embedding } from './backend.js';
import { embeddingCase, embeddingScript, memoryCache, startEmbeddings } from './embedding.test.fixture.js';
import { FEATURES } from './features.js';

const idsOf = async (backend: Backend, text: string, limit = 5) =>
  (await backend.suggest([{ text }], { limit })).row(0).map(({ subjectId }) => subjectId);

test('embedding finds a subject by an alternative label, by one of another language, and says by which', async () => {
  const server = await startEmbeddings();
  const each = await embeddingCase(server.url, 'en', { languages: 'all', trees: 0 });
  const { backend } = await trainCase(each);
  const { vocabulary } = each.context;
  const id = vocabulary.idOfLabel('mercury (metal)', 'en');
  for (const text of ['About quicksilver', 'Quecksilber']) {
    expect((await idsOf(backend, text))[0], text).toBe(id);
  }
  const [explanation] = (await backend.explain?.({ text: 'About quicksilver' }, [id])) ?? [];
  expect(explanation?.evidence).toEqual([{ start: 0, end: 17, label: 'quicksilver', kind: 'meaning' }]);
});

test('embedding finds what only one passage of a long text is about', async () => {
  const server = await startEmbeddings();
  const { backend, report } = await trainCase(await embeddingCase(server.url, 'en', { trees: 0, chunk_words: 8 }));
  expect(report).toMatchObject({ dimensions: 40, trees: 0 });
  const text = `${'Nothing of that kind is said here at all. '.repeat(20)}Groundwater. ${'And then nothing more of it. '.repeat(20)}`;
  const batch = await backend.suggest([{ text }], { limit: 1, evidence: true });
  expect(batch.row(0)[0]?.subjectId).toBe(tinyVocabulary().idOfLabel('groundwater', 'en'));
  expect(batch.evidence?.names).toEqual(FEATURES.map(({ name }) => name));
  expect(batch.usage).toMatchObject({ calls: 1 });
});

test('embedding learns to judge candidates', async () => {
  const server = await startEmbeddings();
  const each = await embeddingCase(server.url);
  const { backend, report } = await trainCase(each);
  expect(report.trees).toBe(20);
  expect(backend.isCalibrated).toBe(true);
  const plain = (await trainCase(await embeddingCase(server.url, 'en', { trees: 0 }))).backend;
  const hits = async (some: Backend): Promise<number> => {
    let n = 0;
    for await (const { text, subjects = [] } of each.corpus.documents()) {
      const found = await idsOf(some, text, 3);
      n += found.filter((id) => subjects.includes(id)).length;
    }
    return n;
  };
  expect(await hits(backend)).toBeGreaterThan(await hits(plain));
});

test('what is embedded is kept: a second training asks for nothing, one that was stopped goes on', async () => {
  const server = await startEmbeddings();
  const answers = memoryCache();
  const make = async () => {
    const each = await embeddingCase(server.url, 'en', { cache: 'true', concurrency: 1 });
    return { ...each, context: { ...each.context, answers } };
  };
  let n = 0;
  server.script = (request) => (n++ < 1 ? embeddingScript(request) : { kind: 'status', status: 400 });
  await expect(trainCase(await make())).rejects.toMatchObject({ code: 'endpoint-failed' });
  const kept = answers.kept.size;
  expect(kept).toBeGreaterThan(0);
  server.script = embeddingScript;
  const first = await trainCase(await make());
  expect(first.report.cached).toBe(kept);
  const asked = server.requests.length;
  const second = await trainCase(await make());
  expect(server.requests).toHaveLength(asked);
  expect(second.report.calls).toBe(0);
});

test('labels that come with a new vocabulary are embedded when they are needed; a service that fails is told of', async () => {
  const server = await startEmbeddings();
  const each = await embeddingCase(server.url, 'en', { trees: 0, retries: 0 });
  const saved = (await trainCase(each)).backend.save();
  const { context, newId, text } = each.grown;
  const open = () => embedding.load?.(context, saved, parsedParams(each)) as Backend;
  const asked = server.requests.length;
  expect(await idsOf(open(), text)).toContain(newId);
  expect(server.requests).toHaveLength(asked + 2);
  const { vocabulary } = context;
  const newLabel = vocabulary.label(newId, 'en') as string;
  server.script = (request) =>
    request.body.input?.includes(newLabel) ? { kind: 'status', status: 400 } : embeddingScript(request);
  const batch = await open().suggest([{ text }], { limit: 5 });
  expect(batch.warnings.join()).toContain('no vector yet');
  expect(batch.row(0)).not.toHaveLength(0);
});

test('a service that fails makes suggesting fail, and later it goes on', async () => {
  const server = await startEmbeddings();
  const { backend } = await trainCase(await embeddingCase(server.url, 'en', { trees: 0, retries: 0 }));
  server.script = () => ({ kind: 'status', status: 400 });
  await expect(idsOf(backend, 'dark soil')).rejects.toMatchObject({ code: 'endpoint-failed' });
  server.script = embeddingScript;
  expect(await idsOf(backend, 'soil')).not.toHaveLength(0);
});

test('vectors of another model, or of other dimensions, are never compared', async () => {
  const server = await startEmbeddings();
  const each = await embeddingCase(server.url, 'en', { trees: 0 });
  const { backend } = await trainCase(each);
  const saved = backend.save();
  const load = (params: Record<string, string>) =>
    embedding.load?.(each.context, saved, parsedParams({ ...each, params: { ...each.params, ...params } }));
  expect(() => load({ model: 'other' })).toThrow(ModelError);
  expect(() => load({ label_prefix: 'passage: ' })).toThrow('embedded by trigrams, and');
  server.script = ({ body }) => ({
    kind: 'json',
    json: { data: (body.input ?? []).map((_, index) => ({ index, embedding: [1, 2, 3] })) },
  });
  await expect(idsOf(backend, 'dark soil')).rejects.toMatchObject({ failure: 'unreadable' });
});

test('prefixes stand before what is embedded', async () => {
  const server = await startEmbeddings();
  const prefixes = { trees: 0, text_prefix: 'query: ', label_prefix: 'passage: ' };
  const { backend } = await trainCase(await embeddingCase(server.url, 'en', prefixes));
  await idsOf(backend, 'soil');
  const inputs = server.requests.flatMap(({ body }) => body.input ?? []);
  expect(inputs).toContain('query: soil');
  expect(inputs).toContain('passage: soil');
  expect(inputs.every((text) => /^(query|passage): /.test(text))).toBe(true);
});

test('no endpoint and no model in the process: it cannot be trained', async () => {
  const each = await embeddingCase('http://127.0.0.1:1/v1');
  const training = trainCase({ ...each, params: { trees: 0 } });
  await expect(training).rejects.toMatchObject({ failure: 'misconfigured', hint: expect.stringContaining('endpoint') });
});

test('a model for this process: what is missing is told', async () => {
  const each = await embeddingCase('http://127.0.0.1:1/v1', 'en', { model: 'onnx:/no/such/folder' });
  const training = trainCase(each);
  await expect(training).rejects.toMatchObject({ failure: 'misconfigured', hint: expect.any(String) });
});
