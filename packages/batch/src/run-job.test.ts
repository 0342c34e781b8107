import { spawnSync } from 'node:child_process';
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
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { OperationError } from '@catchword/core';
import { failingCalls } from '@catchword/testing';
import { describe, expect, test } from 'vitest';
import { retryJob, runJob } from './run-job.js';
import {
  begin,
  endingAfter,
  jobCases,
  N_TEXTS as N,
  planOf,
  runOptions,
  sampleTexts,
  unsynced,
} from './sample-job.test.fixture.js';

const cases = jobCases();
const { path, names, read, filePlan, undisturbed } = cases;

describe('runJob', () => {
  test('writes a line for each document, and reports', async () => {
    const job = await begin(cases.store, cases.project, filePlan());
    const report = await runJob(job.id, await runOptions(cases.store, cases.project));
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
    expect(cases.store.job(job.id)).toMatchObject({ state: 'done', report });
    expect(names()).toEqual(['in.tsv', 'out.jsonl']);
  });

  test.each([
    ['plain', {}],
    ['packed', { gzip: true }],
    ['sorted', { acceptAbove: 0.2, reviewAbove: 0.15 }],
    ['records', { format: 'marc' as const }],
    ['sorted, with records', { format: 'marcxml' as const, gzip: true, acceptAbove: 0.2, reviewAbove: 0.15 }],
  ])(
    'goes on after an end at any batch, byte for byte: %s',
    async (_, further) => {
      const plan = filePlan(further);
      const outputs = 'acceptAbove' in further ? ['a', 'b', 'c'].map(path) : [path('out')];
      const whole = { ...plan, units: plan.units.map((unit) => ({ ...unit, outputs })) };
      const expected = await undisturbed(whole);
      for (let first = 0; first < 5; first++) {
        const job = await begin(cases.store, cases.project, whole);
        for (let n = first; ; n = 1) {
          const options = await runOptions(cases.store, cases.project, { suggest: endingAfter(cases.project, n) });
          const error = await runJob(job.id, options).catch((error: Error) => error);
          if (!(error instanceof Error)) break;
          expect(error.message).toBe('ended');
          expect(outputs.filter(existsSync)).toEqual([]);
          // A process that ends may have written more than it has noted.
          for (const name of names().filter((name) => name.includes(job.id))) appendFileSync(path(name), 'half a li');
        }
        expect(outputs.map((output) => readFileSync(output))).toEqual(expected);
        expect(cases.store.job(job.id).report?.documents).toBe(N);
        expect(names()).toHaveLength(1 + outputs.length);
        for (const output of outputs) rmSync(output);
      }
      expect((further as { gzip?: boolean }).gzip ? gunzipSync(expected[0] as Buffer).length : 1).toBeGreaterThan(0);
    },
    240_000,
  );

  test('goes on whichever call of the file system fails, and leaves nothing behind', async () => {
    for (const further of [{}, { gzip: true }, { format: 'marc' as const }]) {
      const plan = filePlan({ ...further, docsLimit: 40 });
      const [expected] = await undisturbed(plan);
      let nFailures = 0;
      for (let n = 0; ; n++) {
        const job = await begin(cases.store, cases.project, plan, true);
        const fs = failingCalls(unsynced, n, 'ENOSPC');
        const error = await runJob(job.id, await runOptions(cases.store, cases.project, { fs: fs.target })).catch(
          (e) => e,
        );
        if (fs.calls.length <= n) break;
        nFailures++;
        if (error instanceof Error) {
          expect(error).toMatchObject({ code: 'write-failed', message: expect.stringContaining('no space is left') });
          await runJob(job.id, await runOptions(cases.store, cases.project));
        }
        expect(read('out.jsonl')).toEqual(expected);
        expect(names()).toEqual(['in.tsv', 'out.jsonl']);
      }
      expect(nFailures).toBeGreaterThan(8);
    }
  }, 240_000);

  test('a folder is gone on with whichever call of the file system fails', async () => {
    mkdirSync(path('texts'));
    for (const [i, text] of sampleTexts(4).entries()) writeFileSync(path(`texts/${i}.txt`), text);
    const plan = planOf({ kind: 'folder', paths: [path('texts')], outputs: [] });
    const results = () =>
      readdirSync(path('texts'))
        .filter((name) => !name.endsWith('.txt'))
        .map((name) => `${name} ${readFileSync(path(`texts/${name}`), 'utf8')}`);
    const clear = () => {
      for (const name of readdirSync(path('texts')).filter((name) => !name.endsWith('.txt')))
        rmSync(path(`texts/${name}`));
    };
    const undisturbedJob = await begin(cases.store, cases.project, plan);
    await runJob(undisturbedJob.id, await runOptions(cases.store, cases.project));
    const expected = results();
    expect(expected).toHaveLength(4);
    let nFailures = 0;
    for (let n = 0; ; n++) {
      clear();
      const job = await begin(cases.store, cases.project, plan);
      const fs = failingCalls(unsynced, n, 'EIO');
      const error = await runJob(job.id, await runOptions(cases.store, cases.project, { fs: fs.target })).catch(
        (e) => e,
      );
      if (fs.calls.length <= n) break;
      nFailures++;
      if (error instanceof Error) {
        expect(error).toMatchObject({ code: 'write-failed' });
        await runJob(job.id, await runOptions(cases.store, cases.project));
      }
      expect(cases.store.job(job.id).report).toMatchObject({ documents: 4, failed: 0, kept: 0 });
      expect(results()).toEqual(expected);
    }
    expect(nFailures).toBeGreaterThan(15);
  });

  test('writes a file beside each document of a folder, and keeps those that were there', async () => {
    mkdirSync(path('texts'));
    for (const [i, text] of sampleTexts(70).entries())
      writeFileSync(path(`texts/${String(i).padStart(3, '0')}.txt`), text);
    writeFileSync(path('texts/005.annif'), 'mine\n');
    const plan = planOf({ kind: 'folder', paths: [path('texts')], outputs: [] });
    const job = await begin(cases.store, cases.project, plan);
    const kept: string[] = [];
    for (;;) {
      const further = { suggest: endingAfter(cases.project, 1), onKept: (name: string) => kept.push(name) };
      const result = await runJob(job.id, await runOptions(cases.store, cases.project, further)).catch(
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

  test('notes files that cannot be read also where one follows the other', async () => {
    mkdirSync(path('texts'));
    for (let i = 0; i < 150; i++) writeFileSync(path(`texts/${100 + i}.txt.gz`), gzipSync('text').fill(0xff, 12));
    const job = await begin(
      cases.store,
      cases.project,
      planOf({ kind: 'folder', paths: [path('texts')], outputs: [] }),
    );
    const noted: number[] = [];
    const onFailure = () => void noted.push(cases.store.countFailures(job.id));
    await runJob(job.id, await runOptions(cases.store, cases.project, { onFailure }));
    expect(noted).toHaveLength(150);
    expect(noted[149]).toBeGreaterThan(140);
    expect(cases.store.job(job.id)).toMatchObject({ state: 'partial', report: { documents: 150, failed: 150 } });
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
      const job = await begin(cases.store, cases.project, plan);
      for (;;) {
        const options = await runOptions(cases.store, cases.project, { suggest: endingAfter(cases.project, 1) });
        const report = await runJob(job.id, options).catch((error: Error) => error);
        if (report instanceof Error) continue;
        expect(report).toMatchObject({ documents: docsLimit ?? 130, failed: 1 });
        break;
      }
      expect(cases.store.failures(job.id)).toMatchObject([{ source: 1, path: file(60), code: 'file-unreadable' }]);
      repair();
      expect(await retryJob(job.id, await runOptions(cases.store, cases.project))).toMatchObject({ failed: 0 });
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
    const job = await begin(cases.store, cases.project, plan);
    const suggest = endingAfter(cases.project, 1);
    for (let n = 0; ; n++) {
      const report = await runJob(job.id, await runOptions(cases.store, cases.project, { suggest })).catch(
        (error) => error,
      );
      if (!(report instanceof Error)) break;
      // What is whole is in its place already.
      expect(names().filter((name) => /^\w\.jsonl$/.test(name))).toHaveLength(n);
    }
    expect(units.map(({ outputs }) => readFileSync(outputs[0] as string))).toEqual(expected);
    expect(cases.store.job(job.id).report).toMatchObject({ documents: 120, failed: 0 });
  });

  test('documents that end the process each time are set aside after some runs, and the others are done', async () => {
    const plan = filePlan();
    const [expected] = await undisturbed(plan);
    const job = await begin(cases.store, cases.project, plan);
    const words = ['n40', 'n41', 'n100'];
    const child = fileURLToPath(new URL('../dist/run-job.test.child.js', import.meta.url));
    let nRuns = 0;
    for (let signal: string | null = 'SIGKILL'; signal !== null; nRuns++) {
      expect(nRuns).toBeLessThan(30);
      ({ signal } = spawnSync(process.execPath, [child, cases.folder, job.id, ...words], { stdio: 'inherit' }));
    }
    expect(nRuns).toBeGreaterThan(9);
    const reason = 'The process ended each of the 3 times that it worked on this document';
    expect(cases.store.failures(job.id)).toMatchObject(
      [41, 42, 101].map((document) => ({ document, reason, code: 'operation-failed' })),
    );
    expect(cases.store.job(job.id)).toMatchObject({ state: 'partial', report: { documents: N, failed: 3 } });
    expect(await retryJob(job.id, await runOptions(cases.store, cases.project))).toMatchObject({ failed: 0 });
    expect(read('out.jsonl')).toEqual(expected);
  }, 240_000);

  test('an abort notes what is done, and the job can be gone on with', async () => {
    const plan = filePlan();
    const [expected] = await undisturbed(plan);
    const job = await begin(cases.store, cases.project, plan);
    const controller = new AbortController();
    const onProgress = () => controller.abort(new OperationError('aborted', 'Stopped'));
    const options = await runOptions(cases.store, cases.project, { signal: controller.signal, onProgress });
    await expect(runJob(job.id, options)).rejects.toMatchObject({ code: 'aborted' });
    expect(cases.store.units(job.id)[0]).toMatchObject({ state: 'running', counts: { documents: 32 } });
    await runJob(job.id, await runOptions(cases.store, cases.project));
    expect(read('out.jsonl')).toEqual(expected);
  });
});
