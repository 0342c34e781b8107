import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { form, json, type SampleServer, sampleServer } from './sample-server.test.fixture.js';

const TEXT = 'Bats hunt insects in forests at night, and owls hunt bats.';
const SUGGEST = '/v1/projects/sample-en/suggest';
const BATCH = '/v1/projects/sample-en/suggest-batch';

let server: SampleServer;
beforeAll(async () => {
  server = await sampleServer();
});
afterAll(() => server.remove());

const get = (url: string) => server.app.inject({ method: 'GET', url });
const post = (url: string, request: ReturnType<typeof form>) => server.app.inject({ url, ...request });

describe('what clients of many languages write', () => {
  const document = { documents: [{ text: TEXT }] };

  test.each([
    ['an empty field', '?limit=1&threshold='],
    ['a field twice', '?limit=1&limit=2'],
    ['an empty language', '?limit=1&language='],
    ['truth in Python', '?limit=1&explain=True'],
    ['truth as a number', '?limit=1&explain=1'],
  ])('%s in a query is read', async (_, query) => {
    const answer = await post(BATCH + query, json(document));
    expect(answer.statusCode).toBe(200);
    const [{ results }] = answer.json();
    expect(results.length).toBe(1);
    expect(results[0].explanation !== undefined).toBe(query.includes('explain'));
  });

  test.each([
    ['numbers as texts', { limit: '1', threshold: '0.0' }],
    ['truth as a text', { limit: 1, explain: 'True' }],
    ['truth as a number', { limit: 1, explain: 1 }],
    ['null for what is left out', { limit: 1, threshold: null, language: null, explain: null, metadata: null }],
  ])('%s in JSON is read', async (_, fields) => {
    const answer = await post(SUGGEST, json({ text: TEXT, ...fields }));
    expect(answer.statusCode).toBe(200);
    expect(answer.json().results.length).toBe(1);
  });

  test('null for the limit is no limit given, and nonsense is refused', async () => {
    expect((await post(SUGGEST, json({ text: TEXT, limit: null }))).json()).toEqual(
      (await post(SUGGEST, json({ text: TEXT }))).json(),
    );
    for (const fields of [
      { limit: 'many' },
      { limit: '-1' },
      { explain: 'perhaps' },
      { threshold: [] },
      { text: null },
    ]) {
      expect((await post(SUGGEST, json({ text: TEXT, ...fields }))).statusCode, JSON.stringify(fields)).toBe(400);
    }
    expect((await get('/v1/vocabs/sample/search?query=bat&only_language=1')).statusCode).toBe(200);
    expect((await get('/v1/vocabs/sample/search?query=')).json()).toEqual({ results: [] });
  });
});

describe("Annif's paths", () => {
  test('/v1/ tells title and version, with and without the slash', async () => {
    for (const url of ['/v1/', '/v1']) {
      const answer = await get(url);
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({ title: 'Annif REST API', version: expect.any(String) });
    }
  });

  test('/v1/projects lists public projects, field for field', async () => {
    const { projects } = (await get('/v1/projects')).json();
    expect(projects.map((p: { project_id: string }) => p.project_id)).toEqual([
      'sample-en',
      'untrained-en',
      'no-vocabulary',
    ]);
    expect(projects[0]).toEqual({
      project_id: 'sample-en',
      name: 'Sample, English',
      language: 'en',
      backend: { backend_id: 'mllm' },
      vocab: 'sample',
      vocab_language: 'en',
      is_trained: true,
      modification_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      allow_learn: false,
    });
    expect(projects[1]).toMatchObject({ is_trained: false, modification_time: null });
  });

  test('/v1/projects/{id} shows hidden projects, and private ones are not there', async () => {
    expect((await get('/v1/projects/hidden-en')).json()).toMatchObject({ project_id: 'hidden-en', allow_learn: true });
    for (const id of ['private-en', 'nope', '%2e%2e%2fetc', '__proto__', 'constructor', 'a%00b', 'x'.repeat(9000)]) {
      const answer = await get(`/v1/projects/${id}`);
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
    expect((await get('/v1/projects/nope')).json()).toEqual({
      type: 'about:blank',
      title: 'Project not found',
      status: 404,
      detail: "Project 'nope' not found",
    });
    expect((await post('/v1/projects/private-en/suggest', form('text=bats'))).statusCode).toBe(404);
  });

  test('/v1/vocabs lists the vocabularies of public projects', async () => {
    expect((await get('/v1/vocabs')).json()).toEqual({
      vocabs: [
        { vocab_id: 'sample', languages: ['de', 'en', 'fi'], size: 260, loaded: true },
        { vocab_id: 'absent', languages: [], size: null, loaded: false },
      ],
    });
  });

  test('suggest answers a form by falling score', async () => {
    const answer = await post(SUGGEST, form(`text=${encodeURIComponent(TEXT)}&limit=5`));
    expect(answer.statusCode).toBe(200);
    const { results } = answer.json();
    expect(results.length).toBe(5);
    expect(Object.keys(results[0])).toEqual(['uri', 'label', 'notation', 'score']);
    expect(results.map((r: { label: string }) => r.label)).toContain('bats (animals)');
    const scores = results.map((r: { score: number }) => r.score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const score of scores) expect(score > 0 && score <= 1).toBe(true);
  });

  test('suggest takes threshold and language', async () => {
    const all = (await post(SUGGEST, form(`text=${TEXT}`))).json().results;
    const bound = all[1].score;
    const some = (await post(SUGGEST, form(`text=${TEXT}&threshold=${bound}`))).json().results;
    expect(some).toEqual(all.filter((r: { score: number }) => r.score >= bound));
    const german = (await post(SUGGEST, form(`text=${TEXT}&language=de`))).json().results;
    expect(german.map((r: { uri: string }) => r.uri)).toEqual(all.map((r: { uri: string }) => r.uri));
    expect(german.map((r: { label: string }) => r.label)).toContain('Fledermäuse');
    const wrong = await post(SUGGEST, form(`text=${TEXT}&language=xx`));
    expect(wrong.statusCode).toBe(400);
    expect(wrong.json().detail).toBe('language "xx" not supported by vocabulary');
  });

  test('suggest-batch answers in the order of the documents', async () => {
    const documents = [
      { text: 'lighthouses', document_id: 'a/1' },
      { text: ' ', document_id: null },
      { text: 'bats', metadata: { title: 'bats' } },
    ];
    const answer = await post(`${BATCH}?limit=2&threshold=0.001&language=en`, json({ documents }));
    expect(answer.statusCode).toBe(200);
    const batch = answer.json();
    expect(batch.map((d: { document_id: string | null }) => d.document_id)).toEqual(['a/1', null, null]);
    expect(batch[0].results[0].label).toBe('lighthouses');
    expect(batch[1].results).toEqual([]);
    expect(batch[2].results[0].label).toBe('bats (animals)');
    const alone = (await post(SUGGEST, form('text=lighthouses&limit=2&threshold=0.001'))).json();
    expect(batch[0].results).toEqual(alone.results);
    expect((await post(BATCH, json({ documents: [] }))).json()).toEqual([]);
  });

  test('learn is refused where it is not allowed, and where the backend cannot', async () => {
    const documents = [{ text: 'lighthouses', subjects: [{ uri: 'http://example.org/x' }] }];
    const refused = await post('/v1/projects/sample-en/learn', json(documents));
    expect(refused.statusCode).toBe(403);
    expect(refused.json().title).toBe('Learning not allowed');
    expect((await post('/v1/projects/hidden-en/learn', json(documents))).statusCode).toBe(503);
    expect((await post('/v1/projects/nope/learn', json(documents))).statusCode).toBe(404);
    expect((await post('/v1/projects/hidden-en/learn', json({ documents }))).statusCode).toBe(400);
  });

  test('detect-language tells the language, and the share that is in none of them', async () => {
    const text = 'The quick brown fox jumps over the lazy dog, and the dog does not care.';
    const detect = (body: unknown) => post('/v1/detect-language', json(body));
    const { results } = (await detect({ text, languages: ['fi', 'en'] })).json();
    expect(results[0].language).toBe('en');
    expect(results.map((r: { language: string | null }) => r.language).sort()).toEqual(['en', 'fi', null].sort());
    expect((await detect({ text, languages: ['fi', 'sv'] })).json().results[0].language).toBe(null);
    expect((await detect({ text: '', languages: ['fi'] })).json().results).toEqual([
      { language: null, score: 1 },
      { language: 'fi', score: 0 },
    ]);
    const unknown = await detect({ text, languages: ['fi', 'xxx'] });
    expect(unknown.statusCode).toBe(400);
    expect(unknown.json().detail).toBe('unsupported candidate languages');
    expect((await detect({ text, languages: [] })).statusCode).toBe(400);
    expect((await detect({ text, languages: ['fi', 'en', 'sv', 'de', 'fr', 'es'] })).statusCode).toBe(400);
  });

  test('the address alone leads to the page, and a vocabulary that was never loaded says how to load it', async () => {
    const root = await get('/');
    expect([root.statusCode, root.headers.location]).toEqual([302, '/v1/ui/']);
    const absent = await get('/v1/vocabs/absent/search?query=x');
    expect(absent.json()).toMatchObject({ status: 404, hint: expect.stringContaining('load-vocab absent') });
    const untrained = await post('/v1/projects/no-vocabulary/suggest', form('text=x'));
    expect(untrained.json().hint).toContain('load-vocab absent');
    expect((await get('/v1/vocabs/nope/search?query=x')).json()).not.toHaveProperty('hint');
  });

  test('an untrained project, and one without its vocabulary, is 503 with what to do', async () => {
    for (const id of ['untrained-en', 'no-vocabulary']) {
      const answer = await post(`/v1/projects/${id}/suggest`, form('text=lighthouses'));
      expect(answer.statusCode).toBe(503);
      expect(answer.json()).toMatchObject({
        title: 'Service unavailable',
        code: 'not-trained',
        hint: expect.any(String),
      });
    }
  });
});

describe('what clients of Annif rely on', () => {
  test.each([
    ['a percent sign that stands for nothing', 'text=100 % lighthouses &c.', 'lighthouses'],
    ['an ampersand in the text, which makes strays', 'text=lighthouses R&D&limit=3', 'lighthouses'],
    ['a second limit', 'text=lighthouses&limit=1&limit=0', 'lighthouses'],
    ['plus for space', 'text=river+restoration', 'river restoration'],
    ['raw UTF-8', 'text=lighthouses – “ähem” 猫頭鷹', 'lighthouses'],
    ['a semicolon, which separates nothing', 'text=x;limit=0 lighthouses', 'lighthouses'],
    ['empty fields', 'text=lighthouses&language=&limit=&threshold=', 'lighthouses'],
    ['numbers as texts', 'text=lighthouses&limit=20&threshold=0.001', 'lighthouses'],
    ['a threshold of "0"', 'text=lighthouses&threshold=0', 'lighthouses'],
    ['unknown fields', 'text=lighthouses&colour=red&__proto__=1&constructor=2', 'lighthouses'],
    ['metadata', 'text=lighthouses&metadata_title=about+lighthouses', 'lighthouses'],
  ])('%s', async (_, body, label) => {
    const answer = await post(SUGGEST, form(body));
    expect(answer.statusCode).toBe(200);
    expect(answer.json().results[0].label).toBe(label);
  });

  test('any Accept, and a charset', async () => {
    for (const accept of ['text/html', '*/*', 'nonsense']) {
      const request = form('text=lighthouses');
      const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', accept };
      const answer = await post(SUGGEST, { ...request, headers });
      expect(answer.statusCode).toBe(200);
    }
  });

  test('JSON in place of a form', async () => {
    const answer = await post(
      SUGGEST,
      json({ text: 'lighthouses', limit: 1, colour: 'red', metadata: { title: 'x' } }),
    );
    expect(answer.json().results.map((r: { label: string }) => r.label)).toEqual(['lighthouses']);
  });

  test('a blank text has no suggestions', async () => {
    for (const text of ['', '+++', '%0A%09', '…', '123 !!']) {
      const answer = await post(SUGGEST, form(`text=${text}`));
      expect([text, answer.statusCode, answer.json().results]).toEqual([text, 200, []]);
    }
    expect((await post(SUGGEST, form('text=lighthouses&limit=0'))).json().results).toEqual([]);
  });

  test('notation and label are always there, and explanations only on request', async () => {
    for (const language of ['en', 'fi', 'de']) {
      const { results } = (await post(SUGGEST, form(`text=${TEXT}&language=${language}`))).json();
      for (const result of results) {
        expect(typeof result.label).toBe('string');
        expect(result.notation === null || typeof result.notation === 'string').toBe(true);
        expect(result).not.toHaveProperty('explanation');
      }
    }
  });

  test('HEAD and OPTIONS are answered', async () => {
    const head = await server.app.inject({ method: 'HEAD', url: '/v1/projects' });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    for (const url of ['/v1/detect-language', SUGGEST, BATCH, '/v1/projects']) {
      const preflight = await server.app.inject({
        method: 'OPTIONS',
        url,
        headers: {
          origin: 'http://other.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        },
      });
      expect(preflight.statusCode).toBe(204);
      expect(preflight.headers).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-headers': 'content-type',
      });
      expect((await server.app.inject({ method: 'OPTIONS', url })).statusCode).toBe(204);
    }
  });

  test('every answer may be read by pages of other origins, errors too', async () => {
    const headers = { origin: 'http://other.example' };
    const wanted = { 'access-control-allow-origin': '*' };
    for (const url of ['/v1/projects', '/v1/projects/nope', '/nowhere', '/v1/projects/untrained-en/suggest']) {
      expect((await server.app.inject({ method: 'GET', url, headers })).headers).toMatchObject(wanted);
    }
    const answer = await server.app.inject({ ...form('text=x'), url: '/v1/projects/untrained-en/suggest' });
    expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([503, '*']);
  });

  test('33 documents are too many, 32 are not', async () => {
    const documents = Array.from({ length: 33 }, () => ({ text: 'lighthouses' }));
    const many = await post(BATCH, json({ documents }));
    expect(many.statusCode).toBe(400);
    expect(many.json()).toMatchObject({ detail: "too many items - 'documents'", errors: [{ field: 'documents' }] });
    expect((await post(BATCH, json({ documents: documents.slice(1) }))).json().length).toBe(32);
  });
});

describe('problem documents', () => {
  test.each([
    ['limit=-1&text=x', 'limit'],
    ['limit=abc&text=x', 'limit'],
    ['limit=1.5&text=x', 'limit'],
    ['threshold=2&text=x', 'threshold'],
    ['threshold=x&text=x', 'threshold'],
    ['explain=maybe&text=x', 'explain'],
    ['limit=3', 'text'],
  ])('name the field that is wrong: %s', async (body, field) => {
    const answer = await post(SUGGEST, form(body));
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      errors: [{ field }],
    });
  });

  test.each([
    [{ documents: [{ text: 'x' }, { text: 3 }] }, 'documents/1/text'],
    [{ documents: [{}] }, 'documents/0/text'],
    [{ documents: [{ text: 'x', metadata: { a: 1 } }] }, 'documents/0/metadata/a'],
    [{ documents: [{ text: 'x', document_id: 7 }] }, 'documents/0/document_id'],
    [{}, 'documents'],
    [[], 'body'],
  ])('name the place in JSON: %j', async (body, field) => {
    const answer = await post(BATCH, json(body));
    expect([answer.statusCode, answer.json().errors[0].field]).toEqual([400, field]);
  });

  test('for bodies that are no JSON, of another type, of another method, nowhere', async () => {
    const broken = { ...json({}), payload: '{"documents": [' };
    expect((await post(BATCH, broken)).statusCode).toBe(400);
    const statuses = [
      await post(BATCH, form('text=x')),
      await post(SUGGEST, { ...form('text=x'), headers: { 'content-type': 'text/plain' } }),
      await server.app.inject({ method: 'POST', url: SUGGEST }),
      await server.app.inject({ method: 'DELETE', url: SUGGEST }),
      await server.app.inject({ method: 'QUERY' as 'GET', url: SUGGEST }),
      await get(SUGGEST),
      await get('/nowhere'),
    ].map((answer) => [answer.statusCode, answer.json().status, answer.headers.allow]);
    expect(statuses).toEqual([
      [415, 415, undefined],
      [415, 415, undefined],
      [415, 415, undefined],
      [405, 405, 'POST, OPTIONS'],
      [405, 405, 'POST, OPTIONS'],
      [405, 405, 'POST, OPTIONS'],
      [404, 404, undefined],
    ]);
  });

  test('prototype keys change nothing', async () => {
    const payload =
      '{"documents":[{"text":"lighthouses","metadata":{"__proto__":{"a":"b"},"constructor":"x"}}],"__proto__":{"x":1}}';
    const answer = await post(BATCH, { ...json({}), payload });
    expect(answer.statusCode).toBe(200);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    expect(answer.json()[0].results[0].label).toBe('lighthouses');
  });
});
