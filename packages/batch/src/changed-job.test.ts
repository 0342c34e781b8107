import { appendFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { JobPlan } from './job.js';
import { retryJob, runJob } from './run-job.js';
import {
  begin,
  endingAfter,
  failingAt,
  jobCases,
  N_TEXTS as N,
  planOf,
  runOptions,
  sampleTexts,
} from './sample-job.test.fixture.js';

const cases = jobCases();
const { path, names, read, filePlan, undisturbed } = cases;

describe('what a job began with', () => {
  async function interrupted(plan: JobPlan) {
    const job = await begin(cases.store, cases.project, plan);
    const options = await runOptions(cases.store, cases.project, { suggest: endingAfter(cases.project, 2) });
    await expect(runJob(job.id, options)).rejects.toThrow('ended');
    expect(cases.store.units(job.id)[0]?.counts.documents).toBe(64);
    return job;
  }
  const resumed = async (id: string, further = {}) => runJob(id, await runOptions(cases.store, cases.project, further));

  test('an input of another size is refused, with what changed', async () => {
    const job = await interrupted(filePlan());
    appendFileSync(path('in.tsv'), 'one more\n');
    await expect(resumed(job.id)).rejects.toMatchObject({
      code: 'job-changed',
      message: expect.stringMatching(/in\.tsv had \d+ bytes and has \d+$/),
    });
    rmSync(path('in.tsv'));
    await expect(resumed(job.id)).rejects.toMatchObject({ code: 'job-changed' });
  });

  test('other documents among those that were read are refused; a new date alone is not', async () => {
    const job = await interrupted(filePlan());
    const text = read('in.tsv').toString();
    writeFileSync(path('in.tsv'), text.replace(/^n0 ./, 'n0 #'));
    await expect(resumed(job.id)).rejects.toMatchObject({
      code: 'job-changed',
      message: expect.stringMatching(/in\.tsv was written again at \S+$/),
    });
    writeFileSync(path('in.tsv'), text.replace(`n${N - 1} `, `n${N - 1}#`)); // not read yet
    await expect(resumed(job.id)).rejects.toMatchObject({ code: 'job-changed' });
    writeFileSync(path('in.tsv'), text);
    utimesSync(path('in.tsv'), 1, 1);
    expect(await resumed(job.id)).toMatchObject({ documents: N });
  });

  test('an input that is replaced while a job runs is refused at its end', async () => {
    const job = await begin(cases.store, cases.project, filePlan());
    const onProgress = () => appendFileSync(path('in.tsv'), '\n');
    const options = await runOptions(cases.store, cases.project, { onProgress });
    await expect(runJob(job.id, options)).rejects.toMatchObject({ code: 'job-changed' });
    expect(names().filter((name) => !name.startsWith('.'))).toEqual(['in.tsv']);
  });

  test('records that somebody has changed are not written again by a retry', async () => {
    const plan = filePlan({ format: 'marc' });
    const job = await begin(cases.store, cases.project, plan);
    const failing = await runOptions(cases.store, cases.project, { suggest: failingAt(cases.project, 'n77') });
    expect(await runJob(job.id, failing)).toMatchObject({ failed: 1 });
    const written = read('out.jsonl');
    appendFileSync(path('out.jsonl'), 'by a person\n');
    const retry = async () => retryJob(job.id, await runOptions(cases.store, cases.project));
    await expect(retry()).rejects.toMatchObject({
      code: 'job-changed',
      message: expect.stringContaining('somebody has changed it since the job did'),
    });
    expect(read('out.jsonl').toString()).toBe(`${written}by a person\n`);
    rmSync(path('out.jsonl'));
    expect(await retry()).toMatchObject({ failed: 0 });
    expect(read('out.jsonl').length).toBeGreaterThan(written.length);
  });

  test('a file of a folder that came, went or changed is refused', async () => {
    mkdirSync(path('texts'));
    const file = (i: number) => path(`texts/${100 + i}.txt`);
    for (const [i, text] of sampleTexts(80).entries()) writeFileSync(file(i), text);
    const job = await interrupted(planOf({ kind: 'folder', paths: [path('texts')], outputs: [] }));
    rmSync(file(1));
    writeFileSync(file(900), 'new');
    writeFileSync(file(2), 'changed');
    const error = await resumed(job.id).catch((error: Error) => error);
    expect((error as Error).message.split('\n').slice(1)).toEqual([
      `  ${file(1)} is gone`,
      expect.stringMatching(/102\.txt had \d+ bytes and has 7$/),
      `  ${file(900)} is new`,
    ]);
  });

  test('another model is refused, and taken where that is asked for', async () => {
    const job = await interrupted(filePlan());
    await cases.train(150);
    await expect(resumed(job.id)).rejects.toMatchObject({
      code: 'job-changed',
      message: expect.stringContaining('project "t" was trained or has learnt'),
      hint: expect.stringContaining('--with-new-model'),
    });
    expect(await resumed(job.id, { withNewModel: true })).toMatchObject({ documents: N });
    await cases.train(200);
  });

  test('a part file that is gone or too short is refused', async () => {
    const job = await interrupted(filePlan());
    const part = path(`.out.jsonl.${job.id}.part`);
    const bytes = readFileSync(part);
    writeFileSync(part, bytes.subarray(0, 100));
    await expect(resumed(job.id)).rejects.toMatchObject({
      code: 'job-changed',
      message: expect.stringContaining('it has 100 bytes'),
    });
    rmSync(part);
    await expect(resumed(job.id)).rejects.toMatchObject({
      code: 'job-changed',
      message: expect.stringContaining('it is gone'),
    });
  });

  test('a result that somebody else has made meanwhile is not written over', async () => {
    const plan = filePlan();
    const [expected] = await undisturbed(plan);
    const job = await interrupted(plan);
    writeFileSync(path('out.jsonl'), 'mine');
    await expect(resumed(job.id)).rejects.toMatchObject({
      code: 'job-changed',
      message: expect.stringContaining('was made by somebody else meanwhile'),
    });
    expect(read('out.jsonl').toString()).toBe('mine');
    rmSync(path('out.jsonl'));
    await resumed(job.id);
    expect(read('out.jsonl')).toEqual(expected);
  });

  test('a job that somebody works on is locked', async () => {
    const job = await interrupted(filePlan());
    const lock = cases.store.lock(job.id);
    await expect(resumed(job.id)).rejects.toMatchObject({ code: 'locked' });
    expect(cases.store.isWorkedOn(job.id)).toBe(true);
    lock.release();
    expect(cases.store.isWorkedOn(job.id)).toBe(false);
  });

  test('a job that is cancelled while it is worked on stops, and its part file goes', async () => {
    const job = await begin(cases.store, cases.project, filePlan());
    const onProgress = () => cases.store.setState(job.id, 'cancelling');
    await expect(resumed(job.id, { onProgress })).rejects.toMatchObject({ code: 'aborted' });
    expect(cases.store.job(job.id).state).toBe('cancelled');
    expect(names()).toEqual(['in.tsv']);
    await expect(resumed(job.id)).rejects.toMatchObject({ code: 'job-not-ready' });
  });
});
