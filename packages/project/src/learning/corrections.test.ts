import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from '@catchword/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Project } from '../project.js';
import { ALL, corpusOf, openWorld, trainWorld, worldDocuments } from './learning.test.fixture.js';

/** What "near" and "words" are trained on; the first record is the one that is corrected. */
const TRAINED = worldDocuments(200, 1);
const [FIRST] = TRAINED as [Document, ...Document[]];
const [OLD] = FIRST.subjects as readonly [number, ...number[]];
const NEW = (OLD + 11) % 20;
const CORRECTED: Document = { ...FIRST, subjects: [NEW] };
const ASKED = [FIRST, ...worldDocuments(20, 3)];

let trained: string;
let folder: string;
let nFolders = 0;

beforeAll(async () => {
  trained = mkdtempSync(join(tmpdir(), 'catchword-corrections-'));
  await trainWorld(join(trained, 'world'), ['near', 'words', 'both']);
});
afterAll(() => rmSync(trained, { recursive: true, force: true }));
beforeEach(() => {
  folder = join(trained, `copy${nFolders++}`);
  cpSync(join(trained, 'world'), folder, { recursive: true });
});

/** As another process would. */
const openProject = async (id: string): Promise<Project> => (await openWorld(folder)).project(id);
const rows = async (project: Project) => {
  const batch = await project.suggest(ASKED, ALL);
  return ASKED.map((_, i) => batch.row(i));
};
const train = (project: Project, docs: readonly Document[]) => project.train(corpusOf(docs), { nJobs: 1 });

describe.each(['near', 'mean', 'both'])('a correction of a training record, learnt by project "%s",', (id) => {
  test('is in its place everywhere, and gone when it is undone', async () => {
    const project = await openProject(id);
    const untouched = await rows(project);
    const frequency = Uint32Array.from(await project.trainFrequency());
    const { entries } = await project.learning.learn(corpusOf([CORRECTED]));
    const corrected = await rows(project);
    expect(corrected[0]?.[0]?.subjectId).toBe(NEW);
    const changed = Uint32Array.from(await project.trainFrequency());
    expect(await rows(await openProject(id))).toEqual(corrected);
    const inThreads = [];
    const source = corpusOf(Array.from({ length: 40 }, () => ASKED).flat()).documents();
    for await (const { docs, suggestions } of project.suggestStream(source, { ...ALL, nJobs: 2, threadsAfterMs: 0 })) {
      inThreads.push(...docs.map((_, i) => suggestions.row(i)));
    }
    expect(inThreads).toEqual(Array.from({ length: 40 }, () => corrected).flat());

    await project.learning.compact();
    const folded = await openProject(id);
    expect(await rows(folded)).toEqual(corrected);
    expect(await folded.trainFrequency()).toEqual(changed);
    await folded.learning.replay();
    const replayed = await openProject(id);
    expect(await rows(replayed)).toEqual(corrected);
    expect(await replayed.trainFrequency()).toEqual(changed);

    await replayed.learning.undo(entries);
    expect(await rows(replayed)).toEqual(untouched);
    expect(await (await openProject(id)).trainFrequency()).toEqual(frequency);
  });
});

test('what a record was trained with has no say beside its correction, nor a place in the frequencies', async () => {
  const project = await openProject('near');
  const before = Uint32Array.from(await project.trainFrequency());
  await project.learning.learn(corpusOf([CORRECTED]));
  const corrected = await rows(project);
  const frequency = Uint32Array.from(await project.trainFrequency());
  expect(frequency[NEW]).toBe((before[NEW] as number) + 1);
  for (const id of FIRST.subjects ?? []) expect(frequency[id]).toBe((before[id] as number) - 1);
  await project.learning.learn(corpusOf([CORRECTED]));
  expect(await project.trainFrequency()).toEqual(frequency);
  // Had it been trained with anything else, all would be the same.
  await project.learning.drop();
  await train(project, [{ ...FIRST, subjects: [(OLD + 5) % 20] }, ...TRAINED.slice(1)]);
  await project.learning.learn(corpusOf([CORRECTED]));
  expect(await rows(project)).toEqual(corrected);
  expect(await project.trainFrequency()).toEqual(frequency);
});
