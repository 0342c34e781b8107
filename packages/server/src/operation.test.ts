import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ApiKeyStore } from './operation/api-keys.js';
import { form, json, type SampleServer, sampleCorpus, sampleServer } from './sample-server.test.fixture.js';
import type { ServerOptions } from './server-options.js';

const SUGGEST = '/v1/projects/sample-en/suggest';

let server: SampleServer;
afterEach(() => server.remove());

async function listening(options: Partial<ServerOptions> = {}): Promise<{ url: string; port: number }> {
  server = await sampleServer(options);
  const url = await server.listen('127.0.0.1', 0);
  return { url, port: Number(new URL(url).port) };
}

const read = async (answer: Response | Promise<Response>) => (await (await answer).json()) as Answer;

interface Answer {
  readonly model: string;
  readonly results: readonly { readonly label: string }[];
  readonly length: number;
  readonly vocabs: readonly { readonly size: number }[];
}

const suggest = (url: string, text: string, headers: Record<string, string> = {}) =>
  fetch(`${url}${SUGGEST}`, { method: 'POST', body: new URLSearchParams({ text }), headers });

/** Sends bytes as they are, and gives all that comes back until the server closes. */
function raw(port: number, pieces: readonly string[], pauseMs = 0): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('latin1').on('data', (text) => {
      answer += text;
    });
    socket.on('error', reject).on('close', () => resolve(answer));
    void (async () => {
      for (const piece of pieces) {
        if (!socket.writable) return;
        socket.write(piece);
        await new Promise((next) => setTimeout(next, pauseMs));
      }
    })();
  });
}

describe('keys', () => {
  test('open what their scopes say, wrong and revoked ones nothing', async () => {
    server = await sampleServer({ access: 'nothing' });
    const store = new ApiKeyStore(server.registry.dataDir);
    const { key, record } = await store.create('cataloguing', ['suggest']);
    const admin = (await store.create('operator', ['admin'])).key;
    const status = async (url: string, headers: Record<string, string>) =>
      (await server.app.inject({ url, headers })).statusCode;
    const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
    expect(await status('/v1/projects', {})).toBe(401);
    expect(await status('/v1/projects', bearer(key))).toBe(200);
    expect(await status('/v1/projects', { 'x-api-key': key })).toBe(200);
    expect(await status('/metrics', bearer(key))).toBe(403);
    expect(await status('/metrics', bearer(admin))).toBe(200);
    for (const wrong of [
      'x',
      `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`,
      key.slice(0, 20),
      'é'.repeat(90),
    ]) {
      expect(await status('/v1/projects', bearer(encodeURIComponent(wrong)))).toBe(401);
    }
    expect(await status('/v1/projects', { authorization: 'Basic eDp5' })).toBe(401);
    const learn = await server.app.inject({ url: '/v1/projects/hidden-en/learn', ...json([], bearer(key)) });
    expect([learn.statusCode, learn.json().detail]).toEqual([403, 'The key has not the scope "learn"']);
    for (const url of ['/health/live', '/v1/openapi.json']) expect(await status(url, {})).toBe(200);
    const refused = await server.app.inject('/v1/projects');
    expect(refused.headers['www-authenticate']).toContain('Bearer');

    await new ApiKeyStore(server.registry.dataDir).revoke(record.id);
    await new Promise((resolve) => setTimeout(resolve, 1050));
    expect(await status('/v1/projects', bearer(key))).toBe(401);
    expect(await status('/v1/projects', bearer(admin))).toBe(200);
  });

  test('are stored as checksums, and a damaged file lets nobody in', async () => {
    server = await sampleServer({ access: 'nothing' });
    const store = new ApiKeyStore(server.registry.dataDir);
    const { key } = await store.create('x', ['admin', 'admin']);
    expect(JSON.stringify(store.list())).not.toContain(key.slice(20));
    expect(store.list()[0]?.scopes).toEqual(['admin']);
    expect(store.verify(key)?.name).toBe('x');
    await expect(store.create('', ['suggest'])).rejects.toMatchObject({ code: 'usage-invalid' });
    await expect(store.revoke('nope')).rejects.toMatchObject({ code: 'usage-invalid' });
    writeFileSync(join(server.registry.dataDir, 'keys/keys.json'), '{"keys": [{"id": 3}]}');
    expect(() => new ApiKeyStore(server.registry.dataDir).verify(key)).toThrow('does not hold keys');
    const answer = await server.app.inject({ url: '/v1/projects', headers: { authorization: `Bearer ${key}` } });
    expect([answer.statusCode, answer.json().detail]).toEqual([503, 'Keys cannot be checked at the moment']);
    expect(answer.body).not.toContain('keys.json');
    expect(server.logged.find(({ msg }) => msg === 'keys cannot be checked')?.error).toContain('keys.json');
  });

  test('are not needed for suggestions where it was said so, and for all else they are', async () => {
    server = await sampleServer({ access: 'suggest' });
    expect((await server.app.inject({ url: SUGGEST, ...form('text=bats') })).statusCode).toBe(200);
    expect((await server.app.inject('/metrics')).statusCode).toBe(401);
    expect((await server.app.inject({ url: '/v1/projects/hidden-en/learn', ...json([]) })).statusCode).toBe(401);
  });
});

test('pages of other origins may change nothing without a key, by whatever name they reach the server', async () => {
  server = await sampleServer({ allowedOrigins: ['https://my.example'] });
  const status = async (headers: Record<string, string>) =>
    (await server.app.inject({ url: '/v1/reload', method: 'POST', headers })).statusCode;
  expect(await status({ host: 'localhost:5000' })).toBe(204);
  expect(await status({ host: 'localhost:5000', origin: 'http://localhost:5000' })).toBe(204);
  expect(await status({ host: 'localhost:5000', origin: 'https://my.example' })).toBe(204);
  expect(await status({ host: 'localhost:5000', origin: 'https://evil.example' })).toBe(403);
  expect(await status({ host: 'localhost:5000', origin: 'http://localhost:8080' })).toBe(403);
  expect(await status({ host: 'localhost:5000', origin: 'null' })).toBe(403);
  expect(await status({ host: 'evil.example:5000', origin: 'http://evil.example:5000' })).toBe(403);
});

test("pages of other origins may not read what is an operator's without a key", async () => {
  server = await sampleServer({ allowedOrigins: ['https://my.example'] });
  const { key } = await new ApiKeyStore(server.registry.dataDir).create('operator', ['admin']);
  for (const url of ['/v1/projects/sample-en/feedback', '/metrics']) {
    const status = async (headers: Record<string, string>) => (await server.app.inject({ url, headers })).statusCode;
    expect(await status({ host: '127.0.0.1:5000' })).toBe(200);
    expect(await status({ host: 'localhost:5000', origin: 'http://localhost:5000' })).toBe(200);
    expect(await status({ host: 'localhost:5000', origin: 'https://my.example' })).toBe(200);
    expect(await status({ host: 'my.example' })).toBe(200);
    expect(await status({ host: 'localhost:5000', origin: 'https://evil.example' })).toBe(403);
    expect(await status({ host: 'localhost:5000', origin: 'null' })).toBe(403);
    expect(await status({ host: 'evil.example:5000' })).toBe(403); // a page under a name that leads here tells no origin
    expect(await status({ host: 'evil.example', origin: 'https://evil.example', 'x-api-key': key })).toBe(200);
  }
  const foreign = { host: 'localhost:5000', origin: 'https://evil.example' };
  expect((await server.app.inject({ url: '/v1/projects', headers: foreign })).statusCode).toBe(200);
});

describe('limits', () => {
  test('more requests than the rate are told when to go on', async () => {
    server = await sampleServer({ rateLimit: 3 });
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await server.app.inject('/v1/projects'));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429, 429]);
    expect(answers[3]?.headers).toMatchObject({ 'retry-after': expect.anything(), 'access-control-allow-origin': '*' });
    expect(answers[3]?.json()).toMatchObject({ title: 'Too Many Requests', status: 429 });
    expect((await server.app.inject('/health/live')).statusCode).toBe(200);
  });

  test('count wrong keys and unknown paths as well, and answer them alike before that', async () => {
    server = await sampleServer({ rateLimit: 3, access: 'nothing' });
    const status = async (url: string, headers: Record<string, string> = {}) =>
      (await server.app.inject({ url, headers })).statusCode;
    const { key } = await new ApiKeyStore(server.registry.dataDir).create('x', ['suggest']);
    expect(await status('/v1/projects', { 'x-api-key': 'wrong' })).toBe(401);
    expect(await status('/v1/projects')).toBe(401);
    expect(await status('/nowhere')).toBe(404);
    expect(await status('/v1/projects', { 'x-api-key': 'wrong' })).toBe(429);
    expect(await status('/nowhere')).toBe(429);
    expect(await status('/health/ready', { 'x-api-key': 'wrong' })).toBe(401);
    expect(await status('/v1/projects', { 'x-api-key': key })).toBe(200); // has a count of its own
  });

  test('count by the address that the trusted proxy tells, whatever a client makes up', async () => {
    const statuses = async (trustProxy: ServerOptions['trustProxy'], forwarded: readonly string[]) => {
      server = await sampleServer({ rateLimit: 1, trustProxy });
      const codes: number[] = [];
      for (const addresses of forwarded) {
        const headers = { 'x-forwarded-for': addresses };
        codes.push((await server.app.inject({ url: '/v1/projects', headers })).statusCode);
      }
      await server.remove();
      return codes;
    };
    const madeUp = ['6.6.6.1, 9.9.9.9', '6.6.6.2, 9.9.9.9', '6.6.6.2, 9.9.9.8'];
    expect(await statuses(0, madeUp)).toEqual([200, 429, 429]);
    expect(await statuses(1, madeUp)).toEqual([200, 429, 200]);
    const byTwo = ['6.6.6.1, 9.9.9.9, 10.0.0.1', '6.6.6.2, 9.9.9.9, 10.0.0.1', '9.9.9.8, 10.0.0.1'];
    expect(await statuses(2, byTwo)).toEqual([200, 429, 200]);
    expect(await statuses(['loopback', '10.0.0.0/8'], byTwo)).toEqual([200, 429, 200]);
    server = await sampleServer();
  });

  test('a body over the limit is refused before it is read, and its connection is not reset at once', async () => {
    const { port, url } = await listening({ bodyLimit: 1000 });
    const head = `POST ${SUGGEST} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
    const stated = await raw(port, [`${head}Content-Length: 1000000000\r\n\r\n`, 'text='.padEnd(5000, 'x')]);
    expect(stated).toMatch(/^HTTP\/1.1 413 /);
    expect(stated).toContain('application/problem+json');
    const chunk = `${(4000).toString(16)}\r\n${'x'.repeat(4000)}\r\n`;
    expect(await raw(port, [`${head}Transfer-Encoding: chunked\r\n\r\n`, chunk, chunk])).toMatch(/^HTTP\/1.1 413 /);
    expect((await suggest(url, 'bats')).status).toBe(200);
  });

  test('all bodies together are bounded', async () => {
    const { port, url } = await listening({ totalBodyLimit: 10_000 });
    const head = `POST ${SUGGEST} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
    const holder = connect(port, '127.0.0.1');
    holder.write(`${head}Content-Length: 9990\r\n\r\ntext=`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const refused = await suggest(url, 'bats'.repeat(100));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
    holder.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await suggest(url, 'bats')).status).toBe(200);
  });

  test('a body of unknown length is charged as it comes in, and refused without a reset when it is too much', async () => {
    const { port, url } = await listening({ totalBodyLimit: 10_000 });
    const chunk = (n: number) => `${n.toString(16)}\r\n${'x'.repeat(n)}\r\n`;
    const chunked = (path: string, type: string) =>
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const head = chunked(SUGGEST, 'application/x-www-form-urlencoded');
    const holder = connect(port, '127.0.0.1');
    holder.write(head + chunk(6000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const rest = [chunk(3000), chunk(3000), chunk(3000), chunk(100_000), '0\r\n\r\n'];
    expect(await raw(port, [head, ...rest], 20)).toMatch(/^HTTP\/1.1 503 .*"code":"overloaded"/s);
    const part = 'Content-Disposition: form-data; name="file"; filename="a.txt"';
    const upload = `${chunked('/v1/extract-text', 'multipart/form-data; boundary=b')}${(part.length + 9).toString(16)}\r\n--b\r\n${part}\r\n\r\n\r\n`;
    expect(await raw(port, [upload, ...rest], 20)).toMatch(/^HTTP\/1.1 503 .*"code":"overloaded"/s);
    expect((await suggest(url, 'bats')).status).toBe(200); // what was refused holds nothing any more
    const kept = chunked(SUGGEST, 'application/json').replace('Connection: close\r\n', '');
    const next = 'GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    expect(await raw(port, [kept, ...rest, next], 20)).toMatch(/^HTTP\/1.1 503 .*HTTP\/1.1 200 /s);
    holder.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await raw(port, [head, chunk(4000), chunk(4000), '0\r\n\r\n'], 20)).toMatch(
      /^HTTP\/1.1 400 .*text: is missing/s,
    );
  });

  test('a slow sender is given up, and holds up nobody', async () => {
    const { port, url } = await listening({ requestTimeoutMs: 300 });
    const head = `POST ${SUGGEST} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n`;
    const slow = Array.from({ length: 20 }, () => raw(port, [head, ...'{"text": "bats"'.split('')], 20));
    expect((await suggest(url, 'bats')).status).toBe(200);
    const ended = await Promise.race([
      Promise.all(slow),
      new Promise<string[]>((resolve) => setTimeout(() => resolve(['still open']), 9000)),
    ]);
    for (const answer of ended) expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  test('what is no request of HTTP gets a problem document', async () => {
    const { port } = await listening();
    expect(await raw(port, ['\x16\x03\x01 hello\r\n\r\n'])).toMatch(/^HTTP\/1.1 400 Bad Request\r\n.*problem\+json/s);
    const long = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await raw(port, [long])).toMatch(/^HTTP\/1.1 431 /);
    const smuggled = `POST ${SUGGEST} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    expect(await raw(port, [smuggled])).toMatch(/^HTTP\/1.1 400 /);
    const dots = 'GET /v1/projects/../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    expect(await raw(port, [dots])).toMatch(/^HTTP\/1.1 404 /);
  });

  test('more work than the line holds is refused with 503, and every request is answered', async () => {
    const { url } = await listening({ maxWaiting: 64 });
    const documents = Array.from({ length: 32 }, (_, i) => ({ text: `bats and lighthouses ${i} `.repeat(200) }));
    const requests = Array.from({ length: 60 }, () => {
      const { method, headers } = json({});
      return fetch(`${url}/v1/projects/sample-en/suggest-batch`, {
        method,
        headers,
        body: JSON.stringify({ documents }),
      });
    });
    const answers = await Promise.all(requests);
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    const refused = answers.find(({ status }) => status === 503);
    expect(refused?.headers.get('retry-after')).toBe('2');
    expect(await refused?.json()).toMatchObject({ code: 'overloaded' });
    for (const answer of answers) if (answer.status === 200) expect((await read(answer)).length).toBe(32);
    const figures = await (await fetch(`${url}/metrics`)).text();
    expect(figures).toMatch(/catchword_rejected_total\{reason="overloaded"\} \d/);
    expect(figures).toContain('catchword_queue_depth 0');
  });
});

describe('models', () => {
  test('trained again are taken over under load without a failed request, each answer from one version', async () => {
    const { url } = await listening({ watchIntervalMs: 20 });
    const versions = new Map<string, Set<string>>();
    let isOver = false;
    const client = async () => {
      while (!isOver) {
        const answer = await suggest(url, 'Bats hunt at night near lighthouses');
        expect(answer.status).toBe(200);
        const { model, results } = await read(answer);
        expect(answer.headers.get('catchword-model')).toBe(`sample-en@${model}`);
        const seen = versions.get(model) ?? new Set();
        versions.set(model, seen.add(JSON.stringify(results)));
      }
    };
    const clients = Promise.all(Array.from({ length: 8 }, client));
    for (const [n, nDocuments] of [60, 90].entries()) {
      await server.registry.project('sample-en').train(await sampleCorpus(server.registry, nDocuments), { nJobs: 1 });
      while (versions.size < n + 2) await new Promise((resolve) => setTimeout(resolve, 50)); // or else the test's time is over
    }
    isOver = true;
    await clients;
    expect(versions.size).toBe(3);
    for (const answers of versions.values()) expect(answers.size).toBe(1);
    const figures = await (await fetch(`${url}/metrics`)).text();
    expect(figures.match(/catchword_model_info\{project="sample-en"/g)?.length).toBe(1);
  });

  test('an updated vocabulary is taken over, by models that were trained before', async () => {
    const { url } = await listening();
    expect((await read(suggest(url, 'a quokka'))).results).toEqual([]);
    const added = join(server.folder, 'more.ttl');
    cpSync(new URL('../../../vocabularies/sample/sample.ttl', import.meta.url), added);
    writeFileSync(added, '\nsample:quokka a skos:Concept ; skos:prefLabel "quokkas"@en .\n', { flag: 'a' });
    const { VocabularyStore } = await import('@catchword/project');
    await new VocabularyStore(server.registry.dataDir).update('sample', added); // another process, as it were
    await server.refresh();
    const { results } = await read(suggest(url, 'a quokka'));
    expect(results[0]?.label).toBe('quokkas');
    const { vocabs } = await read(fetch(`${url}/v1/vocabs`));
    expect(vocabs[0]?.size).toBe(261);
  });

  test('that are damaged are told of, and the ones before serve on', async () => {
    const { url } = await listening();
    expect((await suggest(url, 'bats')).status).toBe(200);
    const manifest = join(server.registry.dataDir, 'projects/sample-en/manifest.json');
    writeFileSync(manifest, '{}');
    await server.refresh();
    expect((await suggest(url, 'bats')).status).toBe(200);
    expect(server.logged.filter(({ msg }) => msg === 'a model cannot be used').length).toBe(1);
    await server.refresh();
    expect(server.logged.filter(({ msg }) => msg === 'a model cannot be used').length).toBe(1);
    rmSync(manifest);
    await server.refresh();
    expect((await suggest(url, 'bats')).status).toBe(503);
  });

  test('of a project that is trained while the server runs serve at once', async () => {
    const { url } = await listening();
    const project = server.registry.project('untrained-en');
    const ask = () =>
      fetch(`${url}/v1/projects/untrained-en/suggest`, { method: 'POST', body: new URLSearchParams({ text: 'bats' }) });
    expect((await ask()).status).toBe(503);
    await project.train(await sampleCorpus(server.registry, 30), { nJobs: 1 });
    expect((await ask()).status).toBe(200);
  });
});

describe('operation', () => {
  test('a log line tells of a request and nothing of its content', async () => {
    server = await sampleServer();
    const secret = 'confidential bats';
    const headers = {
      'x-request-id': 'abc-1',
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'x\x1b[31m',
    };
    const answer = await server.app.inject({
      method: 'POST',
      url: `${SUGGEST}?q=${encodeURIComponent(secret)}`,
      headers,
      payload: `text=${secret}`,
    });
    expect(answer.headers['x-request-id']).toBe('abc-1');
    const line = server.logged.find(({ msg }) => msg === 'request');
    expect(line).toMatchObject({
      level: 'info',
      request: 'abc-1',
      method: 'POST',
      route: '/v1/projects/:project_id/suggest',
      project: 'sample-en',
      status: 200,
      ms: expect.any(Number),
      time: expect.stringMatching(/Z$/),
    });
    await server.app.inject({
      url: `/nowhere/%0d%0aforged\x1b?${secret}`,
      headers: { 'x-request-id': 'a\nb "level"' },
    });
    await server.app.inject({ url: SUGGEST, ...form(`text=${secret}&limit=x`) });
    const text = JSON.stringify(server.logged);
    expect(text).not.toContain('confidential');
    expect(text).not.toMatch(/[\x00-\x1f]/);
    const forged = server.logged.find(({ route, status }) => route === null && status === 404);
    expect(forged?.request).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a client that goes away is a line in the log and no error, and its work ends', {
    timeout: 30_000,
  }, async () => {
    const { url } = await listening();
    expect((await suggest(url, 'bats')).status).toBe(200);
    const text = 'a bat car dog eel far gas hat inn jam kin lad mat net oar pen rat sea tin urn vat wax yak '.repeat(3);
    const queries = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`q${i}`, { query: text.slice(i % 40) }]));
    const long = { documents: new Array(32).fill({ text: 'bats and lighthouses '.repeat(2000) }) };
    const gone = (route: string) => server.logged.filter((line) => line.status === 499 && line.route === route);
    for (const [path, route, body] of [
      ['/v1/projects/sample-en/suggest-batch?explain=true', '/v1/projects/:project_id/suggest-batch', json(long)],
      [
        '/v1/vocabs/sample/reconcile/en',
        '/v1/vocabs/:vocab_id/reconcile/:language',
        form(`queries=${encodeURIComponent(JSON.stringify(queries))}`),
      ],
    ] as const) {
      const { payload, ...request } = body;
      // A fast machine has the answer before a slow one has read the request.
      for (const wait of [160, 80, 40, 20, 10, 5, 320, 640, 1280]) {
        const signal = AbortSignal.timeout(wait);
        const wentAway = await fetch(url + path, { ...request, body: payload, signal }).then(
          (answer) => answer.arrayBuffer().then(() => false),
          () => true,
        );
        for (let i = 0; wentAway && i < 25 && gone(route).length === 0; i++)
          await new Promise((resolve) => setTimeout(resolve, 20));
        if (gone(route).length > 0) break;
      }
      expect(gone(route)).toMatchObject([{ level: 'info', msg: 'request' }]);
    }
    await server.close();
    expect(server.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('a path that cannot be decoded is answered and logged like any other', async () => {
    server = await sampleServer();
    for (const url of ['/v1/projects/%ff', '/%', '/v1/projects/%ff/suggest']) {
      const answer = await server.app.inject({ url, headers: { 'x-request-id': 'r1' } });
      expect([404, 405]).toContain(answer.statusCode);
      expect(answer.headers).toMatchObject({
        'content-type': expect.stringContaining('application/problem+json'),
        'access-control-allow-origin': '*',
        'x-request-id': 'r1',
      });
    }
    expect(server.logged.filter(({ msg }) => msg === 'request').length).toBe(3);
  });

  test('the log shows what terminals would obey or turn around', async () => {
    const lines: string[] = [];
    server = await sampleServer({ log: { write: (line) => void lines.push(line) } });
    await server.app.inject(`/v1/projects/${encodeURIComponent('\u007f\u009b31m\u202eab\u200b\ufeff')}`);
    const [line = ''] = lines.filter((each) => each.includes('"request"'));
    expect(line).not.toMatch(/[\u007f-\u009f\u200b-\u200f\u202a-\u202e\ufeff]/);
    expect(JSON.parse(line).project).toBe('\u007f\u009b31m\u202eab\u200b\ufeff');
  });

  test('figures are counted by route, not by address', async () => {
    server = await sampleServer();
    await server.app.inject({ url: SUGGEST, ...form('text=bats') });
    for (let i = 0; i < 20; i++) await server.app.inject(`/v1/projects/p${i}`);
    await server.app.inject('/nowhere/at/all');
    const figures = (await server.app.inject('/metrics')).body;
    expect(figures).toContain(
      'http_request_duration_seconds_count{route="/v1/projects/:project_id",method="GET",status="404"} 20',
    );
    expect(figures).toContain('http_request_duration_seconds_count{route="none",method="GET",status="404"} 1');
    expect(figures).toContain('catchword_documents_total{project="sample-en",outcome="answered"} 1');
    expect(figures).not.toContain('p19');
  });
});
