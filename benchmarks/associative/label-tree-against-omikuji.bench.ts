// Are label trees trained and asked faster than Omikuji's on the very same vectors, smaller, and at least as good?
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CsrPattern } from '@catchword/math';
import { figure, markdownTable } from '../harness/markdown-table.js';
import { prepareOmikuji } from '../harness/omikuji.js';
import { cacheFolder, ROOT } from '../harness/places.js';
import { ResultLines, thisMachine } from '../harness/result-lines.js';
import { runProgram } from '../harness/run-program.js';
import { median } from '../harness/statistics.js';
import { prepareVectors, readSplit, VECTOR_SETS } from './set-vectors.js';

/** Measures of one training and of predicting the test file with it. */
interface Measures {
  readonly trainSeconds: number;
  readonly trainCpuSeconds: number;
  readonly peakRssMiB: number;
  readonly modelBytes: number;
  readonly docsPerSecond: number;
  readonly docsPerCpuSecond: number;
  readonly precisionAt1: number;
  readonly precisionAt3: number;
  readonly precisionAt5: number;
  readonly ndcgAt10: number;
}

type Line = { readonly set: string; readonly program: string; readonly trees: number; readonly measures: Measures };

/** Means over documents with gold labels, of predictions given as a line of labels for each document. */
function quality(predictions: string, Y: CsrPattern) {
  const sums = { precisionAt1: 0, precisionAt3: 0, precisionAt5: 0, ndcgAt10: 0 };
  let nDocs = 0;
  predictions.split('\n').forEach((line, i) => {
    if (i >= Y.nRows) return;
    const gold = new Set(Y.indices.subarray(Y.indptr[i], Y.indptr[i + 1]));
    if (gold.size === 0) return;
    nDocs++;
    const hits = (line === '' ? [] : line.split(' ')).slice(0, 10).map((label) => (gold.has(Number(label)) ? 1 : 0));
    const precision = (k: number) => hits.slice(0, k).reduce<number>((sum, hit) => sum + hit, 0) / k;
    sums.precisionAt1 += precision(1);
    sums.precisionAt3 += precision(3);
    sums.precisionAt5 += precision(5);
    let ideal = 0;
    for (let r = 0; r < Math.min(10, gold.size); r++) ideal += 1 / Math.log2(r + 2);
    sums.ndcgAt10 += hits.reduce<number>((sum, hit, r) => sum + hit / Math.log2(r + 2), 0) / ideal;
  });
  const mean = (sum: number) => sum / nDocs;
  return {
    precisionAt1: mean(sums.precisionAt1),
    precisionAt3: mean(sums.precisionAt3),
    precisionAt5: mean(sums.precisionAt5),
    ndcgAt10: mean(sums.ndcgAt10),
  };
}

function table(lines: readonly Line[]): string {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const name = `${line.set}, ${line.program}, ${line.trees}`;
    groups.set(name, [...(groups.get(name) ?? []), line]);
  }
  const rows = [...groups].map(([name, runs]) => {
    const value = (key: keyof Measures) => median(runs.map(({ measures }) => measures[key]));
    return [
      name,
      figure(value('trainSeconds'), 1),
      figure(value('trainCpuSeconds'), 1),
      figure(value('peakRssMiB'), 0),
      figure(value('modelBytes') / 1e6, 1),
      figure(value('docsPerSecond'), 0),
      figure(value('docsPerCpuSecond'), 0),
      ...(['precisionAt1', 'precisionAt3', 'precisionAt5', 'ndcgAt10'] as const).map((key) => figure(value(key), 4)),
    ];
  });
  const measures = ['train s', 'train CPU s', 'peak MiB', 'model MB', 'docs/s', 'docs/CPU s'];
  return markdownTable(['set, program, trees', ...measures, 'P@1', 'P@3', 'P@5', 'nDCG@10'], rows);
}

const { values: options } = parseArgs({
  options: {
    sets: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    trees: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
    results: { type: 'string' },
  },
});
const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
const results = new ResultLines<Line | { readonly machine: object }>(
  options.results ?? join(cacheFolder('results'), `label-tree-${stamp}.jsonl`),
);
results.add({ machine: thisMachine() });
const prepared = await prepareOmikuji();
if ('missing' in prepared) console.error(`Omikuji is not measured: ${prepared.missing}`);
const sets = VECTOR_SETS.filter(({ name }) => options.sets?.split(',').includes(name) ?? true);
for (const set of sets) {
  const folder = await prepareVectors(set);
  if (folder === undefined) {
    console.error(`${set.name} is left out: its files are not there`);
    continue;
  }
  const { Y } = readSplit(folder, 'test');
  for (let round = 1; round <= Number(options.repeat); round++) {
    const programs = ['omikuji', 'catchword'].filter((program) => (options.only ?? program) === program);
    if (round % 2 === 0) programs.reverse();
    for (const program of programs) {
      if (program === 'omikuji' && 'missing' in prepared) continue;
      const predictions = join(cacheFolder('work'), `${program}-${set.name}.txt`);
      const model = join(cacheFolder('work'), 'omikuji-model');
      const command =
        program === 'omikuji' && 'python' in prepared
          ? [prepared.python, join(ROOT, 'benchmarks/associative/run_omikuji.py')]
          : [process.execPath, join(ROOT, 'benchmarks/dist/associative/run-label-tree.js')];
      const last = program === 'omikuji' ? [model, predictions] : [predictions];
      const [name = '', script = ''] = command;
      const { stdout } = await runProgram(name, [script, folder, options.trees, options.threads, ...last]);
      const measured = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Measures;
      const measures = { ...measured, ...quality(readFileSync(predictions, 'utf8'), Y) };
      results.add({ set: set.name, program, trees: Number(options.trees), measures });
    }
  }
}
console.log(table(results.all().filter((line): line is Line => 'set' in line)));
