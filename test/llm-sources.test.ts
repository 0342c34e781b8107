import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LlmScript, LlmServer } from '../packages/testing/src/index.js';
import { ROOT, runCatchword } from './run-catchword.js';

// Models as sources of candidates, on the sample that ships with the project: one writes keywords, one compares meanings. Both
// are a server here, which copies words out of the text, and embeds texts by their letters.

const TRAIN = join(ROOT, 'corpora/sample/train.tsv');
const VALIDATE = join(ROOT, 'corpora/sample/validate.tsv');
const TEXT = join(ROOT, 'corpora/sample/fulltext/river-restoration.txt');

const models: LlmScript = ({ path, body }) => {
  if (path === 'embeddings') {
    const data = (body.input ?? []).map((text, index) => ({ index, embedding: pairsOfLetters(text) }));
    return { kind: 'json', json: { data } };
  }
  const text = body.messages?.at(-1)?.content ?? '';
  if (text.includes('Headings:')) return { kind: 'text', text: madeUp(text.slice(text.indexOf('Headings:') + 9)) };
  const words = text.split(/[^\p{L}]+/u).filter((word) => word.length > 4);
  return { kind: 'text', text: JSON.stringify({ keywords: [...words.slice(2, 10), 'zeppelin hangars'] }) };
};

/** A record about headings; every fourth one is not what was asked for. */
let nMadeUp = 0;
function madeUp(headings: string): string {
  if (nMadeUp++ % 4 === 3) return 'I would rather not.';
  const words = headings.replace(/[^\p{L}]+/gu, ' ').trim();
  return JSON.stringify({
    title: `On ${words}`,
    abstract: `What is known of ${words}, and what we would like to know.`,
  });
}

function pairsOfLetters(text: string): number[] {
  const vector = new Array<number>(26 * 26).fill(0);
  const letters = text.toLowerCase().replace(/[^a-z]/g, '');
  for (let i = 1; i < letters.length; i++) {
    const pair = 26 * (letters.charCodeAt(i - 1) - 97) + letters.charCodeAt(i) - 97;
    vector[pair] = (vector[pair] as number) + 1;
  }
  return letters.length > 1 ? vector : vector.fill(1);
}

let folder: string;
let server: LlmServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-llm-sources-'));
  server = await LlmServer.start(models);
  const service = `endpoint: ${server.url}, retries: 0`;
  writeFileSync(
    join(folder, 'projects.yaml'),
    `defaults: { language: en, vocab: sample, analyzer: snowball(english) }
projects:
  labels: { backend: mllm }
  meaning: { backend: embedding, model: letters, ${service}, languages: all, train_documents: 60 }
  written: { backend: llm_keywords, model: copier, ${service}, train_documents: 40 }
  classes: { backend: svc }
  all: { backend: fusion, sources: [labels, meaning, written] }
`,
  );
  expect(await run('load-vocab', 'sample', join(ROOT, 'vocabularies/sample/sample.ttl'))).toMatchObject({ code: 0 });
  expect(await run('train', 'labels', TRAIN)).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...words: string[]) => runCatchword(words, { cwd: folder });

test('an embedding model is a source: trained, asked, explained, and its vectors kept', async () => {
  const trained = await run('train', 'meaning', TRAIN, '--json');
  expect(trained.code).toBe(0);
  const asked = server.requests.length;
  expect(await run('train', 'meaning', TRAIN)).toMatchObject({ code: 0 });
  expect(server.requests, 'all vectors were at hand').toHaveLength(asked);
  const { stdout } = await run('suggest', 'meaning', '--limit', '3', '--explain', TEXT);
  expect(stdout).toContain('near in meaning');
}, 120_000);

test('a language model writes keywords: subjects come out, and terms that the vocabulary lacks', async () => {
  expect(await run('train', 'written', TRAIN)).toMatchObject({ code: 0 });
  const { code, stdout } = await run('suggest', 'written', '--new-terms', '--json', TEXT);
  expect(code).toBe(0);
  const [found] = JSON.parse(stdout);
  expect(found.results).not.toHaveLength(0);
  expect(found.new_terms).toContain('zeppelin hangars');
  expect((await run('suggest', 'written', '--new-terms', TEXT)).stdout).toContain('new term: zeppelin hangars\n');
  expect((await run('llm', 'try', 'written', TEXT)).stdout).toContain('"zeppelin hangars"');
  const refused = await run('suggest', 'labels', '--new-terms', TEXT);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('llm_keywords');
}, 120_000);

test('records are made up for rare subjects: marked, weighted, gone on with, and learnt from', async () => {
  const output = join(folder, 'made-up.jsonl');
  const synthesise = (...words: string[]) =>
    run('llm', 'synthesise', 'written', TRAIN, '-O', output, '--at-most', '0', '--seed', '3', ...words);
  const first = await synthesise('--records', '20', '--calls', '10', '--weight', '0.4');
  expect(first).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Stopped: The budget of the records is spent'),
  });
  const linesOf = () => readFileSync(output, 'utf8').trimEnd().split('\n');
  const before = linesOf();
  expect(before.length).toBeGreaterThan(3);
  expect(before.length).toBeLessThan(10);
  appendFileSync(output, '{"document_id":"synthetic-torn');
  const second = await synthesise('--records', '20', '--weight', '0.4');
  expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('answers were refused') });
  const lines = linesOf();
  expect(lines.slice(0, before.length)).toEqual(before);
  const records = lines.map((line) => JSON.parse(line));
  expect(new Set(records.map((record) => record.document_id)).size).toBe(records.length);
  for (const record of records) {
    expect(record).toMatchObject({ weight: 0.4, metadata: { synthetic: 'true', model: 'copier' } });
    expect(record.subjects[0]).toMatchObject({ uri: expect.stringContaining('/sample/') });
  }
  // The first subject of each is one that no real record has; a classifier now knows it, and no real record more is counted.
  const trained = JSON.parse((await run('train', 'classes', TRAIN, output, '--json')).stdout);
  const without = JSON.parse((await run('train', 'labels', TRAIN, '--json')).stdout);
  expect(trained.nSubjectsSeen).toBe(without.nSubjectsSeen);
  expect(trained.nSubjectsSeen).toBeGreaterThan(0);
  const text = join(folder, 'unseen.txt');
  writeFileSync(text, records[0].text);
  expect((await run('suggest', 'classes', '--limit', '5', text)).stdout).toContain(records[0].subjects[0].uri);
  const refused = await run('llm', 'synthesise', 'labels', TRAIN, '-O', output);
  expect(refused).toMatchObject({ stderr: expect.stringContaining('asks no language model') });
}, 180_000);

test('a fusion has both among its sources, lists new terms, and goes on without them where the service is gone', async () => {
  expect(await run('train', 'all', VALIDATE)).toMatchObject({ code: 0 });
  const before = await run('suggest', 'all', '--new-terms', TEXT);
  expect(before).toMatchObject({ code: 0, stdout: expect.stringContaining('new term: zeppelin hangars') });
  server.script = () => ({ kind: 'status', status: 400 });
  const text = join(folder, 'other.txt');
  writeFileSync(text, 'Fish ladders and the restoration of rivers: what was done at the weir, and what was not.');
  const { code, stdout, stderr } = await run('suggest', 'all', '--limit', '5', text);
  expect(code).toBe(0);
  expect(stdout).toContain('fish passes');
  expect(stderr).toContain('meaning');
  expect(stderr).toContain('written');
}, 180_000);
