import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, runCatchword } from './run-catchword.js';

// What a cataloguer teaches is known at the next call, can be listed and undone, and outlives a training.

const CORPORA = join(ROOT, 'corpora/sample');
const PROJECTS = `[DEFAULT]
language=en
vocab=sample
analyzer=snowball(english)
backend=knn
k=5
[open]
allow_learn=true
[closed]
[mean]
backend=ensemble
sources=open
allow_learn=true
[fused]
backend=fusion
model=mean
sources=open
allow_learn=true
`;
const TEXT = 'Meadow orchard winter cattle: a lecture on nothing of this kind';
const URI = 'http://example.org/catchword/sample/c0005';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-learn-'));
  writeFileSync(join(folder, 'projects.cfg'), PROJECTS);
  writeFileSync(join(folder, 'one.tsv'), `${TEXT}\t<${URI}>\n`);
  await run('load-vocab', 'sample', join(ROOT, 'vocabularies/sample/sample.ttl'));
  for (const id of ['open', 'closed']) await run('train', id, join(CORPORA, 'train.tsv'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) => runCatchword(words, { cwd: folder });
const suggest = async () =>
  (await runCatchword(['suggest', 'open', '--limit', '3'], { cwd: folder, stdin: TEXT })).stdout;

test('learn, list, undo, replay and compact', async () => {
  const before = await suggest();
  expect(before).not.toContain(URI);
  const learnt = await run('learn', 'open', 'one.tsv');
  expect(learnt).toMatchObject({ code: 0, stdout: '' });
  expect(learnt.stderr).toContain('Project open has learnt from 1 documents in');
  const after = await suggest();
  expect(after.split('\n')[0]).toContain(URI);

  const list = await run('journal', 'list', 'open');
  const [, , row = ''] = list.stdout.split('\n');
  expect(row).toMatch(/^[0-9a-f]{12} {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}learnt {2}Meadow orchard/);
  expect((await run('train', 'open', join(CORPORA, 'train.tsv'))).stderr).toContain('1 documents that project open');
  expect(await suggest()).toBe(after);
  expect(JSON.parse((await run('journal', 'compact', 'open', '--json')).stdout)).toMatchObject({ folded: 1 });
  expect(JSON.parse((await run('journal', 'replay', 'open', '--json')).stdout)).toMatchObject({ learnt: 1 });
  expect(await suggest()).toBe(after);

  const undone = await run('journal', 'undo', 'open', row.slice(0, 12));
  expect(undone.stderr).toContain('Project open has undone 1 of what it had learnt');
  expect(await suggest()).toBe(before);
  const { entries } = JSON.parse((await run('journal', 'list', 'open', '--json')).stdout);
  expect(entries).toMatchObject([{ text: TEXT, subjects: [{ uri: URI }], undone: true }]);

  await run('learn', 'open', 'one.tsv');
  const dropping = await run('train', 'open', join(CORPORA, 'train.tsv'), '--drop-learnt');
  expect(dropping).toMatchObject({ code: 0 });
  expect(await suggest()).toBe(before);
});

test('a correction of a training record holds after a training on the old subjects', async () => {
  const [line = ''] = readFileSync(join(CORPORA, 'train.tsv'), 'utf8').split('\n');
  const [text = ''] = line.split('\t');
  expect(line).not.toContain(URI);
  writeFileSync(join(folder, 'corrected.tsv'), `${text}\t<${URI}>\n`);
  await run('learn', 'open', 'corrected.tsv');
  const trained = await run('train', 'open', join(CORPORA, 'train.tsv'));
  expect(trained.stderr).toContain('where the corpus has other subjects, those of the journal hold');
  const { stdout } = await runCatchword(['suggest', 'open', '--limit', '1'], { cwd: folder, stdin: text });
  expect(stdout).toContain(URI);
  const replayed = await run('journal', 'replay', 'open', '--json');
  expect(JSON.parse(replayed.stdout)).toMatchObject({ learnt: 1, trained: 0 });
  await run('journal', 'drop', 'open');
});

test('learn says what Annif says where it is not allowed', async () => {
  const refused = await run('learn', 'closed', 'one.tsv');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain("Not enabled project 'closed': Learning not enabled for project");
  const wrong = await run('journal', 'undo', 'open', 'none');
  expect(wrong.code).toBe(2);
  expect((await run('journal', 'lists')).stderr).toContain('Did you mean list?');
});

test('learn speaks of the calibration only where there is one', async () => {
  const trainedOn = await run('learn', 'open', join(CORPORA, 'train.tsv'), '--docs-limit', '2', '--json');
  expect(JSON.parse(trainedOn.stdout)).toMatchObject({ nKnown: 2 });
  expect(trainedOn.stderr).not.toContain('calibration');
  await run('journal', 'drop', 'open');
  await run('learn', 'open', 'one.tsv');
  const mean = await run('learn', 'mean', 'one.tsv', '--json');
  expect(JSON.parse(mean.stdout)).toMatchObject({ nKnown: 1 });
  expect(mean.stderr).not.toContain('calibration');
  await run('train', 'fused', join(CORPORA, 'validate.tsv'));
  const fused = await run('learn', 'fused', 'one.tsv');
  expect(fused.stderr).toContain('trained on or has learnt: they tell nothing about the calibration');
  await run('journal', 'drop', 'open');
}, 20_000);

test('a journal is a corpus that can be trained on', async () => {
  const learnt = JSON.parse((await run('learn', 'open', 'one.tsv', '--json')).stdout);
  expect(learnt).toMatchObject({ projectId: 'open', nDocuments: 1 });
  const month = new Date().toISOString().slice(0, 7);
  const path = join(folder, 'data/projects/open/journal', `${month}.jsonl`);
  expect(JSON.parse(readFileSync(path, 'utf8').trim())).toMatchObject({ id: learnt.entries[0], text: TEXT });
  const trained = await run('train', 'open', join(CORPORA, 'train.tsv'), path, '--json');
  expect(trained.stderr).toContain('1 documents that project open has learnt before are in the corpus with the same');
  expect((await run('journal', 'list', 'open')).stdout).toMatch(/ {2}trained {2}Meadow/);
  const plain = await run('train', 'open', join(CORPORA, 'train.tsv'), '--json');
  expect(plain.stderr).toContain('1 documents that project open has learnt before are kept in its journal');
  expect(plain.stderr).not.toContain('calibration');
  expect(JSON.parse(trained.stdout).nDocuments).toBe(JSON.parse(plain.stdout).nDocuments + 1);
});
