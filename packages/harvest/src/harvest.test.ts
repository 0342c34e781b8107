import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBytes } from '@catchword/input';
import { openMarc } from '@catchword/marc';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HarvestOptions, harvest } from './harvest.js';
import { marcRecord, type OaiServer, oaiAnswer, oaiRecord, oaiServer } from './oai-server.test.fixture.js';

const RECORDS = [
  oaiRecord('oai:1', marcRecord('b1')),
  oaiRecord('oai:2', marcRecord('b2', 'Cats &amp; dogs')),
  oaiRecord('oai:3'),
  oaiRecord('oai:4', marcRecord('b4')),
  oaiRecord('oai:5', marcRecord('b5')),
];

let server: OaiServer;
let folder: string;
let output: string;
let warnings: string[];
beforeEach(async () => {
  server = await oaiServer(RECORDS);
  folder = mkdtempSync(join(tmpdir(), 'catchword-harvest-'));
  output = join(folder, 'all.xml');
  warnings = [];
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const run = (more: Partial<HarvestOptions> = {}, request: Readonly<Record<string, string>> = {}) =>
  harvest(
    { url: server.url, prefix: 'marcxml', ...request },
    {
      output,
      format: 'marcxml',
      onWarning: (message) => warnings.push(message),
      ...more,
      client: { delayMs: 1, tries: 3, timeoutMs: 5000, ...more.client },
    },
  );

async function idsOf(path: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const pieces of (await openMarc(readBytes(path), path)).pieces) {
    for (const piece of pieces) {
      if (piece.kind === 'broken') ids.push(piece.problem);
      if (piece.kind === 'record') ids.push(piece.record.fields[0]?.value ?? '');
    }
  }
  return ids;
}

describe('harvest', () => {
  test('writes the records of all pages, lists the deleted, and leaves nothing else but when it was', async () => {
    const report = await run();
    expect(report).toEqual({ nRecords: 4, nDeleted: 1, nBroken: 0, nBefore: 0, responseDate: '2026-11-27T10:00:00Z' });
    expect(await idsOf(output)).toEqual(['b1', 'b2', 'b4', 'b5']);
    expect(readFileSync(output, 'utf8').split('\n')[2]).toMatch(
      /^<marc:record xmlns:marc="http:\/\/www\.loc\.gov\/MARC21\/slim">/,
    );
    expect(readFileSync(`${output}.deleted`, 'utf8')).toBe('oai:3\n');
    expect(readdirSync(folder).sort()).toEqual(['all.xml', 'all.xml.deleted', 'all.xml.harvest.json']);
    expect(server.requests).toEqual([
      'verb=ListRecords&metadataPrefix=marcxml',
      'verb=ListRecords&resumptionToken=2',
      'verb=ListRecords&resumptionToken=4',
    ]);
  });

  test('asks for a set and for dates', async () => {
    await run({}, { set: 'books', from: '2026-01-01', until: '2026-02-01' });
    expect(server.requests[0]).toBe(
      'verb=ListRecords&metadataPrefix=marcxml&set=books&from=2026-01-01&until=2026-02-01',
    );
  });

  test('goes on where it stopped, also with a page that was not finished, and ends up the same', async () => {
    await run();
    const undisturbed = readFileSync(output);
    for (const file of readdirSync(folder)) rmSync(join(folder, file));

    server.disturb = (params, _, response) => {
      if (params.get('resumptionToken') !== '4') return false;
      response.writeHead(500).end();
      return true;
    };
    await expect(run()).rejects.toMatchObject({
      code: 'operation-failed',
      message: expect.stringContaining('status 500'),
      hint: expect.stringContaining('goes on where it stopped'),
    });
    expect(existsSync(output)).toBe(false);
    appendFileSync(`${output}.part`, '<marc:record>half of one');
    appendFileSync(`${output}.part.deleted`, 'half');
    server.disturb = () => false;
    server.requests.length = 0;
    expect(await run()).toMatchObject({ nRecords: 4, nDeleted: 1, nBefore: 3 });
    expect(server.requests).toEqual(['verb=ListRecords&resumptionToken=4']);
    expect(readFileSync(output).equals(undisturbed)).toBe(true);
    expect(readFileSync(`${output}.deleted`, 'utf8')).toBe('oai:3\n');
  });

  test('reads a list anew whose token has expired, without what is there already', async () => {
    let nExpired = 0;
    server.disturb = (params, _, response) => {
      if (params.get('resumptionToken') !== '4' || nExpired++ > 0) return false;
      response.end(oaiAnswer('<error code="badResumptionToken">gone</error>'));
      return true;
    };
    expect(await run()).toMatchObject({ nRecords: 4, nDeleted: 1 });
    expect(await idsOf(output)).toEqual(['b1', 'b2', 'b4', 'b5']);
    expect(warnings).toEqual(['The list has expired; it is read from its beginning, without what is there already']);
    server.disturb = (params, _, response) => {
      if (!params.has('resumptionToken')) return false;
      response.end(oaiAnswer('<error code="badResumptionToken"/>'));
      return true;
    };
    await expect(run({ output: `${output}2` })).rejects.toThrow('again and again');
  });

  test('waits as long as an overloaded server wishes, and tries again after other faults', async () => {
    server.disturb = (_, n, response, request) => {
      if (n === 1) response.writeHead(503, { 'Retry-After': '1' }).end();
      else if (n === 2) request.socket.destroy();
      else if (n === 4) response.end(oaiAnswer('<ListRecords>').slice(0, -40));
      else return false;
      return true;
    };
    const started = performance.now();
    expect(await run()).toMatchObject({ nRecords: 4 });
    expect(performance.now() - started).toBeGreaterThan(990);
    expect(warnings).toEqual([
      'it is overloaded (503); trying again in 1 s',
      expect.stringMatching(/^the connection failed \(.+\); trying again in 1 s$/),
      expect.stringMatching(/^its answer cannot be read: .*and its end is missing; trying again in 1 s$/),
    ]);
  });

  test('leaves out what is broken in an answer, and goes on', async () => {
    server.disturb = (params, _, response) => {
      if (params.get('resumptionToken') !== '2') return false;
      const records = [
        oaiRecord('oai:3', '<marc:record>&nbsp;</marc:record>'),
        oaiRecord('oai:4', marcRecord('b4', 'a\x0bb')),
      ];
      response.end(oaiAnswer(`<ListRecords>${records.join('')}<resumptionToken>4</resumptionToken></ListRecords>`));
      return true;
    };
    expect(await run()).toMatchObject({ nRecords: 4, nBroken: 1 });
    expect(await idsOf(output)).toEqual(['b1', 'b2', 'b4', 'b5']);
    expect(warnings).toEqual([expect.stringMatching(/^Record oai:3 is not well-formed XML: /)]);
  });

  test('leaves out characters that XML does not have', async () => {
    server.disturb = (_, __, response) => {
      response.end(oaiAnswer(`<ListRecords>${oaiRecord('oai:1', marcRecord('b1', 'a\x0bb'))}</ListRecords>`));
      return true;
    };
    expect(await run()).toMatchObject({ nRecords: 1, nBroken: 0 });
    expect(readFileSync(output, 'utf8')).toContain('>ab<');
    expect(warnings).toEqual(['1 character that XML does not have: left out']);
  });

  test('writes Dublin Core as documents', async () => {
    const dc =
      '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">' +
      '<dc:title>Cats\n at sea</dc:title><dc:subject>http://x.org/cats</dc:subject><dc:subject>ships &amp; boats</dc:subject>' +
      '<dc:description>All about them.</dc:description><dc:language>en</dc:language></oai_dc:dc>';
    server.disturb = (_, __, response) => {
      const others = `${oaiRecord('oai:2', marcRecord('b2'))}${oaiRecord('oai:3', '<mods/>')}`;
      response.end(oaiAnswer(`<ListRecords>${oaiRecord('oai:1', dc)}${others}</ListRecords>`));
      return true;
    };
    const jsonl = join(folder, 'all.jsonl');
    expect(await run({ output: jsonl, format: 'jsonl' }, { prefix: 'oai_dc' })).toMatchObject({
      nRecords: 2,
      nBroken: 1,
    });
    const lines = readFileSync(jsonl, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        text: 'Cats at sea\nAll about them.',
        document_id: 'oai:1',
        metadata: { title: 'Cats at sea', language: 'en' },
        subjects: [{ uri: 'http://x.org/cats' }, { label: 'ships & boats' }],
      },
      { text: 'Title of b2', document_id: 'oai:2', metadata: { title: 'Title of b2' }, subjects: [] },
    ]);
    expect(warnings).toEqual(['Leaving out record oai:3: its metadata is mods']);
  });

  test('says what the server has against it; nothing to harvest is a file without records', async () => {
    const error = (code: string) => {
      server.disturb = (_, __, response) => {
        response.end(oaiAnswer(`<error code="${code}">No such thing</error>`));
        return true;
      };
    };
    error('cannotDisseminateFormat');
    await expect(run()).rejects.toMatchObject({
      message: 'Cannot harvest from '.concat(new URL(server.url).host, ': No such thing (cannotDisseminateFormat)'),
      hint: expect.stringContaining('ListMetadataFormats'),
    });
    error('noRecordsMatch');
    expect(await run()).toMatchObject({ nRecords: 0 });
    expect(await idsOf(output)).toEqual([]);
  });

  test('follows redirections within the host alone, asks for http and https alone, and reads bounded answers', async () => {
    let location = '/elsewhere';
    server.disturb = (params, _, response, request) => {
      if (request.url?.startsWith('/elsewhere')) return false;
      response.writeHead(302, { Location: `${location}?${params}` }).end();
      return true;
    };
    expect(await run()).toMatchObject({ nRecords: 4 });
    location = `http://localhost:${server.port}/other`;
    await expect(run({ output: `${output}2` })).rejects.toMatchObject({
      code: 'operation-failed',
      message: expect.stringContaining(`it redirects to localhost:${server.port}`),
    });
    location = 'file:///etc/passwd';
    await expect(run({ output: `${output}3` })).rejects.toThrow('it redirects to');
    server.disturb = () => false;
    await expect(run({ output: `${output}4`, client: { maxBytes: 100 } })).rejects.toThrow('longer than 100 bytes');
    await expect(run({}, { url: 'file:///etc/passwd' })).rejects.toMatchObject({ code: 'input-invalid' });
  });

  test('a second harvest into the same file is refused while the first one goes on', async () => {
    let second: Promise<unknown> | undefined;
    const first = await run({
      onProgress: () => {
        second ??= run().catch((error: Error) => error);
      },
    });
    expect(await second).toMatchObject({
      code: 'locked',
      message: expect.stringMatching(/^Somebody harvests into \S+ already: process \d+/),
    });
    expect(first.nRecords).toBe(4);
    expect(readdirSync(folder).sort()).toEqual(['all.xml', 'all.xml.deleted', 'all.xml.harvest.json']);
  });

  test.each([0, 1, 2])('goes on where it ended while files got their names, %i of them', async (nPlaced) => {
    await run();
    const expected = readFileSync(output, 'utf8');
    const deleted = readFileSync(`${output}.deleted`, 'utf8');
    const state = readFileSync(`${output}.harvest.json`, 'utf8');
    writeFileSync(`${output}.part.json`, state);
    writeFileSync(`${output}.part.seen`, '');
    if (nPlaced < 1) renameSync(`${output}.deleted`, `${output}.part.deleted`);
    if (nPlaced < 2) renameSync(output, `${output}.part`);
    expect(await run()).toMatchObject({ nRecords: 4, nDeleted: 1 });
    expect([readFileSync(output, 'utf8'), readFileSync(`${output}.deleted`, 'utf8')]).toEqual([expected, deleted]);
    expect(readdirSync(folder).sort()).toEqual(['all.xml', 'all.xml.deleted', 'all.xml.harvest.json']);
  });

  test('refuses to mix harvests, and to go on with what is damaged', async () => {
    server.disturb = (params, _, response) => {
      if (!params.has('resumptionToken')) return false;
      response.writeHead(404).end();
      return true;
    };
    await expect(run()).rejects.toThrow('status 404');
    server.disturb = () => false;
    await expect(run({}, { set: 'other' })).rejects.toMatchObject({ hint: expect.stringContaining('--restart') });
    rmSync(`${output}.part`);
    await expect(run()).rejects.toMatchObject({ code: 'model-damaged' });
    expect(await run({ restart: true })).toMatchObject({ nRecords: 4, nBefore: 0 });
  });
});
