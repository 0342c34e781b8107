// What do jobs cost over indexing without one, how much do threads bring, and what memory does a million titles take?
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '@catchword/math';
import { cacheFolder } from '../harness/places.js';
import { ResultLines, round, thisMachine } from '../harness/result-lines.js';
import { runProgram } from '../harness/run-program.js';
import { median, spread } from '../harness/statistics.js';
import { batchCommand, forgetJobs, freshOutput, PROJECT, prepareProject } from './batch-program.js';
import { databaseShare } from './database-share.js';
import { titleFile } from './title-files.js';

const { values: options } = parseArgs({
  options: {
    repeat: { type: 'string', default: '5' },
    titles: { type: 'string', default: '200000' },
    million: { type: 'string', default: '1000000' },
    kills: { type: 'string', default: '100' },
    only: { type: 'string' },
  },
});

const lines = new ResultLines<object>(join(cacheFolder('results'), 'jobs.jsonl'));
const wanted = (part: string) => options.only === undefined || options.only.split(',').includes(part);

async function index(input: string, further: readonly string[]) {
  forgetJobs();
  const output = freshOutput('out.jsonl');
  const { run } = await runProgram(...batchCommand('index', PROJECT, input, '--output', output, ...further));
  return { ...run, bytes: readFileSync(output) };
}

/** Seconds of variants in turns, the order reversed each round; the results of all have to be the same. */
async function variants(input: string): Promise<void> {
  const all: Readonly<Record<string, readonly string[]>> = {
    'no job, 2 threads': ['--no-job', '--jobs', '2'],
    'job, 2 threads': ['--job', '--jobs', '2'],
    'no job, 1 thread': ['--no-job', '--jobs', '1'],
    'job, 1 thread': ['--job', '--jobs', '1'],
  };
  const wall = new Map<string, number[]>();
  const cpu = new Map<string, number[]>();
  let expected: Buffer | undefined;
  for (let round = 0; round < Number(options.repeat); round++) {
    const names = Object.keys(all);
    for (const name of round % 2 === 0 ? names : names.reverse()) {
      const { wallSeconds, cpuSeconds, bytes } = await index(input, all[name] as readonly string[]);
      expected ??= bytes;
      if (!expected.equals(bytes)) throw new Error(`${name} wrote other results`);
      wall.set(name, [...(wall.get(name) ?? []), wallSeconds]);
      cpu.set(name, [...(cpu.get(name) ?? []), cpuSeconds ?? Number.NaN]);
    }
  }
  for (const [name, seconds] of wall) {
    lines.add({
      ...{ question: 'variants', name, titles: Number(options.titles) },
      wallSeconds: round(median(seconds), 2),
      spread: round(spread(seconds), 3),
      cpuSeconds: round(median(cpu.get(name) ?? []), 2),
      titlesPerSecond: Math.round(Number(options.titles) / median(seconds)),
    });
  }
}

/** The peak memory of a large run, beside that of a small one, which is mostly the model. */
async function memory(): Promise<void> {
  const n = Number(options.million);
  const [small, large] = [titleFile(100) as string, titleFile(n) as string];
  for (const input of [small, large]) {
    const { wallSeconds, cpuSeconds, peakRssMiB } = await index(input, ['--job']);
    lines.add({ question: 'memory', input: basename(input), wallSeconds, cpuSeconds, peakRssMiB });
  }
}

/** Kills jobs at random moments until there were so many kills; each job ends in the end, and its bytes are compared. */
async function kills(): Promise<void> {
  const input = titleFile(Number(options.titles)) as string;
  const { wallSeconds: start } = await index(titleFile(100) as string, ['--job']);
  const { bytes, wallSeconds } = await index(input, ['--no-job']);
  const wish = Number(options.kills);
  // As often before the first note as after it; what is done is kept, so that a job ends sooner or later.
  const longestMs = 2000 * (start + (wallSeconds - start) / wish);
  const random = new Random(20261127);
  let [nKilled, nRuns, nJobs, nSetAside, nUnequal] = [0, 0, 0, 0, 0];
  const litter: string[] = [];
  while (nKilled < wish) {
    forgetJobs();
    const output = freshOutput('killed.jsonl');
    nJobs++;
    while (!existsSync(output)) {
      nRuns++;
      const [command, words] = batchCommand('index', PROJECT, input, '--output', output, '--job');
      const child = spawn(command, words, { stdio: 'ignore' });
      const timer = setTimeout(() => child.kill('SIGKILL'), random.uniform() * longestMs);
      const signal = await new Promise((resolve) => child.on('exit', (_, name) => resolve(name)));
      clearTimeout(timer);
      if (signal === 'SIGKILL') nKilled++;
    }
    // A document that a process was killed at three times was to blame, for all that the job knows.
    const { stdout } = await runProgram(...batchCommand('jobs', 'list', '--json'));
    for (const { id, failed } of (JSON.parse(stdout) as { jobs: { id: string; failed: number }[] }).jobs) {
      if (failed > 0) await runProgram(...batchCommand('jobs', 'retry', id));
      nSetAside += failed;
    }
    if (!readFileSync(output).equals(bytes)) nUnequal++;
    litter.push(...readdirSync(dirname(output)).filter((name) => name.includes('.part')));
  }
  const titles = Number(options.titles);
  lines.add({ question: 'kills', titles, nJobs, nRuns, nKilled, nSetAside, nUnequal, litter: litter.length });
}

if (!(await prepareProject())) console.error('yso-finna is not there: nothing is measured');
else {
  lines.add({ ...thisMachine(), nCpus: cpus().length });
  if (wanted('variants')) await variants(titleFile(Number(options.titles)) as string);
  if (wanted('database')) {
    forgetJobs();
    const input = titleFile(Number(options.titles)) as string;
    const share = await databaseShare(cacheFolder('batch'), input, freshOutput('share.jsonl'));
    lines.add({ question: 'database', ...share });
  }
  if (wanted('memory')) await memory();
  if (wanted('kills')) await kills();
}
