import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { docxOf, epubOf, odtOf, pdfOf } from '@catchword/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SampleServer, sampleServer } from './sample-server.test.fixture.js';

/** What an address in a request may lead to: it counts who comes. */
let target: Server;
let nVisits = 0;
let server: SampleServer;
let url: string;

beforeAll(async () => {
  server = await sampleServer();
  target = createServer((_, response) => response.end()).on('connection', () => nVisits++);
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/secret`;
});
afterAll(async () => {
  target.close();
  await server.remove();
});

test('no address in a request is gone to: texts, ids, files, and what files refer to', async () => {
  const { app } = server;
  const form = (path: string, fields: Readonly<Record<string, string>>) =>
    app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(fields).toString(),
    });
  const file = async (bytes: Uint8Array | string) => {
    const body = new FormData();
    body.append('file', new Blob([Buffer.from(bytes)]), url);
    const encoded = new Response(body);
    return app.inject({
      method: 'POST',
      url: '/v1/projects/sample-en/suggest-file',
      headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
      payload: Buffer.from(await encoded.arrayBuffer()),
    });
  };
  const word = '<w:p><w:r><w:t>lighthouse</w:t></w:r></w:p>';
  const answers = [
    await form('/v1/projects/sample-en/suggest', { text: url, explain: 'true' }),
    await form('/v1/projects/sample-en/suggest', { text: 'lighthouse', url, uri: url, callback: url, webhook: url }),
    await form('/v1/vocabs/sample/reconcile/en', { queries: JSON.stringify({ q: { query: url, type: url } }) }),
    await app.inject(`/v1/vocabs/sample/reconcile/en/preview?id=${encodeURIComponent(url)}`),
    await app.inject(`/v1/vocabs/sample/reconcile/en/flyout?id=${encodeURIComponent(url)}`),
    await app.inject(`/v1/vocabs/sample/concept?uri=${encodeURIComponent(url)}`),
    await app.inject({
      url: '/v1/projects',
      headers: { origin: url, referer: url, 'x-forwarded-for': url, host: url },
    }),
    await file(
      `<!DOCTYPE html SYSTEM "${url}"><html><head><base href="${url}"><link rel="stylesheet" href="${url}"><script src="${url}"></script>` +
        `<meta http-equiv="refresh" content="0;url=${url}"></head><body><img src="${url}"><iframe src="${url}"></iframe>lighthouse`,
    ),
    await file(
      `<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "${url}">]><html><body>lighthouse &e;</body></html>`,
    ),
    await file(docxOf(`${word}<w:altChunk r:id="1"/><w:instrText>INCLUDEPICTURE "${url}"</w:instrText>`)),
    await file(odtOf(`<text:p>lighthouse</text:p><draw:image xlink:href="${url}"/>`)),
    await file(epubOf([`<p>lighthouse</p><img src="${url}"/><object data="${url}"/>`])),
    await file(pdfOf([`lighthouse ${url}`])),
  ];
  expect(answers.map(({ statusCode }) => statusCode).filter((status) => status >= 500)).toEqual([]);
  expect(answers.filter(({ statusCode }) => statusCode === 200).length).toBeGreaterThan(6);
  await new Promise((resolve) => setTimeout(resolve, 200)); // for one who comes late
  expect(nVisits).toBe(0);
  // The listener does count: otherwise none of this would say anything.
  await fetch(url);
  expect(nVisits).toBe(1);
});
