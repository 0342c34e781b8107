import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { SuggestionBatchBuilder } from '@catchword/core';
import { Random } from '@catchword/math';
import { afterAll, expect, test } from 'vitest';
import type { FurtherFigures } from './evaluation.js';
import { Evaluator } from './evaluator.js';

// An independent evaluator in Python stands beside the data; both are absent from the repository.
const data = process.env.CATCHWORD_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const script = join(data, '../evaluate/evaluate.py');
const isThere = existsSync(script) && spawnSync('python3', ['-c', 'import numpy']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'catchword-evaluation-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Row = readonly (readonly [uri: string, score: number])[];
interface ScriptSummary {
  readonly [figure: string]: unknown;
  readonly 'R@10_bands': Readonly<Record<string, { readonly 'R@10': number | null; readonly n: number }>>;
  readonly 'F1@5_ci': readonly [number, number];
  readonly 'nDCG@10_ci': readonly [number, number];
}

function runScript(gold: string, train: string, rows: readonly Row[]): ScriptSummary {
  const predictions = join(folder, 'predictions.jsonl');
  const lines = rows.map((row) => JSON.stringify({ results: row.map(([uri, score]) => ({ uri, score })) }));
  writeFileSync(predictions, lines.map((line) => `${line}\n`).join(''));
  const run = spawnSync('python3', [script, '--gold', gold, '--train', train, '--pred', predictions], {
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  return JSON.parse(run.stdout) as ScriptSummary;
}

function readGold(path: string): string[][] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => [...new Set((line.split('\t')[1] ?? '').split(/\s+/).filter((uri) => uri !== ''))]);
}

function runEvaluator(gold: readonly string[][], train: readonly string[][], rows: readonly Row[]): FurtherFigures {
  const ids = new Map<string, number>();
  const idOf = (uri: string): number => {
    const bare = uri.replace(/^<|>$/g, '');
    const id = ids.get(bare) ?? ids.size;
    ids.set(bare, id);
    return id;
  };
  const trained = train.map((uris) => uris.map(idOf));
  const golds = gold.map((uris) => uris.map(idOf));
  const builder = new SuggestionBatchBuilder(0);
  for (const row of rows) {
    for (const [uri, score] of row) builder.push(idOf(uri), score);
    builder.endRow();
  }
  const trainFrequency = new Uint32Array(ids.size);
  for (const id of trained.flat()) trainFrequency[id]++;
  const evaluator = new Evaluator({ nSubjects: ids.size, trainFrequency });
  evaluator.add(builder.build(), golds);
  return evaluator.finish().further;
}

function compare(figures: FurtherFigures, script: ScriptSummary): void {
  const pairs: [string, number | null][] = [
    ['documents_with_gold', figures.nDocsWithGold],
    ['gold_assignments', figures.nGold],
    ['documents_without_prediction', figures.nDocsWithoutSuggestion],
    ['predictions_mean', figures.meanSuggestions],
    ['P@1', figures.precisionAt1],
    ['P@3', figures.precisionAt3],
    ['P@5', figures.precisionAt5],
    ['F1@5', figures.f1At5],
    ['nDCG@5', figures.ndcgAt5],
    ['nDCG@10', figures.ndcgAt10],
    ['nDCG@20', figures.ndcgAt20],
    ['R@10', figures.recallAt10],
    ['R@10_doc', figures.recallAt10DocAvg],
  ];
  for (const [name, value] of pairs) expect(value, name).toBeCloseTo(script[name] as number, 5);
  for (const { band, nGold, recallAt10 } of figures.bands) {
    expect(nGold, band).toBe(script['R@10_bands'][band]?.n);
    const wanted = script['R@10_bands'][band]?.['R@10'] ?? null;
    if (wanted === null) expect(recallAt10).toBeNull();
    else expect(recallAt10, band).toBeCloseTo(wanted, 5);
  }
  // the resamples differ, and with them the ends by a few hundredths of the interval's width
  for (const [interval, [low, high]] of [
    [figures.f1At5Interval, script['F1@5_ci']],
    [figures.ndcgAt10Interval, script['nDCG@10_ci']],
  ] as const) {
    expect(Math.abs((interval?.low ?? 0) - low)).toBeLessThan((high - low) / 10);
    expect(Math.abs((interval?.high ?? 0) - high)).toBeLessThan((high - low) / 10);
  }
}

/** Suggests some of the gold subjects and others, in any order, up to 25. */
function suggestFor(gold: readonly string[][], others: readonly string[], random: Random): Row[] {
  return gold.map((uris) => {
    const chosen = new Set(uris.filter(() => random.uniform() < 0.5));
    for (let n = random.below(26); n > 0; n--) chosen.add(others[random.below(others.length)]);
    const order = Uint32Array.from({ length: chosen.size }, (_, i) => i);
    random.shuffle(order);
    const all = [...chosen];
    return [...order].slice(0, 25).map((i, rank) => [all[i], Math.fround(1 - (rank + 1) / 32)] as const);
  });
}

test.skipIf(!isThere)('Evaluator agrees with an independent script on generated suggestions', () => {
  const random = new Random(11);
  const uris = Array.from({ length: 60 }, (_, i) => `<http://example.org/${i}>`);
  const draw = (most: number) => [
    ...new Set(Array.from({ length: random.below(most) }, () => uris[Math.floor(60 * random.uniform() ** 4)])),
  ];
  const gold = Array.from({ length: 400 }, () => draw(9));
  const train = Array.from({ length: 500 }, () => draw(6));
  const write = (name: string, documents: readonly string[][]) => {
    writeFileSync(join(folder, name), documents.map((d) => `text\t${d.join(' ')}\n`).join(''));
    return join(folder, name);
  };
  const rows = suggestFor(gold, uris, random);
  compare(runEvaluator(gold, train, rows), runScript(write('gold.tsv', gold), write('train.tsv', train), rows));
});

test.skipIf(!isThere || !existsSync(join(data, 'kirjastonhoitaja')))(
  'Evaluator agrees with an independent script on the gold subjects of a real collection',
  () => {
    const paths = ['test', 'train'].map((name) => join(data, 'kirjastonhoitaja', `${name}.tsv.gz`));
    const [gold, train] = paths.map(readGold);
    const rows = suggestFor(gold, train.slice(0, 200).flat(), new Random(5));
    compare(runEvaluator(gold, train, rows), runScript(paths[0], paths[1], rows));
  },
);
