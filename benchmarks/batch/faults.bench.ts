// Does a job go on, and end with the same bytes, whichever call of the file system fails, Node's calls and SQLite's?
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder, ROOT } from '../harness/places.js';
import { ResultLines, thisMachine } from '../harness/result-lines.js';

const { values: options } = parseArgs({
  options: {
    jobs: { type: 'string', default: 'lines,sorted,records,folder' },
    faults: { type: 'string', default: 'EIO,ENOSPC,full,short,EMFILE,kill' },
    from: { type: 'string', default: '0' },
    to: { type: 'string', default: 'Infinity' },
    workspace: { type: 'string', default: 'faults' },
  },
});

const folder = cacheFolder('work', options.workspace);
const [data, work, log] = ['data', 'work', 'fault'].map((name) => join(folder, name)) as [string, string, string];
const library = join(folder, 'failing_calls.so');
const PROGRAM = join(ROOT, 'packages/cli/bin/catchword.js');
const PROJECTS =
  'projects:\n  sample-en: { language: en, vocab: sample, backend: tfidf, analyzer: snowball(english) }\n';
const LONGEST_MS = 120_000;
/** As it says then: to be tried again in a moment. */
const EXIT_LOCKED = 75;

/** Small jobs: what they read, from the repository into their folder, and their command. */
const JOBS: Readonly<Record<string, readonly [from: string, to: string, ...words: readonly string[]]>> = {
  lines: ['corpora/sample/test.tsv', 'in.tsv', '--output', join(work, 'out.jsonl')],
  sorted: [
    ...(['corpora/sample/test.tsv', 'in.tsv'] as const),
    ...['--output', join(work, 'out.jsonl'), '--gzip', '--accept-above', '0.17', '--review-above', '0.13'],
  ],
  records: ['corpora/sample/catalogue.xml', 'in.xml', '--format', 'marcxml', '--output', join(work, 'out.xml')],
  folder: ['corpora/sample/fulltext', 'texts'],
};

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

function catchword(words: readonly string[], env: Readonly<Record<string, string>> = {}): Ended {
  const common = ['--projects', join(folder, 'projects.yaml'), '--data-dir', data];
  const { status, signal, stderr } = spawnSync(process.execPath, [PROGRAM, ...words, ...common], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: LONGEST_MS,
  });
  return { code: status, signal, stderr };
}

function done(words: readonly string[]): void {
  const { code, stderr } = catchword(words);
  if (code !== 0) throw new Error(`catchword ${words.join(' ')} ended with ${code}:\n${stderr}`);
}

/** Files below a folder with what they hold, in the order of their names. */
function contentOf(path: string): string[] {
  return (readdirSync(path, { recursive: true, withFileTypes: true }) as import('node:fs').Dirent[])
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .map((name) => `${name}\n${readFileSync(name, 'base64')}`);
}

function begin(name: string): readonly string[] {
  const [from, to, ...words] = JOBS[name] as (typeof JOBS)[string];
  for (const path of [work, join(data, 'jobs')]) rmSync(path, { recursive: true, force: true });
  mkdirSync(work);
  cpSync(join(ROOT, from), join(work, to), { recursive: true });
  return ['index', 'sample-en', join(work, to), '--job', '--jobs', '1', ...words];
}

/** What is wrong with how a run ended that a fault befell. */
function unclear({ code, signal, stderr }: Ended, fault: string): string | undefined {
  if (signal !== null) return fault === 'kill' && signal === 'SIGKILL' ? undefined : `it ended with ${signal}`;
  if (code === 0) return undefined;
  if (/^\s+at /m.test(stderr) || stderr.includes('not an error that was foreseen'))
    return 'it shows a stack trace or says that it was not foreseen';
  return /^(Error: |.* set aside)/m.test(stderr) ? undefined : 'it does not say what went wrong';
}

function sweep(name: string, fault: string): void {
  let expected: string[] | undefined;
  const sums = { calls: 0, ended: 0, harmless: 0, setAside: 0, waited: 0, problems: 0 };
  done(begin(name));
  expected = contentOf(work);
  const begun = performance.now();
  for (let n = Number(options.from); n <= Number(options.to); n++) {
    const words = begin(name);
    rmSync(log, { force: true });
    const first = catchword(words, {
      ...{ LD_PRELOAD: library, UV_THREADPOOL_SIZE: '1' },
      ...{ FAULT_BELOW: `${work}:${join(data, 'jobs')}`, FAULT_CALL: String(n), FAULT_KIND: fault, FAULT_LOG: log },
    });
    if (!existsSync(log)) {
      if (n === 0) throw new Error('no call was seen: is Node.js linked with the C library of the system?');
      break;
    }
    const call = readFileSync(log, 'utf8').trim();
    const problems = [unclear(first, fault)];
    sums.calls++;
    if (first.code === 0) sums.harmless++;
    else sums.ended++;
    let next = catchword(words);
    for (let i = 0; next.code === EXIT_LOCKED && i < 2; i++) {
      // A process that is killed while it makes its lock file leaves an empty one, which counts for ten seconds.
      sums.waited++;
      spawnSync('sleep', ['6']);
      next = catchword(words);
    }
    const [, setAside] = /jobs retry (\w+)/.exec(next.stderr) ?? [];
    if (setAside !== undefined) {
      sums.setAside++;
      next = catchword(['jobs', 'retry', setAside]);
    }
    if (next.code !== 0) problems.push(`it could not be gone on with: ${next.stderr}`);
    const found = contentOf(work);
    if (found.join() !== expected.join()) {
      const names = found.map((file) => file.slice(work.length + 1, file.indexOf('\n')));
      problems.push(`the results are not the same: ${names.join(' ')}`);
    }
    const litter = readdirSync(join(data, 'jobs')).filter((file) => file !== 'jobs.sqlite');
    if (litter.length > 0) problems.push(`left behind: ${litter.join(' ')}`);
    for (const problem of problems) {
      if (problem === undefined) continue;
      sums.problems++;
      console.error(`${name}, ${fault}, call ${n} (${call}): ${problem}\n${first.stderr.replace(/^/gm, '  | ')}`);
    }
  }
  const seconds = Math.round((performance.now() - begun) / 1000);
  lines.add({ question: 'faults', job: name, fault, ...sums, seconds });
}

const lines = new ResultLines<object>(join(cacheFolder('results'), 'faults.jsonl'));
const compiler = spawnSync('cc', [
  ...['-O1', '-shared', '-fPIC', '-o', library],
  ...[join(ROOT, 'benchmarks/batch/failing_calls.c'), '-ldl'],
]);
if (process.platform !== 'linux' || compiler.status !== 0) {
  console.error(`Nothing is measured: it takes Linux and a C compiler. ${compiler.stderr ?? ''}`);
} else {
  lines.add(thisMachine());
  writeFileSync(join(folder, 'projects.yaml'), PROJECTS);
  done(['load-vocab', 'sample', join(ROOT, 'vocabularies/sample/sample.ttl')]);
  done(['train', 'sample-en', join(ROOT, 'corpora/sample/train.tsv')]);
  for (const name of options.jobs.split(',')) for (const fault of options.faults.split(',')) sweep(name, fault);
}
