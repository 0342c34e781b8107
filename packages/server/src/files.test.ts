import { docxOf, epubOf, odtOf, pdfOf } from '@catchword/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SampleServer, sampleServer } from './sample-server.test.fixture.js';

let server: SampleServer;
beforeAll(async () => {
  server = await sampleServer({ bodyLimit: 1 << 20 });
});
afterAll(() => server.remove());

async function send(
  url: string,
  bytes: Uint8Array | undefined,
  fields: Readonly<Record<string, string>> = {},
  name = 'x',
) {
  const body = new FormData();
  for (const [field, value] of Object.entries(fields)) body.append(field, value);
  if (bytes) body.append('file', new Blob([Buffer.from(bytes)]), name);
  const encoded = new Response(body);
  return server.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    payload: Buffer.from(await encoded.arrayBuffer()),
  });
}

const SUGGEST_FILE = '/v1/projects/sample-en/suggest-file';

describe('files', () => {
  test.each([
    ['pdf', pdfOf(['The keeper of the lighthouse'])],
    ['docx', docxOf('<w:p><w:r><w:t>The keeper of the lighthouse</w:t></w:r></w:p>')],
    ['odt', odtOf('<text:p>The keeper of the lighthouse</text:p>')],
    ['epub', epubOf(['<p>The keeper of the lighthouse</p>'])],
    ['text', Buffer.from('The keeper of the lighthouse')],
    ['html', Buffer.from('<html><body>The keeper of the lighthouse')],
  ])('get suggestions: %s', async (format, bytes) => {
    const answer = await send(SUGGEST_FILE, bytes, { limit: '1', explain: 'true' }, '../../<script>');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      results: [{ label: 'lighthouses', explanation: { evidence: [{ words: 'lighthouse' }] } }],
      text: 'The keeper of the lighthouse',
      file: { format, characters: 28, warnings: [] },
    });
    const extracted = await send('/v1/extract-text', bytes);
    expect(extracted.json()).toEqual({ text: 'The keeper of the lighthouse', format, characters: 28, warnings: [] });
  });

  test('that cannot be read are told of, and the server goes on', async () => {
    const statuses = [
      await send('/v1/extract-text', Buffer.from([0, 1, 2, 3])),
      await send('/v1/extract-text', Buffer.from('PK\x03\x04 broken')),
      await send('/v1/extract-text', docxOf(`<w:t>${' '.repeat(20 << 20)}</w:t>`)),
      await send('/v1/extract-text', Buffer.alloc(2 << 20, 'x')),
      await send('/v1/extract-text', undefined, { other: 'x' }),
      await send(SUGGEST_FILE, Buffer.from('x'), { limit: '-1' }),
      await send('/v1/projects/nope/suggest-file', Buffer.from('x')),
      await send('/v1/projects/sample-en/suggest', Buffer.from('x')),
      await server.app.inject({
        method: 'POST',
        url: '/v1/extract-text',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        payload: '--x\r\nnothing of it',
      }),
    ].map((answer) => [answer.statusCode, answer.json().status]);
    expect(statuses.map(([status]) => status)).toEqual([415, 422, 413, 413, 400, 400, 404, 415, 400]);
    for (const [status, stated] of statuses) expect(stated).toBe(status);
    expect((await send('/v1/extract-text', Buffer.from('bats'))).statusCode).toBe(200);
  });

  test('that are none, and bodies of another type, are told what is wanted', async () => {
    const asText = await send('/v1/extract-text', undefined, { file: 'bats' });
    expect(asText.json()).toMatchObject({
      status: 400,
      errors: [{ field: 'file' }],
      hint: expect.stringContaining('field named file'),
    });
    const part = (name: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"; filename="a.txt"\r\n\r\nbats\r\n`;
    const two = await server.app.inject({
      method: 'POST',
      url: '/v1/extract-text',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      payload: `${part('file')}${part('more')}--b--\r\n`,
    });
    expect(two.json()).toMatchObject({ status: 413, hint: expect.stringContaining('one file') });
    for (const type of ['text/plain', 'application/xml', 'nonsense']) {
      const answer = await server.app.inject({
        method: 'POST',
        url: '/v1/projects/sample-en/suggest',
        headers: { 'content-type': type },
        payload: 'bats',
      });
      expect(answer.json()).toMatchObject({
        status: 415,
        detail: expect.stringContaining('application/json is wanted'),
      });
    }
  });
});
