import { spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Document } from '@catchword/core';
import { viewArrays } from '@catchword/math';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Project } from '../project.js';
import type { Registry } from '../registry.js';
import { ALL, corpusOf, openWorld, trainWorld, UNTRAINED, wordOf, worldDocuments } from './learning.test.fixture.js';

/** Words that records have, in a combination that none has: the first record of a new subject, and a document like it. */
const WORDS = [0, 4, 8, 12, 16, 20].map((id, n) => wordOf(id, n));
const NEW: Document = { text: WORDS.join(' '), subjects: [UNTRAINED], documentId: 'n' };
const LIKE_NEW: Document = { text: WORDS.slice(1).join(' ') };
const ASKED = [...worldDocuments(20, 3), LIKE_NEW];

const WRITER = fileURLToPath(new URL('../../dist/learning/learning.test.writer.js', import.meta.url));

let trained: string;
let folder: string;
let warnings: string[];
let nFolders = 0;

beforeAll(async () => {
  trained = mkdtempSync(join(tmpdir(), 'catchword-learning-'));
  await trainWorld(join(trained, 'world'), ['near', 'closed', 'words', 'both']);
});
afterAll(() => rmSync(trained, { recursive: true, force: true }));
beforeEach(() => {
  folder = join(trained, `copy${nFolders++}`);
  cpSync(join(trained, 'world'), folder, { recursive: true });
  warnings = [];
});

/** As another process would. */
const open = (): Promise<Registry> => openWorld(folder, (message) => warnings.push(message));
const openProject = async (id: string): Promise<Project> => (await open()).project(id);
const rows = async (project: Project, docs = ASKED) => {
  const batch = await project.suggest(docs, ALL);
  return docs.map((_, i) => batch.row(i));
};
const best = async (project: Project) => (await rows(project, [LIKE_NEW]))[0]?.[0]?.subjectId;
const journalFile = (id: string): string => {
  const dir = join(folder, 'data/projects', id, 'journal');
  return join(dir, readdirSync(dir)[0] as string);
};

describe.each(['near', 'mean', 'both'])('learning of project "%s"', (id) => {
  test('is known at once, in other threads, and to other processes', async () => {
    const project = await openProject(id);
    expect(await best(project)).not.toBe(UNTRAINED);
    const report = await project.learning.learn(corpusOf([NEW]));
    expect(report).toMatchObject({ projectId: id, nDocuments: 1, nAgain: 0 });
    expect(await best(project)).toBe(UNTRAINED);
    const here = await rows(project);
    expect(await rows(await openProject(id))).toEqual(here);
    const inThreads = [];
    const source = corpusOf(Array.from({ length: 40 }, () => ASKED).flat()).documents();
    for await (const { docs, suggestions } of project.suggestStream(source, { ...ALL, nJobs: 2, threadsAfterMs: 0 })) {
      inThreads.push(...docs.map((_, i) => suggestions.row(i)));
    }
    expect(inThreads).toEqual(Array.from({ length: 40 }, () => here).flat());
    expect((await project.trainFrequency())[UNTRAINED]).toBe(1);
    expect(warnings).toEqual([]);
  });

  test('is the same one by one, at once, folded, replayed, and after undoing what came between', async () => {
    const project = await openProject(id);
    const docs = [NEW, ...worldDocuments(30, 4)];
    const untouched = await rows(project);
    for (const doc of docs) await project.learning.learn(corpusOf([doc]));
    const learnt = await rows(project);
    expect(learnt).not.toEqual(untouched);
    expect(await project.learning.compact()).toBe(31);
    const folded = await openProject(id);
    expect(await rows(folded)).toEqual(learnt);
    expect(await folded.trainFrequency()).toEqual(await project.trainFrequency());

    const more = worldDocuments(5, 5);
    const { entries } = await folded.learning.learn(corpusOf(more));
    const later = await openProject(id);
    expect(await rows(later)).toEqual(await rows(folded));
    expect(await later.learning.undo(entries)).toHaveLength(5);
    expect(await rows(later)).toEqual(learnt);
    expect((await later.learning.items()).filter(({ isUndone }) => isUndone)).toHaveLength(5);

    const [first] = await later.learning.items();
    await later.learning.undo([first?.entry.id ?? '']); // it is in the fold
    expect(await best(later)).not.toBe(UNTRAINED);
    expect(await later.learning.replay()).toBe(30);
    const replayed = await rows(later);
    expect(await rows(await openProject(id))).toEqual(replayed);
    rmSync(join(folder, 'data/projects', id, 'learnt'), { recursive: true });
    expect(await rows(await openProject(id))).toEqual(replayed);
    expect(warnings).toEqual([]);
  });

  test('a text that is learnt again has its new subjects only', async () => {
    const project = await openProject(id);
    await project.learning.learn(corpusOf([{ ...NEW, subjects: [3] }]));
    const report = await project.learning.learn(corpusOf([NEW]));
    expect(report).toMatchObject({ nDocuments: 1, nAgain: 1 });
    const again = await rows(project);
    expect((await project.trainFrequency())[UNTRAINED]).toBe(1);
    expect(again.at(-1)?.[0]?.subjectId).toBe(UNTRAINED);
    await project.learning.compact();
    expect(await rows(await openProject(id))).toEqual(again);
    const items = await project.learning.items();
    expect(items.map(({ entry }) => entry.subjects[0]?.label)).toEqual(['subject 3', `subject ${UNTRAINED}`]);
  });
});

test('a fusion counts what is given together in what it learns, replays, folds and undoes, and in nothing else', async () => {
  const counts = async (project: Project) => {
    const { suggester } = await project.opened();
    const { pack } = suggester.learning.models()?.model ?? expect.fail('nothing was learnt');
    return Object.entries(viewArrays(pack)).filter(([name]) => name.startsWith('together.'));
  };
  const project = await openProject('both');
  const pair = (i: number, subjects: number[]): Document => ({ text: `${wordOf(700, i)} ${wordOf(1, i)}`, subjects });
  await project.learning.learn(corpusOf([pair(0, [1, 2])]));
  const first = await counts(project);
  expect(first.map(([name]) => name)).toContain('together.counts');
  await project.learning.learn(corpusOf([pair(0, [1, UNTRAINED]), pair(1, [3, UNTRAINED]), NEW]));
  const learnt = await counts(project);
  expect(learnt).not.toEqual(first);
  expect(await counts(await openProject('both'))).toEqual(learnt);
  await project.learning.compact();
  expect(await counts(await openProject('both'))).toEqual(learnt);
  await project.learning.learn(corpusOf([pair(1, [4, UNTRAINED])]));
  expect(await counts(await openProject('both'))).toEqual(await counts(project));
  const items = await project.learning.items();
  await project.learning.undo(items.slice(1).map(({ entry }) => entry.id));
  expect(await counts(await openProject('both'))).toEqual(first);
  await project.learning.replay();
  expect(await counts(await openProject('both'))).toEqual(first);
  expect(warnings).toEqual([]);
});

test('an ensemble learns in its sources, whose own projects learn nothing', async () => {
  const registry = await open();
  await registry.project('both').learning.learn(corpusOf([NEW]));
  expect(await best(registry.project('both'))).toBe(UNTRAINED);
  expect(await best(registry.project('near'))).not.toBe(UNTRAINED);
  expect(existsSync(join(folder, 'data/projects/near/journal'))).toBe(false);
  await registry.project('near').learning.learn(corpusOf(worldDocuments(3, 6)));
  expect(await best(await openProject('both'))).toBe(UNTRAINED);
  expect(await best(await openProject('mean'))).not.toBe(UNTRAINED);
});

test('learning is refused where the configuration or the backend does not allow it, and where there is no model', async () => {
  const registry = await open();
  await expect(registry.project('closed').learning.learn(corpusOf([NEW]))).rejects.toMatchObject({
    code: 'not-enabled',
    message: "Not enabled project 'closed': Learning not enabled for project",
  });
  await expect(registry.project('words').learning.learn(corpusOf([NEW]))).rejects.toMatchObject({
    code: 'not-supported',
    message: "Not supported project 'words': Learning not supported by backend",
  });
  await registry.project('near').clear();
  await expect(registry.project('near').learning.learn(corpusOf([NEW]))).rejects.toMatchObject({ code: 'not-trained' });
  expect(existsSync(join(folder, 'data/projects/near'))).toBe(false);
});

test.each(['mean', 'both'])('where the source that learns is damaged, project "%s" says so', async (id) => {
  const project = await openProject(id);
  await project.learning.learn(corpusOf([NEW]));
  const near = join(folder, 'data/projects/near');
  const arrays = join(near, readdirSync(near).find((name) => name.startsWith('arrays-')) as string);
  const whole = readFileSync(arrays);
  writeFileSync(arrays, whole.subarray(0, 1000));
  const damaged = await openProject(id);
  await expect(damaged.learning.learn(corpusOf([NEW]))).rejects.toMatchObject({
    code: 'operation-failed',
    message: expect.stringMatching(`Cannot learn with project '${id}'.*"near" cannot be used: .*projects/near`),
    hint: expect.stringContaining('catchword train'),
  });
  expect(warnings).toEqual([
    expect.stringMatching(
      /1 records in the journal of .* left out: source "near" cannot be used: .*projects\/near.*catchword train/,
    ),
  ]);
  expect(await damaged.learning.items()).toHaveLength(1);
  writeFileSync(arrays, whole);
  expect(await best(await openProject(id))).toBe(UNTRAINED);
});

test('documents without text or usable subject are counted and not learnt', async () => {
  const project = await openProject('near');
  const report = await project.learning.learn(
    corpusOf([NEW, { text: ' ', subjects: [1] }, { text: 'x', subjects: [] }]),
  );
  expect(report).toMatchObject({ nDocuments: 1, skipped: { withoutText: 1, withoutKnownSubject: 1 } });
});

test('a journal that was cut at any byte gives what was whole, with a warning', async () => {
  const project = await openProject('near');
  await project.learning.learn(corpusOf([NEW, ...worldDocuments(2, 7)]));
  const whole = readFileSync(journalFile('near'));
  for (const cut of [0, 1, whole.indexOf('\n'), whole.indexOf('\n') + 1, whole.length - 1, whole.length]) {
    writeFileSync(journalFile('near'), whole.subarray(0, cut));
    warnings = [];
    const reopened = await openProject('near');
    const nWhole = whole.subarray(0, cut).filter((byte) => byte === 10).length;
    expect(await reopened.learning.items()).toHaveLength(nWhole);
    expect((await best(reopened)) === UNTRAINED).toBe(nWhole > 0);
    const isCut = cut > 0 && whole[cut - 1] !== 10;
    expect(warnings.some((message) => message.includes('cut short'))).toBe(isCut);
  }
  appendFileSync(journalFile('near'), '{"id": 3}\n[]\nnull\n');
  expect(await (await openProject('near')).learning.items()).toHaveLength(3);
});

test('a process that is killed while it learns loses nothing that it said was learnt', async () => {
  const said: string[] = [];
  for (const killedAfter of [1, 4, 7, 10]) {
    const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.on('close', resolve));
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (lines.length === killedAfter) child.kill('SIGKILL');
    });
    await ended;
    said.push(...lines.slice(1).filter((line) => line.length === 12)); // a last line may be cut short
    const project = await openProject('near');
    const ids = (await project.learning.items()).map(({ entry }) => entry.id);
    expect(ids).toEqual(expect.arrayContaining(said));
    expect(await rows(project)).toEqual(await rows(await openProject('near')));
  }
  expect(said.length).toBeGreaterThan(0);
});

test('undoing what is not there is refused, and changes nothing', async () => {
  const project = await openProject('near');
  const { entries } = await project.learning.learn(corpusOf([NEW]));
  const wrong = { code: 'usage-invalid', message: expect.stringContaining('no entry 00ff') };
  await expect(project.learning.undo([entries[0] ?? '', '00ff'])).rejects.toMatchObject(wrong);
  expect(await best(project)).toBe(UNTRAINED);
  await project.learning.undo(entries);
  await expect(project.learning.undo(entries)).rejects.toMatchObject({ code: 'usage-invalid' });
});

test('a training keeps the journal, and does not learn twice what it was trained on since', async () => {
  const project = await openProject('near');
  await project.learning.learn(corpusOf([NEW]));
  await project.train(corpusOf(worldDocuments(200, 1)), { nJobs: 1 });
  expect(await best(project)).toBe(UNTRAINED);
  await project.train(corpusOf([...worldDocuments(200, 1), NEW]), { nJobs: 1 });
  expect(await best(project)).toBe(UNTRAINED);
  expect((await project.trainFrequency())[UNTRAINED]).toBe(1);
  await project.learning.learn(corpusOf([{ ...NEW, subjects: [2] }])); // a correction
  expect((await project.trainFrequency())[UNTRAINED]).toBe(0);
  expect(await project.learning.drop()).toBe(true);
  expect(await project.learning.drop()).toBe(false);
  expect((await project.trainFrequency())[2]).toBe((await (await openProject('near')).trainFrequency())[2]);
});

test('a source of an ensemble does not learn twice what it was trained on since', async () => {
  const both = await openProject('mean');
  await both.learning.learn(corpusOf([NEW]));
  const near = await openProject('near');
  await near.train(corpusOf([...worldDocuments(200, 1), NEW]), { nJobs: 1 });
  expect((await (await openProject('mean')).trainFrequency())[UNTRAINED]).toBe(1);
});

test('documents that a source knows are learnt, and say nothing about the calibration', async () => {
  const notesOf = async (docs: readonly Document[]) => {
    const project = await openProject('both');
    const { nKnown, entries } = await project.learning.learn(corpusOf(docs));
    const items = await project.learning.items();
    const notes = items.filter(({ entry }) => entries.includes(entry.id)).map(({ entry }) => entry.note);
    return { nKnown, nNotes: notes.filter((note) => note !== undefined).length };
  };
  expect(await notesOf(worldDocuments(5, 4))).toEqual({ nKnown: 0, nNotes: 5 });
  expect(await notesOf(worldDocuments(200, 1).slice(0, 5))).toEqual({ nKnown: 5, nNotes: 0 }); // what "near" was trained on
  expect(await notesOf(worldDocuments(40, 2).slice(0, 5))).toEqual({ nKnown: 5, nNotes: 0 }); // what "both" was trained on
  await (await openProject('near')).learning.learn(corpusOf([NEW]));
  expect(await notesOf([NEW])).toEqual({ nKnown: 1, nNotes: 0 });
  await (await openProject('near')).train(corpusOf([...worldDocuments(200, 1), ...worldDocuments(5, 4)]), { nJobs: 1 });
  await (await openProject('both')).learning.replay();
  const replayed = await rows(await openProject('both'));
  rmSync(join(folder, 'data/projects/both/learnt'), { recursive: true });
  expect(await rows(await openProject('both'))).toEqual(replayed);
});

test('clearing a project leaves its journal', async () => {
  const project = await openProject('near');
  await project.learning.learn(corpusOf([NEW]));
  await project.learning.compact();
  expect(await project.clear()).toBe(true);
  expect(readdirSync(join(folder, 'data/projects/near'))).toEqual(['journal']);
  expect(await project.clear()).toBe(false);
  await project.train(corpusOf(worldDocuments(200, 1)), { nJobs: 1 });
  expect(await best(project)).toBe(UNTRAINED);
});

test('a damaged fold is told, and made up for from the journal', async () => {
  const project = await openProject('near');
  await project.learning.learn(corpusOf([NEW]));
  await project.learning.compact();
  const dir = join(folder, 'data/projects/near/learnt');
  const arrays = join(dir, readdirSync(dir).find((name) => name.startsWith('arrays-')) as string);
  const bytes = readFileSync(arrays);
  bytes[100] = (bytes[100] as number) ^ 1;
  writeFileSync(arrays, bytes);
  expect(await best(await openProject('near'))).toBe(UNTRAINED);
  expect(warnings).toEqual([expect.stringContaining('taken from the journal instead')]);
});

test('another version of the model has another name after learning', async () => {
  const project = await openProject('both');
  const before = await project.snapshot();
  await project.learning.learn(corpusOf([NEW]));
  const after = await project.snapshot();
  expect(after.version).not.toBe(before.version);
  expect((await (await openProject('both')).snapshot()).version).toBe(after.version);
});

test('an abort keeps what was learnt until then', async () => {
  const project = await openProject('near');
  const abort = new AbortController();
  const onProgress = () => abort.abort(new Error('enough'));
  const docs = [NEW, ...worldDocuments(100, 8)];
  await expect(project.learning.learn(corpusOf(docs), { signal: abort.signal, onProgress })).rejects.toThrow('enough');
  expect((await project.learning.items()).length).toBe(64);
  expect(await best(await openProject('near'))).toBe(UNTRAINED);
});
