import { appendFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { form, json, type SampleServer, sampleServer } from './sample-server.test.fixture.js';

const C = 'http://example.org/catchword/sample/';
const LIGHTHOUSES = `${C}c0125`;

let server: SampleServer;
beforeAll(async () => {
  server = await sampleServer();
});
afterAll(() => server.remove());

const get = (url: string) => server.app.inject({ method: 'GET', url });
const post = (url: string, body: unknown) => server.app.inject({ url, ...json(body) });

interface Shown {
  readonly uri: string;
  readonly label: string;
}
const labels = (list: readonly Shown[]) => list.map(({ label }) => label);

describe('search of a vocabulary', () => {
  const search = async (query: string) => (await get(`/v1/vocabs/sample/search?${query}`)).json().results;

  test('finds concepts by what was typed so far, in any language', async () => {
    const [first] = await search('query=lightho');
    expect(first).toEqual({
      uri: LIGHTHOUSES,
      label: 'lighthouses',
      notation: '18.05.04',
      deprecated: false,
      matched: { label: 'lighthouses', language: 'en', kind: 'preferred', how: 'start' },
    });
    const [german] = await search('query=leuchtt&language=de');
    expect(german).toMatchObject({ uri: LIGHTHOUSES, label: 'Leuchttürme', matched: { language: 'de' } });
    expect(await search('query=leuchtt&language=en&only_language=true')).toEqual([]);
    expect((await search('query=s&limit=3')).length).toBe(3);
    expect(await search('query=%20-')).toEqual([]);
    const [notFirst, ...others] = await search('query=animals%20bat');
    expect(labels([notFirst, ...others])).toContain('bats (animals)');
  });

  test('says what is wrong', async () => {
    const statuses = await Promise.all(
      [
        'sample/search',
        'sample/search?query=x&limit=0',
        'nope/search?query=x',
        'absent/search?query=x',
        '__proto__/search?query=x',
      ].map(async (path) => (await get(`/v1/vocabs/${path}`)).statusCode),
    );
    expect(statuses).toEqual([400, 400, 404, 404, 404]);
    expect((await get(`/v1/vocabs/sample/search?query=${'x'.repeat(501)}`)).statusCode).toBe(400);
  });
});

describe('concepts', () => {
  test('are shown with labels, neighbours and the way from the top', async () => {
    const concept = (await get(`/v1/vocabs/sample/concept?uri=${encodeURIComponent(LIGHTHOUSES)}&language=de`)).json();
    expect(concept).toMatchObject({ uri: LIGHTHOUSES, label: 'Leuchttürme', notation: '18.05.04', deprecated: false });
    expect(concept.labels).toContainEqual({ text: 'lighthouses', language: 'en', kind: 'preferred' });
    expect(concept.definitions).toEqual([{ text: expect.stringMatching(/\w/), language: 'en' }]);
    expect(concept.paths[0].length).toBeGreaterThan(0);
    expect(concept.paths[0].at(-1).uri).toBe(concept.broader[0].uri);
    const [top] = concept.paths[0];
    const above = (await get(`/v1/vocabs/sample/concept?uri=${encodeURIComponent(top.uri)}`)).json();
    expect(above.broader).toEqual([]);
    expect(above.paths).toEqual([]);
    expect(above.narrower.length).toBeGreaterThan(0);
  });

  test('at the top have nothing above them', async () => {
    const page = (await get('/v1/vocabs/sample/top-concepts?limit=2&offset=1')).json();
    expect(page.concepts.length).toBe(2);
    expect(page.total).toBeGreaterThan(2);
  });

  test('that are not there are 404', async () => {
    expect((await get('/v1/vocabs/sample/concept?uri=javascript:alert(1)')).statusCode).toBe(404);
    expect((await get('/v1/vocabs/sample/concept')).statusCode).toBe(400);
  });

  test('are not shown in languages that the vocabulary has not, whatever they are called', async () => {
    const uri = encodeURIComponent(LIGHTHOUSES);
    for (const language of ['xx', 'y%C2%BA%C2%9E', '_', 'en-us-x-'.repeat(50)]) {
      for (const path of [`concept?uri=${uri}&`, 'search?query=x&', 'top-concepts?']) {
        expect((await get(`/v1/vocabs/sample/${path}language=${language}`)).statusCode).toBe(400);
      }
      expect((await get(`/v1/vocabs/sample/reconcile/${language}`)).statusCode).toBe(400);
    }
  });
});

describe('explain', () => {
  const explain = (body: object) => post('/v1/projects/sample-en/explain', body);

  test('tells why a subject was suggested, and why another was not', async () => {
    const answer = await explain({ text: 'The keeper of the lighthouse', uris: [`${C}c0001`, LIGHTHOUSES] });
    expect(answer.statusCode).toBe(200);
    const { results, text, model } = answer.json();
    const [other, lighthouses] = results;
    expect(lighthouses).toMatchObject({ label: 'lighthouses', rank: expect.any(Number), allowed: true });
    const suggested = (
      await server.app.inject({ url: '/v1/projects/sample-en/suggest', ...form(`text=${text}&limit=100`) })
    ).json();
    expect(suggested.results[lighthouses.rank - 1]).toMatchObject({ uri: LIGHTHOUSES, score: lighthouses.score });
    expect(suggested.model).toBe(model);
    const [{ start, end, words }] = lighthouses.explanation.evidence;
    expect(text.slice(start, end)).toBe(words);
    expect(other).toMatchObject({ rank: null, score: null, explanation: { evidence: [], contributions: [] } });
    expect(other.training_documents).toEqual(expect.any(Number));
  });

  test('ranks what the limit of a project leaves out', async () => {
    const text = 'The keeper of the lighthouse, and bats and owls in its tower by the river';
    const suggested = (
      await server.app.inject({ url: '/v1/projects/sample-en/suggest', ...form(`text=${text}`) })
    ).json();
    const uris = suggested.results.slice(0, 4).map(({ uri }: { uri: string }) => uri);
    const few = (await server.app.inject({ url: '/v1/projects/few-en/suggest', ...form(`text=${text}`) })).json();
    expect(few.results.length).toBe(2);
    const { results } = (await post('/v1/projects/few-en/explain', { text, uris })).json();
    expect(results.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2, 3, 4]);
    expect(results[3].score).toBe(suggested.results[3].score);
  });

  test('names the URIs that are none', async () => {
    const answer = await explain({ text: 'x', uris: [LIGHTHOUSES, 'http://example.org/none'] });
    expect([answer.statusCode, answer.json().errors]).toEqual([
      400,
      [{ field: 'uris/1', message: 'the vocabulary has no concept with this URI' }],
    ]);
  });
});

describe('feedback', () => {
  const url = '/v1/projects/sample-en/feedback';

  test('is kept, given back page by page, and is a corpus to train on', async () => {
    const text = 'The keeper of the lighthouse';
    const first = await post(url, {
      document_id: 'a/1',
      text,
      model: 'abc',
      creator: 'me',
      decisions: [
        { uri: LIGHTHOUSES, action: 'accepted', score: 0.8, rank: 1 },
        { uri: `${C}c0127`, action: 'rejected', reason: 'not about <b>housing</b>' },
        { uri: `${C}c0002`, action: 'added' },
      ],
    });
    expect(first.statusCode).toBe(201);
    expect(first.json()).toMatchObject({ feedback_id: expect.any(String), learnt: false });
    const second = await post(url, { decisions: [{ uri: LIGHTHOUSES, action: 'rejected' }] });
    expect(second.statusCode).toBe(201);

    const page = (await get(`${url}?limit=1`)).json();
    expect(page.feedback).toEqual([
      expect.objectContaining({ document_id: 'a/1', text, creator: 'me', decisions: expect.any(Array) }),
    ]);
    expect(page.feedback[0].decisions[1].reason).toBe('not about <b>housing</b>');
    const rest = (await get(`${url}?after=${page.next}`)).json();
    expect(rest).toMatchObject({ feedback: [{ feedback_id: second.json().feedback_id }], next: null });

    const folder = join(server.registry.dataDir, 'feedback/sample-en');
    const [file] = readdirSync(folder);
    appendFileSync(join(folder, file as string), '{"feedback_id": "torn');
    expect((await get(url)).json().feedback.length).toBe(2);
    const { openCorpus } = await import('@catchword/corpus');
    const { vocabulary } = await server.registry.vocabularyStore.open('sample');
    const corpus = openCorpus([join(folder, file as string)], { subjects: vocabulary, language: 'en' });
    const docs = [];
    for await (const doc of corpus.documents()) docs.push(doc);
    expect(docs[0]).toMatchObject({
      text,
      subjects: [vocabulary.idOfUri(LIGHTHOUSES), vocabulary.idOfUri(`${C}c0002`)],
    });
    const figures = (await get('/metrics')).body;
    expect(figures).toContain('catchword_feedback_total{project="sample-en",action="rejected"} 2');
  });

  test('about what is not there is refused, and nothing is kept', async () => {
    const before = (await get(url)).json().feedback.length;
    const answer = await post(url, {
      decisions: [
        { uri: LIGHTHOUSES, action: 'accepted' },
        { uri: 'x', action: 'accepted' },
        { uri: LIGHTHOUSES, action: 'rejected' },
      ],
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors.map((e: { field: string }) => e.field)).toEqual(['decisions/1/uri', 'decisions/2/uri']);
    for (const wrong of [{}, { decisions: [] }, { decisions: [{ uri: LIGHTHOUSES, action: 'liked' }] }]) {
      expect((await post(url, wrong)).statusCode).toBe(400);
    }
    expect((await post('/v1/projects/nope/feedback', { decisions: [] })).statusCode).toBe(400);
    expect(
      (await post('/v1/projects/private-en/feedback', { decisions: [{ uri: LIGHTHOUSES, action: 'added' }] }))
        .statusCode,
    ).toBe(404);
    expect((await get(`${url}?after=../../etc:0`)).statusCode).toBe(400);
    expect((await get(url)).json().feedback.length).toBe(before);
  });
});

describe('ensembles', () => {
  const suggest = async (body: string) =>
    server.app.inject({ url: '/v1/projects/both-en/suggest', ...form(`text=The keeper of the lighthouse&${body}`) });

  test('tell what each source gave', async () => {
    const answer = await suggest('explain=true&limit=2');
    expect(answer.statusCode).toBe(200);
    const { results, warnings } = answer.json();
    expect(warnings).toBeUndefined();
    expect(results[0].label).toBe('lighthouses');
    expect(results[0].explanation.sources).toMatchObject([
      { project_id: 'sample-en', rank: 1, score: expect.any(Number) },
      { project_id: 'private-en', rank: 1, score: expect.any(Number) },
    ]);
  });

  test('go on without a source that cannot be used, and say so; they take it in again when it can be', async () => {
    const version = async () => (await suggest('')).json().model;
    const before = await version();
    const manifest = join(server.registry.dataDir, 'projects/private-en/manifest.json');
    renameSync(manifest, `${manifest}.away`);
    writeFileSync(manifest, '{}');
    await server.refresh();
    const answer = (await suggest('limit=1')).json();
    expect(answer.results[0].label).toBe('lighthouses');
    expect(answer.warnings).toEqual([expect.stringContaining('private-en')]);
    expect(answer.model).not.toBe(before);
    renameSync(`${manifest}.away`, manifest);
    await server.refresh();
    expect((await suggest('')).json().warnings).toBeUndefined();
    expect(await version()).toBe(before);
  });

  test('limit=auto needs scores that are probabilities', async () => {
    const answer = await suggest('limit=auto');
    expect([answer.statusCode, answer.json().code, answer.json().errors[0].field]).toEqual([
      400,
      'not-supported',
      'limit',
    ]);
    const wrong = await suggest('limit=many');
    expect([wrong.statusCode, wrong.json().detail]).toEqual([400, 'limit: must be integer, or auto']);
  });
});
