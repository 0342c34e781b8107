import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildServer } from './build-server.js';
import { describeApi } from './describe-api.test.fixture.js';
import { form, json, type SampleServer, sampleServer } from './sample-server.test.fixture.js';

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

let server: SampleServer;
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
beforeAll(async () => {
  server = await sampleServer();
  ({ paths, components } = (await server.app.inject('/v1/openapi.json')).json());
});
afterAll(() => server.remove());

test('the OpenAPI document that is kept beside the sources is that of the routes, and the one that is served', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const { app, close } = await buildServer(server.registry, {}, (each) => describeApi(each, version));
  const document = app.swagger();
  await close();
  await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../openapi.json');
  const served = await server.app.inject('/v1/openapi.json');
  expect([served.headers['content-type'], served.json()]).toEqual(['application/json; charset=utf-8', document]);
});

/** Schemas are compiled when a request needs them. */
test('every operation checks a request and answers it', async () => {
  for (const [url, methods] of Object.entries(paths)) {
    for (const [method, { requestBody, responses }] of Object.entries(methods)) {
      const types = Object.keys(requestBody?.content ?? { 'application/json': {} });
      for (const type of types) {
        const headers = { 'content-type': type };
        const request = { url: url.replace(/{\w+}/g, 'sample-en'), method: method.toUpperCase() as 'GET' };
        const answer = await server.app.inject({
          ...request,
          ...(requestBody ? { headers, payload: '{}' } : undefined),
        });
        expect([request, type, answer.statusCode]).not.toContain(500);
        expect(Object.keys(responses)).toContain(String(answer.statusCode));
      }
    }
  }
});

test('every operation has a name of its own, and a route', () => {
  const operations = Object.entries(paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ url, method, operationId })),
  );
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const { url, method } of operations) {
    const route = { url: url.replace(/{(\w+)}/g, ':$1'), method: method.toUpperCase() as 'GET' };
    expect([url, server.app.hasRoute(route)]).toEqual([url, true]);
  }
});

const ajv = new Ajv2020({ strict: false, formats: { binary: true } });
let components: object;
const compile = (schema: object) => ajv.compile({ ...schema, components });

test('every schema of the document is one', () => {
  const schemas = Object.values(paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ requestBody, responses }) => [requestBody, ...Object.values(responses)])
    .flatMap((part) => Object.values(part?.content ?? {}).map(({ schema }) => schema));
  expect(schemas.length).toBeGreaterThan(50);
  for (const schema of schemas) expect(compile(schema)).toBeTypeOf('function');
});

/** What the document says of a JSON body, against what the server does with it. */
test.each([
  ['/v1/projects/{project_id}/suggest', { text: 'bats' }],
  ['/v1/projects/{project_id}/suggest', { text: 'bats', limit: 3, threshold: 0.5, explain: true }],
  ['/v1/projects/{project_id}/suggest', { text: 'bats', limit: '3' }],
  ['/v1/projects/{project_id}/suggest', { text: 'bats', limit: '', threshold: '', explain: '' }],
  ['/v1/projects/{project_id}/suggest', { text: 'bats', limit: -1 }],
  ['/v1/projects/{project_id}/suggest', { text: null }],
  ['/v1/projects/{project_id}/suggest-batch', { documents: [] }],
  ['/v1/projects/{project_id}/suggest-batch', { documents: [{ text: 'bats', document_id: 'x' }] }],
  ['/v1/projects/{project_id}/suggest-batch', { documents: [{ document_id: 'x' }] }],
  ['/v1/projects/{project_id}/suggest-batch', { documents: {} }],
  ['/v1/detect-language', { text: 'bats', languages: ['en'] }],
  ['/v1/detect-language', { text: 'bats', languages: ['e'] }],
  ['/v1/detect-language', { languages: ['en'] }],
])('the document and the server agree on %s %j', async (path, body) => {
  const operation = paths[path]?.post as Operation;
  const isValid = compile(operation.requestBody?.content['application/json']?.schema as object)(body);
  const answer = await server.app.inject({ url: path.replace('{project_id}', 'sample-en'), ...json(body) });
  expect([isValid, answer.statusCode]).toEqual([isValid, isValid ? 200 : 400]);
  const type = answer.headers['content-type']?.toString().split(';')[0] ?? '';
  const schema = operation.responses[answer.statusCode]?.content?.[type]?.schema as object;
  const isAnswerValid = compile(schema);
  expect([isAnswerValid(answer.json()), isAnswerValid.errors]).toEqual([true, null]);
});

test('a form is described as it is read', async () => {
  const body = paths['/v1/projects/{project_id}/suggest']?.post?.requestBody?.content;
  expect(Object.keys(body ?? {}).sort()).toEqual(['application/json', 'application/x-www-form-urlencoded']);
  const explained = await server.app.inject({
    url: '/v1/projects/sample-en/suggest',
    ...form('text=Bats hunt at night&explain=true&limit=1'),
  });
  const { results, text } = explained.json();
  const [{ start, end, words }] = results[0].explanation.evidence;
  expect(words).toBe(text.slice(start, end));
  expect(results[0].explanation.contributions.length).toBeGreaterThan(0);
});

test('the page comes whole from the server', async () => {
  const page = await server.app.inject('/v1/ui/');
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  expect(page.headers['content-security-policy']).not.toMatch(/upgrade-insecure|https?:|validator/);
  expect(page.body).not.toMatch(/(src|href)="https?:/);
  const script = await server.app.inject('/v1/ui/static/swagger-ui-bundle.js');
  expect([script.statusCode, script.headers['content-type']]).toEqual([200, 'application/javascript; charset=utf-8']);
  expect(script.rawPayload.length).toBeGreaterThan(1_000_000);
  expect((await server.app.inject('/v1/ui/json')).json().info.title).toBe('Catchword');
  for (const path of ['static/no-such-file', 'static/%00', 'static/..%2f..%2fpackage.json', '%ff']) {
    const { headers, statusCode, body } = await server.app.inject(`/v1/ui/${path}`);
    const isRefused = statusCode >= 400 && statusCode < 500 && !body.includes('dependencies');
    expect([path, headers['content-type'], isRefused]).toEqual([path, 'application/problem+json; charset=utf-8', true]);
  }
  const again = await server.app.inject({ url: '/v1/ui/', method: 'HEAD' });
  expect([again.statusCode, again.body]).toEqual([200, '']);
});

test('the version of the document is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const document = JSON.parse(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8'));
  expect(document.info.version).toBe(version);
});
