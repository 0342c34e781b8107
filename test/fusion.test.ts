import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, type Run, runCatchword } from './run-catchword.js';

// A fusion from one command, and a concept that reaches it without training, on the sample that ships with the project.

const VOCABULARY = join(ROOT, 'vocabularies/sample/sample.ttl');
const TRAIN = join(ROOT, 'corpora/sample/train.tsv');
const VALIDATE = join(ROOT, 'corpora/sample/validate.tsv');
const TEST = join(ROOT, 'corpora/sample/test.tsv');

const PROJECTS = `[DEFAULT]
vocab=sample
language=en
analyzer=snowball(english)
[labels]
backend=mllm
[records]
backend=knn
[both]
backend=fusion
sources=labels,records
trees=40
`;
const NEW_URI = 'http://example.org/catchword/sample/c9001';
const NEW_CONCEPT = `<${NEW_URI}> a skos:Concept ; skos:prefLabel "radio telescopes"@en .\n`;
const TEXT =
  'Radio telescopes in the desert. How engineers build radio telescopes, and what astronomers hear with them at night.';

let folder: string;
let trained: Run;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-fusion-'));
  writeFileSync(join(folder, 'projects.cfg'), PROJECTS);
  await run('load-vocab', 'sample', VOCABULARY);
  trained = await run('train', 'both', TRAIN, '--out-of-fold', '3', '--unseen', VALIDATE);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) => runCatchword(words, { cwd: folder });
const suggest = async (...words: string[]) => {
  const { stdout } = await runCatchword(['suggest', 'both', '--json', ...words], { cwd: folder, stdin: TEXT });
  return JSON.parse(stdout) as { results: { uri: string; score: number }[]; confidence: number };
};
const figure = (output: string, name: string) => Number(output.match(new RegExp(`^${name}: *\\t([0-9.]+)`, 'm'))?.[1]);

test('one command trains the sources and the fusion, and tells what it compared', () => {
  expect(trained.code, trained.stderr).toBe(0);
  for (const id of ['labels', 'records', 'both']) expect(trained.stderr).toContain(`Trained project ${id} on`);
  expect(trained.stderr).toMatch(/Models on documents that they had not learnt:\n(.*\n)*.*\(chosen\)/);
});

test('the fusion is at least as good as either source', async () => {
  const ndcg = async (project: string) => figure((await run('eval', project, TEST)).stdout, 'nDCG@10');
  const [labels, records, both] = [await ndcg('labels'), await ndcg('records'), await ndcg('both')];
  expect(both).toBeGreaterThan(Math.max(labels, records) - 0.01);
});

test('a concept that is added to the vocabulary is suggested at once, without training', async () => {
  const before = await suggest('--limit', '10');
  expect(before.results.map(({ uri }) => uri)).not.toContain(NEW_URI);
  const grown = join(folder, 'grown.ttl');
  writeFileSync(grown, readFileSync(VOCABULARY, 'utf8') + NEW_CONCEPT);
  expect((await run('load-vocab', 'sample', grown)).stderr).toContain('1 subject added');
  const after = await suggest('--limit', '10');
  expect(after.results.slice(0, 2).map(({ uri }) => uri)).toContain(NEW_URI);
  const explained = await runCatchword(['suggest', 'both', '--limit', '3', '--explain'], { cwd: folder, stdin: TEXT });
  expect(explained.stdout).toContain('source records: does not suggest it');
});

test('limit auto gives as many as can be expected to be best', async () => {
  const { results, confidence } = await suggest('--limit', 'auto');
  expect(results.length).toBeGreaterThan(0);
  expect(results.length).toBeLessThan(10);
  expect(confidence).toBeGreaterThan(0);
  const all = await suggest('--limit', '100');
  expect(results).toEqual(all.results.slice(0, results.length));
  const { stdout } = await run('eval', 'both', TEST, '--limit', 'auto');
  expect(figure(stdout, 'Calibration error')).toBeLessThan(0.15);
});
