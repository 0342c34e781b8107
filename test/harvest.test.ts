import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, runCatchword } from './run-catchword.js';

// Records come from a server that is killed for, waits and goes on, and are a corpus.

let folder: string;
let http: Server;
let url: string;
let requests: string[] = [];
/** Requests that the server still leaves without an answer. */
let nHeld = 0;

const RECORDS = [
  ...readFileSync(join(ROOT, 'corpora/sample/catalogue.xml'), 'utf8').matchAll(/<record>[\s\S]*?<\/record>/g),
].map(([record], i) => {
  const marc = record.replace('<record>', '<record xmlns="http://www.loc.gov/MARC21/slim">');
  return `<record><header><identifier>oai:${i}</identifier><datestamp>2026-01-01</datestamp></header><metadata>${marc}</metadata></record>`;
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-harvest-'));
  http = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x');
    requests.push(searchParams.toString());
    const from = Number(searchParams.get('resumptionToken') ?? 0);
    if (from > 0 && nHeld-- > 0) return; // never answered
    const token = from + 3 < RECORDS.length ? `<resumptionToken>${from + 3}</resumptionToken>` : '';
    response.end(
      `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-27T10:00:00Z</responseDate><ListRecords>${RECORDS.slice(from, from + 3).join('')}${token}</ListRecords></OAI-PMH>`,
    );
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/oai`;
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...words: string[]) => runCatchword(['harvest', url, ...words], { cwd: folder });

test('a harvest that was killed goes on, and its file is a corpus', async () => {
  nHeld = 1;
  const killed = await runCatchword(['harvest', url, '-O', 'all.xml'], {
    cwd: folder,
    onStart: (child) => {
      const timer = setInterval(() => {
        if (requests.length < 2) return;
        clearInterval(timer);
        child.kill('SIGKILL');
      }, 10);
    },
  });
  expect(killed.code).toBe(null);
  requests = [];
  const { code, stderr } = await run('-O', 'all.xml');
  expect([code, stderr]).toEqual([0, 'Going on behind 3 records\nHarvested 12 records into all.xml\n']);
  expect(requests[0]).toBe('verb=ListRecords&resumptionToken=3');
  expect(readFileSync(join(folder, 'all.xml'), 'utf8').match(/<record xmlns/g)?.length).toBe(12);

  requests = [];
  const later = await run('-O', 'later.jsonl', '--since', 'all.xml', '--json');
  expect(JSON.parse(later.stdout)).toMatchObject({ nRecords: 12, output: 'later.jsonl' });
  expect(requests[0]).toBe('verb=ListRecords&metadataPrefix=marcxml&from=2026-11-27');
  expect(JSON.parse(readFileSync(join(folder, 'later.jsonl'), 'utf8').split('\n')[0] ?? '')).toMatchObject({
    document_id: 'oai:0',
    metadata: { title: 'Grazing the wet meadows.' },
    subjects: [{ uri: 'http://example.org/catchword/sample/c0084' }, { uri: expect.stringContaining('c0023') }],
  });
});

test('what cannot be is refused', async () => {
  const refusals = [
    await run('-O', 'all.xml'),
    await run('-O', 'x.xml', '--since', 'nothing.xml'),
    await run('-O', 'x.xml', '--since', 'all.xml', '--from', '2026-01-01'),
    await runCatchword(['harvest', 'ftp://example.org', '-O', 'x.xml'], { cwd: folder }),
    await run(),
  ];
  expect(
    refusals.map(({ code, stderr }) => [code, stderr.split('\n').find((line) => line.startsWith('Error'))]),
  ).toEqual([
    [2, 'Error: all.xml is there already'],
    [2, 'Error: There is no nothing.xml.harvest.json, which says when nothing.xml was harvested'],
    [2, 'Error: --since and --from exclude each other'],
    [1, 'Error: Cannot harvest from ftp://example.org: it is no http or https address'],
    [2, expect.stringContaining("'-O, --output <file>' not specified")],
  ]);
});
