import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type SampleServer, sampleServer } from './sample-server.test.fixture.js';

const SUGGEST = '/v1/projects/sample-en/suggest';

let server: SampleServer;
afterEach(() => server.remove());

async function listening(): Promise<string> {
  server = await sampleServer();
  return server.listen('127.0.0.1', 0);
}

const suggest = (url: string, text: string) =>
  fetch(`${url}${SUGGEST}`, { method: 'POST', body: new URLSearchParams({ text }) });

test('the server is ready once its projects are open, and not any more when it closes', async () => {
  server = await sampleServer();
  const ready = async () => (await server.app.inject('/health/ready')).statusCode;
  expect(await ready()).toBe(503);
  const url = await server.listen('127.0.0.1', 0);
  expect(await ready()).toBe(200);
  const closing = server.close(150);
  expect(await ready()).toBe(503);
  expect((await suggest(url, 'bats')).status).toBe(200);
  await closing;
  await expect(suggest(url, 'bats')).rejects.toThrow();
});

test('closing finishes what is under way', async () => {
  const url = await listening();
  let nBegun = 0;
  server.app.server.on('request', () => nBegun++);
  const text = 'bats and lighthouses '.repeat(5000);
  const requests = Array.from({ length: 20 }, () =>
    suggest(url, text).then((answer) => answer.json() as Promise<{ results: unknown[] }>),
  );
  while (nBegun < 20) await new Promise((resolve) => setTimeout(resolve, 1));
  await server.close();
  for (const { results } of await Promise.all(requests)) expect(results.length).toBeGreaterThan(0);
});

test('closing answers or refuses what was sent before, on any connection, and ends idle ones', async () => {
  const port = Number(new URL(await listening()).port);
  const body = `text=${'bats and lighthouses '.repeat(1000)}`;
  const head = `POST ${SUGGEST} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`;
  const open = (first: readonly string[]) => {
    const socket = connect(port, '127.0.0.1');
    const said = { text: '', error: '' };
    socket.setEncoding('latin1').on('data', (text: string) => {
      said.text += text;
    });
    socket.on('error', ({ message }) => {
      said.error = message;
    });
    const ended = new Promise<typeof said>((resolve) => socket.on('close', () => resolve(said)));
    for (const piece of first) socket.write(piece);
    return { socket, ended };
  };
  const kept = Array.from({ length: 20 }, () => open(['GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n']));
  const half = open([head, body.slice(0, 1000)]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const sent = Array.from({ length: 40 }, () => open([head + body])); // connections that nobody has accepted yet
  for (const { socket } of kept.slice(0, 10)) socket.write(head + body);
  const closed = server.close();
  for (const { socket } of kept.slice(10, 15)) socket.write(head + body);
  setTimeout(() => half.socket.write(body.slice(1000)), 600);
  const answers = await Promise.all([...sent, ...kept, half].map(({ ended }) => ended));
  await closed;
  expect(answers.filter(({ error }) => error !== '')).toEqual([]);
  const statuses = answers.map(({ text }) => [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status));
  for (const each of statuses.slice(0, 40)) expect(['200', '503']).toContain(each.join());
  for (const each of statuses.slice(40, 55)) expect(['200,200', '200,503']).toContain(each.join());
  for (const each of statuses.slice(55, 60)) expect(each.join()).toBe('200');
  expect(statuses[60]?.join()).toBe('503');
  expect(answers[60]?.text).toMatch(/^HTTP.*connection: close.*shutting down/is);
});
