import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyNoSqlite } from '@catchword/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DocumentChain, documentChecksum } from './document-chain.js';
import { JobStore } from './job-store.js';
import { planOf } from './sample-job.test.fixture.js';

let folder: string;
let store: JobStore;
const noSqlite = await whyNoSqlite();
beforeEach(async (context) => {
  context.skip(noSqlite !== undefined, noSqlite);
  folder = mkdtempSync(join(tmpdir(), 'catchword-job-store-'));
  store = await JobStore.open(folder, 50);
});
afterEach(() => {
  if (noSqlite !== undefined) return;
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const plan = planOf({ kind: 'file', paths: ['a.tsv'], outputs: ['/x/a.jsonl'] });
const inputs = [{ files: [{ path: '/x/a.tsv', size: 3, mtimeMs: 1.5, checksum: 'c' }], expected: 7, isKept: false }];
const begin = (further: Partial<Parameters<JobStore['begin']>[0]> = {}) =>
  store.begin({ plan, cwd: '/x', force: false, modelVersion: 'm', settings: 's', inputs, ...further });

test('JobStore gives back what a job began with', () => {
  const job = begin();
  expect(store.job(job.id)).toMatchObject({ plan, cwd: '/x', state: 'open', modelVersion: 'm', report: undefined });
  expect(store.units(job.id)).toMatchObject([{ n: 0, state: 'waiting', expected: 7, counts: { documents: 0 } }]);
  expect([...store.inputs(job.id, 0)]).toEqual(inputs[0]?.files);
  expect(() => store.job('nothing')).toThrow(expect.objectContaining({ code: 'job-not-found' }));
});

test('JobStore removes what dead processes have left of their locks, and nothing else', async () => {
  const dead = { host: hostname(), pid: 2 ** 22 + 1, startTime: 1, since: '2026-01-01', id: randomUUID() };
  for (const id of ['00000001', '00000002', '00000003']) mkdirSync(store.folder(id), { recursive: true });
  for (const id of ['00000002', '00000003']) writeFileSync(join(store.folder(id), '.lock'), JSON.stringify(dead));
  writeFileSync(join(store.folder('00000003'), '0.jsonl.gz'), '');
  const lock = store.lock('00000004');
  (await JobStore.open(folder, 50)).close();
  const folders = () => readdirSync(join(folder, 'jobs')).filter((name) => !name.startsWith('jobs.sqlite'));
  expect(folders()).toEqual(['00000003', '00000004']);
  lock.release();
  store.lock('00000003').release();
  expect(folders()).toEqual(['00000003']);
  expect(readdirSync(store.folder('00000003'))).toEqual(['0.jsonl.gz']);
});

test('JobStore says that a job is being locked just now', () => {
  mkdirSync(store.folder('00000001'), { recursive: true });
  writeFileSync(join(store.folder('00000001'), '.lock'), ''); // for ten seconds it may be that somebody writes it
  expect(() => store.lock('00000001')).toThrow(
    expect.objectContaining({
      code: 'locked',
      message: 'Somebody works on job 00000001 already: another process, as of now',
      hint: 'Try again in a moment.',
    }),
  );
});

test('JobStore finds the latest job of a plan, with paths as they are from its folder', () => {
  const first = begin();
  expect(store.latest(plan, '/x')?.id).toBe(first.id);
  expect(store.latest({ ...plan, limit: 6 }, '/x')).toBeUndefined();
  expect(store.latest(plan, '/y')).toBeUndefined();
  const absolute = { ...plan, units: [{ kind: 'file' as const, paths: ['/x/a.tsv'], outputs: ['/x/a.jsonl'] }] };
  expect(store.latest(absolute, '/y')?.id).toBe(first.id);
  expect(() => begin()).toThrow(expect.objectContaining({ code: 'locked', context: { job: first.id } }));
  store.setState(first.id, 'done');
  const second = begin();
  expect(store.latest(plan, '/x')?.id).toBe(second.id);
  store.setState(second.id, 'cancelled');
  expect(store.latest(plan, '/x')?.id).toBe(first.id);
  expect(store.jobs().map(({ id }) => id)).toEqual([first.id, second.id]);
});

test('JobStore adds subject counts up, over any number of notes, and forgets them with the job', () => {
  const job = begin();
  const [unit] = store.units(job.id);
  if (!unit) throw new Error('there is no unit');
  const expected = new Map<number, number>();
  for (let i = 0; i < 200; i++) {
    const subjects = new Map([
      [i % 7, 1],
      [1000 + (i % 13), 2],
    ]);
    for (const [id, n] of subjects) expected.set(id, (expected.get(id) ?? 0) + n);
    expect(store.progress(job.id, { unit, failures: [], subjects, seconds: 0.5 })).toBe('open');
  }
  expect(store.subjectCounts(job.id)).toEqual(expected);
  expect(store.job(job.id).seconds).toBe(100);
  store.remove(job.id);
  expect(store.subjectCounts(job.id).size).toBe(0);
  expect(store.units(job.id)).toEqual([]);
});

test('a note is whole or not there at all', () => {
  const job = begin();
  const [unit] = store.units(job.id);
  if (!unit) throw new Error('there is no unit');
  const failure = { unit: 0, source: 0, document: 1, path: 'a', checksum: '', offsets: [], code: 'x', reason: 'y' };
  const failures = [
    { ...failure, attempts: 1 },
    { ...failure, document: 2, attempts: null as unknown as number },
  ];
  const changed = { ...unit, state: 'running' as const };
  expect(() => store.progress(job.id, { unit: changed, failures, subjects: new Map(), seconds: 1 })).toThrow();
  expect(store.failures(job.id)).toEqual([]);
  expect(store.units(job.id)[0]?.state).toBe('waiting');
  expect(store.job(job.id).seconds).toBe(0);
});

test('DocumentChain tells other documents, another order and another number, and can be gone on with', () => {
  const sums = ['a', 'b', 'c', 'a'].map((text) => documentChecksum({ text }));
  const chain = (order: readonly number[]) => {
    const chain = new DocumentChain();
    for (const i of order) chain.add(sums[i] as number);
    return chain.value;
  };
  const values = [[], [0], [1], [0, 1], [1, 0], [0, 1, 2], [0, 1, 3], [0, 0], [0, 0, 0]].map(chain);
  expect(new Set(values).size).toBe(values.length);
  const resumed = new DocumentChain(chain([0, 1]));
  resumed.add(sums[2] as number);
  expect(resumed.value).toBe(chain([0, 1, 2]));
  const said = [
    { text: 'a' },
    { text: 'a', documentId: 'x' },
    { text: 'a', metadata: { x: 'y' } },
    { text: 'a', metadata: { y: 'x' } },
    { text: 'a', subjects: [0] },
    { text: 'a', subjects: [1] },
  ].map(documentChecksum);
  expect(new Set(said).size).toBe(said.length);
});
