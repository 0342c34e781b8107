import { appendFileSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { retryJob, runJob } from './run-job.js';
import {
  begin,
  failingAt,
  jobCases,
  N_TEXTS as N,
  planOf,
  runOptions,
  sampleTexts,
} from './sample-job.test.fixture.js';

const cases = jobCases();
const { path, names, read, filePlan, undisturbed } = cases;

describe('retryJob', () => {
  test.each([
    ['plain', {}],
    ['packed', { gzip: true }],
    ['sorted', { acceptAbove: 0.2, reviewAbove: 0.15 }],
    ['records', { format: 'marc' as const }],
  ])('puts results of failed documents where they belong: %s', async (_, further) => {
    const plan = filePlan(further);
    const outputs = 'acceptAbove' in further ? ['a', 'b', 'c'].map(path) : [path('out')];
    const whole = { ...plan, units: plan.units.map((unit) => ({ ...unit, outputs })) };
    const expected = await undisturbed(whole);
    const job = await begin(cases.store, cases.project, whole);
    const failing = (word: string) =>
      runOptions(cases.store, cases.project, { suggest: failingAt(cases.project, word) });
    const first = await runJob(job.id, await failing('n7'));
    const nFailing = sampleTexts(N).filter((text) => text.includes('n7')).length;
    expect(first).toMatchObject({ documents: N, failed: nFailing });
    expect(cases.store.job(job.id).state).toBe('partial');
    expect(cases.store.failures(job.id)[0]).toMatchObject({
      document: 8,
      code: 'timed-out',
      reason: expect.stringMatching(/^no answer for n7 /),
    });

    const second = await retryJob(job.id, await failing('n77'));
    expect(second.failed).toBe(sampleTexts(N).filter((text) => text.includes('n77')).length);
    expect(cases.store.failures(job.id)[0]).toMatchObject({ document: 78, attempts: 2 });
    const third = await retryJob(job.id, await runOptions(cases.store, cases.project));
    expect(third).toMatchObject({ documents: N, failed: 0 });
    expect(outputs.map((output) => readFileSync(output))).toEqual(expected);
    expect(third.histogram.reduce((a, b) => a + b)).toBe(N);
    expect(cases.store.job(job.id).state).toBe('done');
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
    const job = await begin(
      cases.store,
      cases.project,
      planOf({ kind: 'folder', paths: [path('texts')], outputs: [] }),
    );
    const report = await runJob(job.id, await runOptions(cases.store, cases.project));
    expect(report).toMatchObject({ documents: 5, failed: 1 });
    expect(cases.store.failures(job.id)).toMatchObject([{ path: path('texts/3.txt.gz'), code: 'file-unreadable' }]);
    expect(existsSync(path('texts/3.annif'))).toBe(false);
    writeFileSync(path('texts/3.txt.gz'), good);
    times('texts/3.txt.gz');
    expect(await retryJob(job.id, await runOptions(cases.store, cases.project))).toMatchObject({ failed: 0 });
    expect(existsSync(path('texts/3.annif'))).toBe(true);
  });

  test('a result that somebody changed is left as it is', async () => {
    const job = await begin(cases.store, cases.project, filePlan());
    await runJob(job.id, await runOptions(cases.store, cases.project, { suggest: failingAt(cases.project, 'n7') }));
    appendFileSync(path('out.jsonl'), 'mine\n');
    const before = read('out.jsonl');
    await expect(retryJob(job.id, await runOptions(cases.store, cases.project))).rejects.toMatchObject({
      code: 'job-changed',
    });
    expect(read('out.jsonl')).toEqual(before);
    expect(names()).toEqual(['in.tsv', 'out.jsonl']);
  });

  test('a reason that all documents share stops the job, and costs none of them', async () => {
    const job = await begin(cases.store, cases.project, filePlan());
    const options = await runOptions(cases.store, cases.project, { suggest: failingAt(cases.project, ' ') });
    await expect(runJob(job.id, options)).rejects.toMatchObject({
      message: expect.stringMatching(/^100 documents in a row failed/),
    });
    expect(cases.store.failures(job.id)).toEqual([]);
    await runJob(job.id, await runOptions(cases.store, cases.project));
    expect(read('out.jsonl').toString().split('\n')).toHaveLength(N + 1);
  });
});
