import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Random } from '../packages/math/src/index.js';
import { whyNoSqlite } from '../packages/testing/src/index.js';
import { ROOT, type Run, runCatchword } from './run-catchword.js';

// A job of index is killed, stopped, resumed, retried, cancelled, and its results are those of a run that nothing disturbed.

const CORPORA = join(ROOT, 'corpora/sample');
const PROJECTS = `projects:
  t: { language: en, vocab: sample, backend: tfidf, analyzer: snowball(english) }
  near: { language: en, vocab: sample, backend: knn, k: 5, analyzer: snowball(english), allow_learn: true }
`;
const N = 12_000;
/** Each test starts a dozen processes, on a machine that may have other work. */
vi.setConfig({ testTimeout: 240_000 });

let home: string;
let folder: string;
let nFolders = 0;
const noSqlite = await whyNoSqlite();
if (noSqlite !== undefined) console.warn(`${noSqlite}: the tests of jobs are skipped`);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'catchword-jobs-'));
  writeFileSync(join(home, 'projects.yaml'), PROJECTS);
  const prepare = (...words: string[]) => runCatchword(words, { cwd: home });
  await prepare('load-vocab', 'sample', join(ROOT, 'vocabularies/sample/sample.ttl'));
  for (const id of ['t', 'near']) await prepare('train', id, join(CORPORA, 'train.tsv'));
  const lines = readFileSync(join(CORPORA, 'test.tsv'), 'utf8').trimEnd().split('\n');
  const texts = Array.from({ length: N }, (_, i) => `${i} ${lines[i % lines.length]?.slice(0, 60).split('\t')[0]}`);
  writeFileSync(join(home, 'many.tsv'), `${texts.join('\n')}\n`);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
beforeEach((context) => {
  context.skip(noSqlite !== undefined, noSqlite);
  folder = join(home, `case-${nFolders++}`);
  for (const name of ['data', 'projects.yaml', 'many.tsv'])
    cpSync(join(home, name), join(folder, name), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) => runCatchword(words, { cwd: folder });
const jobs = async () => JSON.parse((await run('jobs', 'list', '--json')).stdout).jobs;
const names = () => readdirSync(folder).sort();
const NAMES = ['data', 'many.tsv', 'projects.yaml'];

/** Bytes of the file that a job is just writing. */
function written(): number {
  const part = readdirSync(folder).find((name) => name.endsWith('.part'));
  return part === undefined ? 0 : (statSync(join(folder, part), { throwIfNoEntry: false })?.size ?? 0);
}

/** Sends a signal when the job has written so many bytes more. */
function signalled(signal: NodeJS.Signals, nBytes: number, ...words: string[]): Promise<Run> {
  const before = written();
  return runCatchword(words, {
    cwd: folder,
    onStart: (child) => {
      const timer = setInterval(() => {
        if (written() <= before + nBytes) return;
        clearInterval(timer);
        child.kill(signal);
      }, 2);
      child.once('exit', () => clearInterval(timer));
    },
  });
}

test.each([[[]], [['--gzip']]])(
  'a job that is killed again and again writes what an undisturbed run writes: index %s',
  async (further) => {
    const expected = `expected${further.length > 0 ? '.gz' : ''}`;
    await run('index', 't', 'many.tsv', '--no-job', '-O', expected, ...further);
    const command = ['index', 't', 'many.tsv', '--job', ...further];
    const random = new Random(7);
    let nKilled = 0;
    const limit = Math.floor(statSync(join(folder, expected)).size / 4);
    for (;;) {
      const { code, stderr } = await signalled('SIGKILL', random.below(limit), ...command);
      if (code === 0) {
        expect(stderr).toMatch(/^Going on with job [0-9a-f]{8}: [\d,]+ documents are done$/m);
        break;
      }
      expect(code).toBe(null);
      nKilled++;
      expect(await jobs()).toMatchObject([{ state: 'interrupted' }]);
    }
    expect(nKilled).toBeGreaterThan(2);
    const name = further.length > 0 ? 'many.annif.jsonl.gz' : 'many.annif.jsonl';
    expect(readFileSync(join(folder, name)).equals(readFileSync(join(folder, expected)))).toBe(true);
    expect(names()).toEqual([...NAMES, expected, name].sort());
    expect(await jobs()).toMatchObject([{ state: 'done', documents: N, failed: 0 }]);
  },
);

test('Ctrl-C ends with what is done, says how to go on, and jobs resume does', async () => {
  const stopped = await signalled('SIGINT', 1000, 'index', 't', 'many.tsv', '--job');
  expect(stopped.code).toBe(130);
  const [, id = ''] =
    /documents are done\. Go on with the same command, or: catchword jobs resume (\w+)$/m.exec(stopped.stderr) ?? [];
  const [job] = await jobs();
  expect(job).toMatchObject({ id, state: 'interrupted' });
  expect(job.documents).toBeGreaterThan(0);
  expect((await run('jobs', 'remove', id)).stderr).toContain(`Cannot remove job ${id}: it has not ended yet`);

  const resumed = await run('jobs', 'resume', id, '--json');
  expect(JSON.parse(resumed.stdout)).toMatchObject({
    job: id,
    written: [{ path: 'many.annif.jsonl', documents: N }],
    report: { documents: N, failed: 0, measure: 'best score' },
  });
  const shown = await run('jobs', 'show', id);
  expect(shown.stdout).toMatch(/^State: +done\n[\s\S]*^Result: +many\.annif\.jsonl \(12,000 documents\)$/m);
  expect((await run('index', 't', 'many.tsv', '--job')).stdout).toBe(
    'Not overwriting many.annif.jsonl (use --force to override)\n',
  );
  expect((await run('jobs', 'remove', id)).stderr).toBe(`Removed job ${id}; its results stay\n`);
  expect(await jobs()).toEqual([]);
  expect(names()).toEqual([...NAMES, 'many.annif.jsonl'].sort());
});

test('a second process finds the job locked, and cancel stops the first one', async () => {
  let cancelled: Promise<Run> | undefined;
  let second: Promise<Run> | undefined;
  const first = await runCatchword(['index', 't', 'many.tsv', '--job'], {
    cwd: folder,
    onStart: (child) => {
      const timer = setInterval(async () => {
        if (written() === 0) return;
        clearInterval(timer);
        child.kill('SIGSTOP');
        second = run('index', 't', 'many.tsv', '--job');
        await second;
        const [{ id }] = await jobs();
        cancelled = run('jobs', 'cancel', id);
        await cancelled;
        child.kill('SIGCONT');
      }, 2);
    },
  });
  expect(await second).toMatchObject({ code: 75, stderr: expect.stringMatching(/Somebody works on job \w+ already/) });
  expect(await cancelled).toMatchObject({ code: 0, stderr: expect.stringContaining('will stop in a moment') });
  expect(first).toMatchObject({ code: 130, stderr: expect.stringContaining('was cancelled') });
  expect(await jobs()).toMatchObject([{ state: 'cancelled' }]);
  expect(names()).toEqual(NAMES);
});

test('an input that grew and a project that was trained anew are refused, and --restart begins anew', async () => {
  await signalled('SIGKILL', 1000, 'index', 't', 'many.tsv', '--job');
  await run('train', 't', join(CORPORA, 'validate.tsv'));
  const trained = await run('index', 't', 'many.tsv', '--job');
  expect(trained).toMatchObject({ code: 1, stderr: expect.stringContaining('project "t" was trained or has learnt') });
  appendFileSync(join(folder, 'many.tsv'), 'one more\n');
  const grown = await run('index', 't', 'many.tsv', '--job');
  expect(grown.stderr).toMatch(/its input changed since it began:\n {2}\S*many\.tsv had \d+ bytes and has \d+\n/);
  const anew = await run('index', 't', 'many.tsv', '--restart');
  expect(anew.code).toBe(0);
  expect(await jobs()).toMatchObject([{ state: 'cancelled' }, { state: 'done', documents: N + 1 }]);
  expect(readFileSync(join(folder, 'many.annif.jsonl'), 'utf8').split('\n')).toHaveLength(N + 2);
});

test('a large input is a job by itself; standard input is none', async () => {
  const text = 'Rivers and meadows. '.repeat(600);
  writeFileSync(join(folder, 'large.tsv'), `${Array.from({ length: 1500 }, (_, i) => `${i} ${text}`).join('\n')}\n`);
  const large = await run('index', 't', 'large.tsv');
  expect(large.stderr).toMatch(/^Job \w{8}: if it is stopped, the same command goes on with it/m);
  expect(large.stderr).toMatch(/^Wrote 1,500 documents to large\.annif\.jsonl$/m);
  expect(large.stderr).toContain('Most frequent subjects:');
  const piped = await runCatchword(['index', 't', '-', '--job'], { cwd: folder, stdin: 'Rivers' });
  expect(piped).toMatchObject({ code: 2, stderr: expect.stringContaining('standard input cannot be read again') });
});

test('documents are sorted by certainty, and what people decided in the review file is learnt', async () => {
  const sorted = await run(
    'index',
    't',
    join(CORPORA, 'test.tsv'),
    '-O',
    'out.jsonl',
    '--accept-above',
    '0.19',
    '--review-above',
    '0.14',
    '--json',
  );
  expect(sorted.code).toBe(0);
  const { written, report } = JSON.parse(sorted.stdout);
  const lines = (name: string) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const groups = ['accept', 'review', 'leave'] as const;
  for (const [i, group] of groups.entries()) {
    const own = lines(`out.${group}.jsonl`);
    expect(written[i]).toEqual({ path: `out.${group}.jsonl`, documents: own.length });
    expect(report.triage[group]).toBe(own.length);
    expect(own.length).toBeGreaterThan(0);
    for (const { results } of own) {
      const best = results[0]?.score ?? 0;
      expect(best >= 0.19 ? 'accept' : best >= 0.14 ? 'review' : 'leave').toBe(group);
    }
  }
  expect(report.documents).toBe(76);

  const [first, second, ...rest] = lines('out.review.jsonl');
  expect(first.decisions).toEqual([]);
  const uri = 'http://example.org/catchword/sample/c0005';
  first.decisions = [
    { uri: first.results[0].uri, action: 'accepted' },
    { uri: first.results[1].uri, action: 'rejected', reason: 'not about it' },
    { uri, action: 'added' },
  ];
  second.decisions = [{ uri: second.results[0].uri, action: 'rejected' }];
  const reviewed = [first, second, ...rest].map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(join(folder, 'reviewed.jsonl'), reviewed);
  expect(JSON.parse((await run('learn', 'near', 'reviewed.jsonl', '--json')).stdout)).toMatchObject({ nDocuments: 1 });
  const { entries } = JSON.parse((await run('journal', 'list', 'near', '--json')).stdout);
  const uris = entries[0].subjects.map((subject: { uri: string }) => subject.uri);
  expect(uris).toEqual([first.results[0].uri, uri]);
});

test('a damaged job database is named as such, and small inputs need none', async () => {
  await run('index', 't', 'many.tsv', '--job', '--docs-limit', '10');
  rmSync(join(folder, 'data/jobs'), { recursive: true });
  cpSync(join(folder, 'many.tsv'), join(folder, 'data/jobs/jobs.sqlite'));
  const list = await run('jobs', 'list');
  expect(list).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Cannot use the job database \S+: it is damaged/),
  });
  const missing = await run('jobs', 'show', 'nothing', '--data-dir', 'elsewhere');
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no job "nothing"') });
  writeFileSync(join(folder, 'small.tsv'), 'Rivers\n');
  expect(await run('index', 't', 'small.tsv', '--no-job')).toMatchObject({ code: 0 });
});
