import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { form, type SampleServer, sampleServer } from './sample-server.test.fixture.js';
import { MANIFEST, RESULT_BATCH, SUGGESTED_ENTITIES } from './schemas/reconciliation.js';

const BASE = '/v1/vocabs/sample/reconcile/en';
const ajv = new Ajv({ strict: false });

let server: SampleServer;
beforeAll(async () => {
  server = await sampleServer();
});
afterAll(() => server.remove());

const get = (url: string) => server.app.inject({ method: 'GET', url, headers: { host: 'example.org' } });
const ask = (queries: unknown, url = BASE) =>
  server.app.inject({ url, ...form(`queries=${encodeURIComponent(JSON.stringify(queries))}`) });

async function candidates(query: string, more: object = {}, url = BASE) {
  const answer = await ask({ q0: { query, ...more } }, url);
  expect(answer.statusCode).toBe(200);
  return answer.json().q0.result as {
    id: string;
    name: string;
    score: number;
    match: boolean;
    description: string;
  }[];
}

describe('reconciliation', () => {
  test('the manifest tells where everything is', async () => {
    const answer = await get(BASE);
    const manifest = answer.json();
    expect(ajv.validate(MANIFEST, manifest)).toBe(true);
    expect(manifest).toMatchObject({
      versions: ['0.2'],
      identifierSpace: 'http://example.org/catchword/sample/',
      view: { url: 'http://example.org/catchword/sample/{{id}}' },
      suggest: { entity: { service_url: `http://example.org${BASE}`, service_path: '/suggest' } },
    });
    expect(manifest).not.toHaveProperty('authentication');
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });

  test('queries are answered by their names, best first, by POST and GET', async () => {
    const queries = { q0: { query: 'Lighthouses', limit: 3 }, b: { query: 'bat' }, __proto__x: { query: '' } };
    const answer = await ask(queries);
    const results = answer.json();
    expect(ajv.validate(RESULT_BATCH, results)).toBe(true);
    expect(Object.keys(results)).toEqual(Object.keys(queries));
    expect(results.q0.result[0]).toMatchObject({ id: 'c0125', name: 'lighthouses', score: 100, match: true });
    expect(results.q0.result.length).toBeLessThanOrEqual(3);
    expect(results.__proto__x.result).toEqual([]);
    const scores = results.b.result.map((r: { score: number }) => r.score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const got = await get(`${BASE}?queries=${encodeURIComponent(JSON.stringify(queries))}`);
    expect(got.json()).toEqual(results);
  });

  test('keywords are found as people write them', async () => {
    const first = async (query: string, language = 'en') =>
      (await candidates(query, {}, `/v1/vocabs/sample/reconcile/${language}`))[0];
    expect(await first('LIGHTHOUSES')).toMatchObject({ id: 'c0125', match: true });
    expect(await first('lighthouse')).toMatchObject({ id: 'c0125', match: false });
    expect((await first('lighthouse'))?.score).toBeGreaterThan(80);
    expect(await first('lighthuoses')).toMatchObject({ id: 'c0125', match: false });
    expect(await first('leuchtturme', 'de')).toMatchObject({ id: 'c0125', name: 'Leuchttürme', score: 100 });
    expect(await first('Leuchttürme')).toMatchObject({ id: 'c0125', name: 'lighthouses', score: 97 });
    expect(await first('restoration of rivers')).toMatchObject({ name: expect.stringContaining('river') });
    expect(await first('xyzzy')).toBeUndefined();
  });

  test('types, notations and limits narrow what is found', async () => {
    const skos = 'http://www.w3.org/2004/02/skos/core#Concept';
    expect((await candidates('lighthouses', { type: skos })).length).toBeGreaterThan(0);
    expect(await candidates('lighthouses', { type: ['http://example.org/Place'] })).toEqual([]);
    expect(await candidates('lighthouses', { properties: [{ pid: 'notation', v: '99' }] })).toEqual([]);
    expect((await candidates('lighthouses', { properties: [{ pid: 'notation', v: '18.05.04' }] })).length).toBe(1);
    expect(await candidates('lighthouses', { limit: 0 })).toEqual([]);
    expect((await candidates('lighthouses', { limit: '1' })).length).toBe(1);
    expect((await candidates('lighthouses', { limit: null })).length).toBeGreaterThan(1);
  });

  test('a notation alone finds its concept', async () => {
    const results = (await ask({ q0: { properties: [{ pid: 'notation', v: '18.05.04' }] } })).json();
    expect(ajv.validate(RESULT_BATCH, results)).toBe(true);
    expect(results.q0.result).toMatchObject([{ id: 'c0125', score: 100, match: true, description: '18.05.04' }]);
    expect((await ask({ q0: { properties: [{ pid: 'other', v: 'x' }] } })).json().q0.result).toEqual([]);
  });

  test('suggest goes on from its cursor, and flyout and preview show the concept', async () => {
    const page = (await get(`${BASE}/suggest?prefix=s`)).json();
    expect(ajv.validate(SUGGESTED_ENTITIES, page)).toBe(true);
    const next = (await get(`${BASE}/suggest?prefix=s&cursor=1`)).json();
    expect(next.result.slice(0, 5)).toEqual(page.result.slice(1, 6));
    const flyout = (await get(`${BASE}/flyout?id=c0125`)).json();
    expect(flyout).toMatchObject({ id: 'c0125', html: expect.stringContaining('<h3>lighthouses</h3>') });
    const preview = await get(`${BASE}/preview?id=${encodeURIComponent('http://example.org/catchword/sample/c0125')}`);
    expect(preview.headers['content-type']).toContain('text/html');
    expect(preview.headers['content-security-policy']).toContain("default-src 'none'");
    expect(preview.body).toContain('lighthouses');
    expect((await get(`${BASE}/flyout?id=c9999`)).statusCode).toBe(404);
  });

  test.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a query that is none', '{"q0": {}}'],
    ['a query of another type', '{"q0": {"query": 3}}'],
    ['a list of queries', '{"q0": ["x"]}'],
    ['a limit below none', '{"q0": {"query": "x", "limit": -5}}'],
    ['a limit that is no number', '{"q0": {"query": "x", "limit": "many"}}'],
  ])('%s is 400, and may be read by every page', async (_, queries) => {
    const answer = await server.app.inject({ url: BASE, ...form(`queries=${encodeURIComponent(queries)}`) });
    expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([400, '*']);
    expect(answer.json().errors[0].field).toMatch(/^queries/);
  });

  test('an unknown vocabulary is 404, and a form without queries 400', async () => {
    expect((await get('/v1/vocabs/nope/reconcile/en')).statusCode).toBe(404);
    expect((await server.app.inject({ url: BASE, ...form('extend={}') })).statusCode).toBe(400);
  });
});

test('where keys are needed the manifest says so to everybody, and nothing else is open', async () => {
  const closed = await sampleServer({ access: 'nothing' });
  try {
    const manifest = await closed.app.inject(BASE);
    expect([manifest.statusCode, manifest.json().authentication]).toEqual([
      200,
      { type: 'apiKey', name: 'X-API-Key', in: 'header' },
    ]);
    for (const path of ['?queries=%7B%7D', '/suggest?prefix=x', '/flyout?id=c0125', '/preview?id=c0125']) {
      expect((await closed.app.inject(BASE + path)).statusCode).toBe(401);
    }
  } finally {
    await closed.remove();
  }
});
