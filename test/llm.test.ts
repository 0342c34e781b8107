import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LlmServer, numberedLines } from '../packages/testing/src/index.js';
import { ROOT, runCatchword } from './run-catchword.js';

// A language model reads the candidates of a project, on the sample that ships with the project; the model is a server here.

const TRAIN = join(ROOT, 'corpora/sample/train.tsv');
const TEST = join(ROOT, 'corpora/sample/test.tsv');
const TEXT = join(ROOT, 'corpora/sample/fulltext/river-restoration.txt');
const KEY = 'sk-a-key-that-nobody-may-see';

let folder: string;
let server: LlmServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-llm-'));
  server = await LlmServer.start(({ body }) => {
    const prompt = body.messages?.at(-1)?.content ?? '';
    const lines = numberedLines(prompt.slice(prompt.lastIndexOf('Candidates:')));
    const grades = lines.map(({ n, line }) => [n, line.startsWith('rivers') ? 3 : 1]);
    return { kind: 'text', text: JSON.stringify(Object.fromEntries(grades)) };
  });
  writeFileSync(
    join(folder, 'projects.yaml'),
    `defaults: { language: en, vocab: sample }
projects:
  labels: { backend: mllm, analyzer: snowball(english) }
  read: { backend: llm, sources: labels, endpoint: ${server.url}, model: small, key_env: READER_KEY }
  unnamed: { backend: llm, sources: labels }
`,
  );
  expect(await run('load-vocab', 'sample', join(ROOT, 'vocabularies/sample/sample.ttl'))).toMatchObject({ code: 0 });
  expect(await run('train', 'labels', TRAIN)).toMatchObject({ code: 0 });
}, 120_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...words: string[]) => runCatchword(words, { cwd: folder, env: { READER_KEY: KEY } });

test('llm try shows the question, the answer, the cost and the effect', async () => {
  const { code, stdout, stderr } = await run('llm', 'try', 'read', TEXT, '--limit', '3');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/--- question 1, system\nYou help a library/);
  expect(stdout).toContain(readFileSync(TEXT, 'utf8').slice(0, 100));
  expect(stdout).toMatch(/^\d+\. rivers \(11\.01\) < water \[Water that flows in a bed/m);
  expect(stdout).not.toContain('--- warnings');
  expect(stdout).toMatch(/--- answer 1\n\{"1":/);
  expect(stdout).toMatch(/--- cost\n1 request to a model, [\d,]+ tokens sent, \d+ received/);
  expect(stdout).toMatch(/--- effect\nRank +Was +Score +Was +Opinion +URI +Label/);
  expect(server.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
  const json = JSON.parse((await run('llm', 'try', 'read', TEXT, '--json')).stdout);
  expect(json).toMatchObject({ usage: { calls: 0, cached: 1 }, questions: [{ answer: expect.any(String) }] });
  expect(json.after).toHaveLength(10);
});

test('llm try says why nothing was asked', async () => {
  const { code, stdout } = await run('llm', 'try', 'unnamed', TEXT);
  expect(code).toBe(0);
  expect(stdout).toContain('Nothing was asked: No model is asked for "unnamed": it names no endpoint');
  expect((await run('llm', 'try', 'labels', TEXT)).stderr).toContain('asks no language model');
});

test('eval and index tell what a model has cost', async () => {
  const evaluated = await run('eval', 'read', TEST, '-m', 'F1@5', '--docs-limit', '10');
  expect(evaluated.stderr).toMatch(/^10 requests to a model, [\d,]+ tokens sent, [\d,]+ received, .* of waiting$/m);
  expect(evaluated.stdout).toMatch(/^F1@5:/);
  const json = JSON.parse((await run('eval', 'read', TEST, '--json', '--docs-limit', '10')).stdout);
  expect(json.usage).toMatchObject({ calls: 0, cached: 10 });
  const indexed = await run('index', 'read', TEST, '--output', 'out.jsonl', '--docs-limit', '12');
  expect(indexed.stderr).toMatch(/^2 requests to a model, 10 answers at hand/m);
});

test('nothing leaves where no endpoint is named, and the suggestions are those of the source', async () => {
  const nBefore = server.requests.length;
  const [labels, unnamed] = [await run('suggest', 'labels', TEXT), await run('suggest', 'unnamed', TEXT)];
  expect(unnamed.stdout).toBe(labels.stdout);
  expect(unnamed.stderr).toContain('names no endpoint');
  expect(server.requests).toHaveLength(nBefore);
});

test('the key stands nowhere: not in what is printed, not in the data folder', async () => {
  server.script = () => ({ kind: 'status', status: 401, body: `{"error":{"message":"Incorrect key ${KEY}"}}` });
  const { code, stdout, stderr } = await run(
    'llm',
    'try',
    'read',
    join(ROOT, 'corpora/sample/README.md'),
    '-v',
    'DEBUG',
  );
  expect(code).toBe(0);
  expect(stdout).toContain('Incorrect key …');
  expect(stdout + stderr).not.toContain(KEY);
  const { execFileSync } = await import('node:child_process');
  const found = execFileSync('sh', ['-c', `grep -rl "${KEY}" . || true`], { cwd: folder, encoding: 'utf8' });
  expect(found).toBe('');
});
