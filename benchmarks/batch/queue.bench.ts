// Does a job that four workers do, of which one is killed every few seconds, write what it should, and what does a second worker bring?
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Random } from '@catchword/math';
import { cacheFolder } from '../harness/places.js';
import { ResultLines, round, thisMachine } from '../harness/result-lines.js';
import { runProgram } from '../harness/run-program.js';
import { median, spread } from '../harness/statistics.js';
import { BATCH_CASES, type BatchCase, batchCommand, forgetJobs, freshOutput, prepareProject } from './batch-program.js';
import { titleFile } from './title-files.js';

const { values: options } = parseArgs({
  options: {
    titles: { type: 'string', default: '100000' },
    repeat: { type: 'string', default: '3' },
    queue: { type: 'string', default: 'redis://127.0.0.1:6379/6' },
    only: { type: 'string' },
    case: { type: 'string', default: 'titles' },
  },
});
const batch: BatchCase = options.case === 'abstracts' ? BATCH_CASES.abstracts : BATCH_CASES.titles;
const KILL_AFTER_MS = 3_000;

const lines = new ResultLines<object>(join(cacheFolder('results'), 'queue.jsonl'));
const wanted = (part: string) => options.only === undefined || options.only.split(',').includes(part);

function worker(): ChildProcess {
  const [command, words] = batchCommand('worker', '--queue', options.queue, '--jobs', '1');
  return spawn(command, words, { stdio: 'ignore' });
}

async function queued(name: string) {
  forgetJobs();
  const output = freshOutput(name);
  const words = ['index', batch.project, input, '--output', output, '--queue', options.queue];
  const { run } = await runProgram(...batchCommand(...words));
  return { ...run, bytes: readFileSync(output) };
}

async function killed(expected: Buffer): Promise<void> {
  const workers = Array.from({ length: 4 }, worker);
  const random = new Random(4);
  let nKilled = 0;
  const timer = setInterval(() => {
    const i = random.below(workers.length);
    workers[i]?.kill('SIGKILL');
    workers[i] = worker();
    nKilled++;
  }, KILL_AFTER_MS);
  try {
    const { wallSeconds, bytes } = await queued('queued-killed.jsonl');
    const isEqual = bytes.equals(expected);
    lines.add({
      question: 'killed workers',
      case: options.case,
      titles: Number(options.titles),
      workers: 4,
      nKilled,
      wallSeconds,
      isEqual,
    });
  } finally {
    clearInterval(timer);
    for (const each of workers) each.kill('SIGKILL');
  }
}

async function throughput(expected: Buffer): Promise<void> {
  for (const nWorkers of [1, 2]) {
    const seconds: number[] = [];
    for (let i = 0; i < Number(options.repeat); i++) {
      const workers = Array.from({ length: nWorkers }, worker);
      await sleep(2_000);
      try {
        const { wallSeconds, bytes } = await queued('queued.jsonl');
        if (!bytes.equals(expected)) throw new Error('the queue wrote other results');
        seconds.push(wallSeconds);
      } finally {
        for (const each of workers) each.kill('SIGKILL');
      }
    }
    const titlesPerSecond = Math.round(Number(options.titles) / median(seconds));
    lines.add({
      question: 'workers',
      case: options.case,
      nWorkers,
      wallSeconds: median(seconds),
      spread: round(spread(seconds), 3),
      titlesPerSecond,
    });
  }
}

const isThere = await new Promise<boolean>((resolve) => {
  const { hostname, port } = new URL(options.queue);
  const socket = connect(Number(port || 6379), hostname, () => resolve(true));
  socket.on('error', () => resolve(false));
  socket.unref();
});
const input = titleFile(Number(options.titles), batch.validate ?? batch.train) ?? '';
if (!isThere) console.error(`No queue answers at ${options.queue}: nothing is measured`);
else if (input === '' || !(await prepareProject(batch)))
  console.error(`${batch.train} is not there: nothing is measured`);
else {
  lines.add({ ...thisMachine(), bytes: statSync(input).size });
  forgetJobs();
  const output = freshOutput('expected.jsonl');
  await runProgram(...batchCommand('index', batch.project, input, '--output', output, '--no-job'));
  const expected = readFileSync(output);
  if (wanted('killed')) await killed(expected);
  if (wanted('workers')) await throughput(expected);
}
