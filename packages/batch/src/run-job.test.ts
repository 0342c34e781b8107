import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { OperationError } from '@catchword/core';
import { type FileSystem, nodeFileSystem } from '@catchword/storage';
import { failingCalls } from '@catchword/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JobPlan } from './job.js';
import { JobStore } from './job-store.js';
import { retryJob, runJob } from './run-job.js';
import {
  begin,
  endingAfter,
  failingAt,
  planOf,
  runOptions,
  type SampleProject,
  sampleProject,
  sampleTexts,
} from './sample-job.test.fixture.js';

let sample: SampleProject;
let store: JobStore;
let nFolders = 0;
let dir: string;

beforeAll(async () => {
  sample = await sampleProject();
  store = await JobStore.open(join(sample.folder, 'data'));
});
afterAll(() => {
  store.close();
  sample.remove();
});
beforeEach(() => {
  dir = join(sample.folder, `case-${nFolders++}`);
  mkdirSync(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Does not wait for the disk, which takes most of the time. */
const unsynced: FileSystem = {
  ...nodeFileSystem,
  open: async (name, flags) => ({ ...(await nodeFileSystem.open(name, flags)), sync: async () => undefined }),
};

const N = 150;
const path = (name: string) => join(dir, name);
const names = () => readdirSync(dir).sort();
const read = (name: string) => readFileSync(path(name));

function filePlan(further: Partial<JobPlan> = {}, output = 'out.jsonl', input = 'in.tsv'): JobPlan {
  writeFileSync(
    path(input),
    sampleTexts(N)
      .map((text) => `${text}\n`)
      .join(''),
  );
  return planOf({ kind: 'file', paths: [path(input)], outputs: [path(output)] }, further);
}

/** What an undisturbed run writes. */
async function undisturbed(plan: JobPlan): Promise<Buffer[]> {
  const outputs = plan.units.flatMap((unit) => unit.outputs);
  const units = plan.units.map((unit) => ({ ...unit, outputs: unit.outputs.map((output) => `${output}.ref`) }));
  const job = await begin(store, sample.project, { ...plan, units });
  await runJob(job.id, await runOptions(store, sample.project));
  const contents = outputs.map((output) => readFileSync(`${output}.ref`));
  for (const output of outputs) rmSync(`${output}.ref`);
  return contents;
}

describe('runJob', () => {
  test('writes a line for each document, and reports', async () => {
    const job = await begin(store, sample.project, filePlan());
    const report = await runJob(job.id, await runOptions(store, sample.project));
    const lines = read('out.jsonl')
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ text }) => text)).toEqual(sampleTexts(N));
    const nSuggestions = lines.reduce((n, { results }) => n + results.length, 0);
    expect(report).toMatchObject({
      documents: N,
      failed: 0,
      measure: 'best score',
      suggestionsPerDocument: nSuggestions / N,
    });
    expect(report.histogram.reduce((a, b) => a + b)).toBe(N);
    const counts = new Map<string, number>();
    for (const { results } of lines) for (const { uri } of results) counts.set(uri, (counts.get(uri) ?? 0) + 1);
    for (const { uri, documents } of report.subjects) expect(counts.get(uri)).toBe(documents);
    expect(report.subjects[0]?.documents).toBe(Math.max(...counts.values()));
    expect(store.job(job.id)).toMatchObject({ state: 'done', report });
    expect(names()).toEqual(['in.tsv', 'out.jsonl']);
  });

  test.each([
    ['plain', {}],
    ['packed', { gzip: true }],
    ['sorted', { acceptAbove: 0.2, reviewAbove: 0.15 }],
  ])('goes on after an end at any batch, byte for byte: %s', async (_, further) => {
    const plan = filePlan(further);
    const outputs = 'acceptAbove' in further ? ['a', 'b', 'c'].map(path) : [path('out')];
    const whole = { ...plan, units: plan.units.map((unit) => ({ ...unit, outputs })) };
    const expected = await undisturbed(whole);
    for (let first = 0; first < 5; first++) {
      const job = await begin(store, sample.project, whole);
      for (let n = first; ; n = 1) {
        const options = await runOptions(store, sample.project, { suggest: endingAfter(sample.project, n) });
        const error = await runJob(job.id, options).catch((error: Error) => error);
        if (!(error instanceof Error)) break;
        expect(error.message).toBe('ended');
        expect(outputs.filter(existsSync)).toEqual([]);
        // A process that ends may have written more than it has noted.
        for (const name of names().filter((name) => name.includes(job.id))) appendFileSync(path(name), 'half a li');
      }
      expect(outputs.map((output) => readFileSync(output))).toEqual(expected);
      expect(store.job(job.id).report?.documents).toBe(N);
      expect(names()).toHaveLength(1 + outputs.length);
      for (const output of outputs) rmSync(output);
    }
    expect((further as { gzip?: boolean }).gzip ? gunzipSync(expected[0] as Buffer).length : 1).toBeGreaterThan(0);
  });

  test('goes on whichever call of the file system fails, and leaves nothing behind', async () => {
    for (const further of [{}, { gzip: true }]) {
      const plan = filePlan({ ...further, docsLimit: 70 });
      const [expected] = await undisturbed(plan);
      let nFailures = 0;
      for (let n = 0; ; n++) {
        const job = await begin(store, sample.project, plan, true);
        const fs = failingCalls(unsynced, n, 'ENOSPC');
        const error = await runJob(job.id, await runOptions(store, sample.project, { fs: fs.target })).catch((e) => e);
        if (fs.calls.length <= n) break;
        nFailures++;
        if (error instanceof Error) {
          expect(error).toMatchObject({ code: 'write-failed', message: expect.stringContaining('no space is left') });
          await runJob(job.id, await runOptions(store, sample.project, { fs: unsynced }));
        }
        expect(read('out.jsonl')).toEqual(expected);
        expect(names()).toEqual(['in.tsv', 'out.jsonl']);
      }
      expect(nFailures).toBeGreaterThan(8);
    }
  });

  test('writes a file beside each document of a folder, and keeps those that were there', async () => {
    mkdirSync(path('texts'));
    for (const [i, text] of sampleTexts(70).entries())
      writeFileSync(path(`texts/${String(i).padStart(3, '0')}.txt`), text);
    writeFileSync(path('texts/005.annif'), 'mine\n');
    const plan = planOf({ kind: 'folder', paths: [path('texts')], outputs: [] });
    const job = await begin(store, sample.project, plan);
    const kept: string[] = [];
    for (;;) {
      const further = { suggest: endingAfter(sample.project, 1), onKept: (name: string) => kept.push(name) };
      const result = await runJob(job.id, await runOptions(store, sample.project, further)).catch(
        (error: Error) => error,
      );
      if (!(result instanceof Error)) {
        expect(result).toMatchObject({ documents: 69, kept: 1 });
        break;
      }
    }
    expect(kept).toEqual([path('texts/005.annif')]);
    expect(readFileSync(path('texts/005.annif'), 'utf8')).toBe('mine\n');
    const results = readdirSync(path('texts')).filter((name) => name.endsWith('.annif'));
    expect(results).toHaveLength(70);
    expect(readFileSync(path('texts/006.annif'), 'utf8')).toMatch(/^<http:\S+>\t.*\t0\.\d{4}\n/);
  });

  test('takes files and folders in their order, goes on in any of them, and puts in later what could not be read', async () => {
    const texts = sampleTexts(130);
    writeFileSync(path('a.tsv'), `${texts.slice(0, 40).join('\n')}\n`);
    mkdirSync(path('b'));
    const file = (i: number) => path(`b/${100 + i}.txt.gz`);
    for (let i = 40; i < 90; i++) writeFileSync(file(i), gzipSync(texts[i] as string));
    writeFileSync(
      path('c.jsonl.gz'),
      gzipSync(
        texts
          .slice(90)
          .map((text) => `${JSON.stringify({ text })}\n`)
          .join(''),
      ),
    );
    const good = readFileSync(file(60));
    const damage = () => {
      const bad = Buffer.from(good);
      bad.fill(0xff, 12);
      writeFileSync(file(60), bad);
      utimesSync(file(60), 1000, 1000);
    };
    const repair = () => {
      writeFileSync(file(60), good);
      utimesSync(file(60), 1000, 1000);
    };
    const paths = [path('a.tsv'), path('b'), path('c.jsonl.gz')];
    for (const docsLimit of [undefined, 75]) {
      repair();
      const limit = docsLimit === undefined ? {} : { docsLimit };
      const plan = planOf({ kind: 'file', paths, outputs: [path('out.jsonl')] }, limit);
      const [expected] = await undisturbed(plan);
      damage();
      const job = await begin(store, sample.project, plan);
      for (;;) {
        const options = await runOptions(store, sample.project, { suggest: endingAfter(sample.project, 1) });
        const report = await runJob(job.id, options).catch((error: Error) => error);
        if (report instanceof Error) continue;
        expect(report).toMatchObject({ documents: docsLimit ?? 130, failed: 1 });
        break;
      }
      expect(store.failures(job.id)).toMatchObject([{ source: 1, path: file(60), code: 'file-unreadable' }]);
      repair();
      expect(await retryJob(job.id, await runOptions(store, sample.project))).toMatchObject({ failed: 0 });
      expect(read('out.jsonl')).toEqual(expected);
      rmSync(path('out.jsonl'));
    }
  });

  test('does the units of a job one after the other, those that are done not again', async () => {
    const texts = sampleTexts(120);
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      writeFileSync(path(`${name}.tsv`), `${texts.slice(40 * i, 40 * i + 40).join('\n')}\n`);
    }
    const units = ['a', 'b', 'c'].map((name) => {
      return { kind: 'file' as const, paths: [path(`${name}.tsv`)], outputs: [path(`${name}.jsonl`)] };
    });
    const plan = { ...planOf(units[0] as (typeof units)[0]), units };
    const expected = await undisturbed(plan);
    const job = await begin(store, sample.project, plan);
    const suggest = endingAfter(sample.project, 1);
    for (let n = 0; ; n++) {
      const report = await runJob(job.id, await runOptions(store, sample.project, { suggest })).catch((error) => error);
      if (!(report instanceof Error)) break;
      // What is whole is in its place already.
      expect(names().filter((name) => /^\w\.jsonl$/.test(name))).toHaveLength(n);
    }
    expect(units.map(({ outputs }) => readFileSync(outputs[0] as string))).toEqual(expected);
    expect(store.job(job.id).report).toMatchObject({ documents: 120, failed: 0 });
  });

  test('an abort notes what is done, and the job can be gone on with', async () => {
    const plan = filePlan();
    const [expected] = await undisturbed(plan);
    const job = await begin(store, sample.project, plan);
    const controller = new AbortController();
    const onProgress = () => controller.abort(new OperationError('aborted', 'Stopped'));
    const options = await runOptions(store, sample.project, { signal: controller.signal, onProgress });
    await expect(runJob(job.id, options)).rejects.toMatchObject({ code: 'aborted' });
    expect(store.units(job.id)[0]).toMatchObject({ state: 'running', counts: { documents: 32 } });
    await runJob(job.id, await runOptions(store, sample.project));
    expect(read('out.jsonl')).toEqual(expected);
  });
});

describe('what a job began with', () => {
  async function interrupted(plan: JobPlan) {
    const job = await begin(store, sample.project, plan);
    const options = await runOptions(store, sample.project, { suggest: endingAfter(sample.project, 2) });
    await expect(runJob(job.id, options)).rejects.toThrow('ended');
    expect(store.units(job.id)[0]?.counts.documents).toBe(64);
    return job;
  }
  const resumed = async (id: string, further = {}) => runJob(id, await runOptions(store, sample.project, further));

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
      message: expect.stringMatching(/in\.tsv: its first \d+ documents are not those that were read$/),
    });
    writeFileSync(path('in.tsv'), text);
    utimesSync(path('in.tsv'), 1, 1);
    expect(await resumed(job.id)).toMatchObject({ documents: N });
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
    await sample.train(150);
    await expect(resumed(job.id)).rejects.toMatchObject({
      code: 'job-changed',
      message: expect.stringContaining('project "t" was trained or has learnt'),
      hint: expect.stringContaining('--with-new-model'),
    });
    expect(await resumed(job.id, { withNewModel: true })).toMatchObject({ documents: N });
    await sample.train(200);
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
    const lock = store.lock(job.id);
    await expect(resumed(job.id)).rejects.toMatchObject({ code: 'locked' });
    expect(store.isWorkedOn(job.id)).toBe(true);
    lock.release();
    expect(store.isWorkedOn(job.id)).toBe(false);
  });

  test('a job that is cancelled while it is worked on stops, and its part file goes', async () => {
    const job = await begin(store, sample.project, filePlan());
    const onProgress = () => store.setState(job.id, 'cancelling');
    await expect(resumed(job.id, { onProgress })).rejects.toMatchObject({ code: 'aborted' });
    expect(store.job(job.id).state).toBe('cancelled');
    expect(names()).toEqual(['in.tsv']);
    await expect(resumed(job.id)).rejects.toMatchObject({ code: 'job-not-ready' });
  });
});

describe('retryJob', () => {
  test.each([
    ['plain', {}],
    ['packed', { gzip: true }],
    ['sorted', { acceptAbove: 0.2, reviewAbove: 0.15 }],
  ])('puts results of failed documents where they belong: %s', async (_, further) => {
    const plan = filePlan(further);
    const outputs = 'acceptAbove' in further ? ['a', 'b', 'c'].map(path) : [path('out')];
    const whole = { ...plan, units: plan.units.map((unit) => ({ ...unit, outputs })) };
    const expected = await undisturbed(whole);
    const job = await begin(store, sample.project, whole);
    const failing = (word: string) => runOptions(store, sample.project, { suggest: failingAt(sample.project, word) });
    const first = await runJob(job.id, await failing('n7'));
    const nFailing = sampleTexts(N).filter((text) => text.includes('n7')).length;
    expect(first).toMatchObject({ documents: N, failed: nFailing });
    expect(store.job(job.id).state).toBe('partial');
    expect(store.failures(job.id)[0]).toMatchObject({
      document: 8,
      code: 'timed-out',
      reason: expect.stringMatching(/^no answer for n7 /),
    });

    const second = await retryJob(job.id, await failing('n77'));
    expect(second.failed).toBe(sampleTexts(N).filter((text) => text.includes('n77')).length);
    expect(store.failures(job.id)[0]).toMatchObject({ document: 78, attempts: 2 });
    const third = await retryJob(job.id, await runOptions(store, sample.project));
    expect(third).toMatchObject({ documents: N, failed: 0 });
    expect(outputs.map((output) => readFileSync(output))).toEqual(expected);
    expect(third.histogram.reduce((a, b) => a + b)).toBe(N);
    expect(store.job(job.id).state).toBe('done');
    expect(names()).toHaveLength(1 + outputs.length);
  });

  test('files of a folder that cannot be read are set aside and tried again', async () => {
    mkdirSync(path('texts'));
    for (const [i, text] of sampleTexts(5).entries()) writeFileSync(path(`texts/${i}.txt.gz`), gzipSync(text));
    const good = readFileSync(path('texts/3.txt.gz'));
    const bad = Buffer.from(good);
    bad.fill(0xff, 12);
    writeFileSync(path('texts/3.txt.gz'), bad);
    const times = (name: string) => utimesSync(path(name), 1000, 1000);
    times('texts/3.txt.gz');
    const job = await begin(store, sample.project, planOf({ kind: 'folder', paths: [path('texts')], outputs: [] }));
    const report = await runJob(job.id, await runOptions(store, sample.project));
    expect(report).toMatchObject({ documents: 5, failed: 1 });
    expect(store.failures(job.id)).toMatchObject([{ path: path('texts/3.txt.gz'), code: 'file-unreadable' }]);
    expect(existsSync(path('texts/3.annif'))).toBe(false);
    writeFileSync(path('texts/3.txt.gz'), good);
    times('texts/3.txt.gz');
    expect(await retryJob(job.id, await runOptions(store, sample.project))).toMatchObject({ failed: 0 });
    expect(existsSync(path('texts/3.annif'))).toBe(true);
  });

  test('a result that somebody changed is left as it is', async () => {
    const job = await begin(store, sample.project, filePlan());
    await runJob(job.id, await runOptions(store, sample.project, { suggest: failingAt(sample.project, 'n7') }));
    appendFileSync(path('out.jsonl'), 'mine\n');
    const before = read('out.jsonl');
    await expect(retryJob(job.id, await runOptions(store, sample.project))).rejects.toMatchObject({
      code: 'job-changed',
    });
    expect(read('out.jsonl')).toEqual(before);
    expect(names()).toEqual(['in.tsv', 'out.jsonl']);
  });

  test('a reason that all documents share stops the job, and costs none of them', async () => {
    const job = await begin(store, sample.project, filePlan());
    const options = await runOptions(store, sample.project, { suggest: failingAt(sample.project, ' ') });
    await expect(runJob(job.id, options)).rejects.toMatchObject({
      message: expect.stringMatching(/^100 documents in a row failed/),
    });
    expect(store.failures(job.id)).toEqual([]);
    await runJob(job.id, await runOptions(store, sample.project));
    expect(read('out.jsonl').toString().split('\n')).toHaveLength(N + 1);
  });
});
