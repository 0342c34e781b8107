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

describe('a correction before a training', () => {
  const WRONG: Document = { ...FIRST, subjects: [(OLD + 5) % 20] };
  const firstIs = (...docs: Document[]) => [...docs, ...TRAINED.slice(1)];
  const states = async (project: Project) => (await project.learning.standing()).map(({ state }) => state);
  const best = async (project: Project) => (await rows(project))[0]?.[0]?.subjectId;

  test.each([
    ['the old subjects', [FIRST], 'learnt'],
    ['the same subjects', [CORRECTED], 'trained'],
    ['the same subjects twice', [CORRECTED, CORRECTED], 'trained'],
    ['the same subjects, and the old ones', [CORRECTED, FIRST], 'learnt'],
    ['the subjects of a correction before the last', [WRONG], 'learnt'],
    ['other texts', [], 'learnt'],
  ])('holds where the corpus has %s', async (_, docs, state) => {
    const project = await openProject('near');
    await project.learning.learn(corpusOf([WRONG, CORRECTED]));
    await project.learning.compact();
    await train(project, firstIs(...docs));
    expect(await states(project)).toEqual([state, state]);
    const reopened = await openProject('near');
    expect(await best(reopened)).toBe(NEW);
    const frequency = Uint32Array.from(await reopened.trainFrequency());
    const corrected = await rows(reopened);
    expect(await reopened.learning.replay()).toBe(state === 'learnt' ? 2 : 0);
    expect(await rows(reopened)).toEqual(corrected);
    await train(project, firstIs(...(state === 'trained' ? docs : [CORRECTED])));
    await project.learning.drop();
    expect(await project.trainFrequency()).toEqual(frequency);
  });

  test('counts where it was learnt after the training, and where it was undone it does not', async () => {
    const project = await openProject('near');
    await train(project, firstIs(CORRECTED));
    const { entries } = await project.learning.learn(corpusOf([CORRECTED]));
    expect(await states(project)).toEqual(['learnt']);
    await train(project, firstIs(CORRECTED));
    expect(await states(project)).toEqual(['trained']);
    await project.learning.undo(entries);
    expect(await states(project)).toEqual(['undone']);
  });

  test.each(['mean', 'both'])('of a source holds in project "%s"', async (id) => {
    await (await openProject(id)).learning.learn(corpusOf([WRONG, CORRECTED]));
    const near = await openProject('near');
    await train(near, firstIs(FIRST));
    const kept = await openProject(id);
    expect(await best(kept)).toBe(NEW);
    const corrected = await rows(kept);
    expect(await kept.learning.replay()).toBe(2);
    expect(await rows(kept)).toEqual(corrected);
    await train(near, firstIs(CORRECTED));
    const trainedOn = await openProject(id);
    expect(await best(trainedOn)).toBe(NEW);
    const skipped = await rows(trainedOn);
    await trainedOn.learning.drop();
    expect(await rows(trainedOn)).toEqual(skipped);
  });

  test('is known to the sources of a fusion that was trained on its text', async () => {
    const project = await openProject('both');
    const unknown: Document = { text: worldDocuments(1, 9)[0]?.text ?? '', subjects: [NEW] };
    await project.learning.learn(corpusOf([unknown]));
    const learnt = (await project.suggest([unknown], ALL)).row(0);
    expect(learnt[0]?.subjectId).toBe(NEW);
    await train(project, [...worldDocuments(40, 2), unknown]);
    expect((await (await openProject('both')).suggest([unknown], ALL)).row(0)[0]?.subjectId).toBe(NEW);
    expect(await states(project)).toEqual(['learnt']);
  });
});
