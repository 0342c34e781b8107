import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Corpus, Document } from '@catchword/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hyperoptLines, trialLines } from './hyperopt-output.js';
import { Registry } from './registry.js';

const KEYWORD = fileURLToPath(new URL('../testdata/keyword-backend.mjs', import.meta.url));
const N_SUBJECTS = 12;
const CONCEPTS = `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .
${Array.from({ length: N_SUBJECTS }, (_, id) => `ex:s${id} a skos:Concept ; skos:prefLabel "subject ${id}"@en .`).join('\n')}
`;
const sections = (sources: string) => `[DEFAULT]
language=en
analyzer=simple
vocab=v
[good]
backend=keyword
[bad]
backend=keyword
[e]
backend=ensemble
sources=${sources}
[f]
backend=fusion
sources=good,bad
`;

let folder: string;
let warnings: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-hyperopt-'));
  warnings = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(sources = 'good,bad'): Promise<Registry> {
  writeFileSync(join(folder, 'projects.cfg'), sections(sources));
  writeFileSync(join(folder, 'v.ttl'), CONCEPTS);
  const registry = await Registry.open({
    projects: join(folder, 'projects.cfg'),
    dataDir: join(folder, 'data'),
    env: {},
    backendModules: { keyword: KEYWORD },
    onWarning: (message) => warnings.push(message),
  });
  if (!registry.vocabularyStore.exists('v')) await registry.vocabularyStore.update('v', join(folder, 'v.ttl'), {});
  return registry;
}

const word = (id: number) => `about${String.fromCharCode(97 + id)}`;

/** Documents that name their subjects; a source that learns with `shift` takes each for another one. */
function corpusOf(nDocs: number, name: string, shift = 0): Corpus {
  const docs = Array.from({ length: nDocs }, (_, i): Document => {
    const [a, b] = [(i * 7) % N_SUBJECTS, (i * 5 + 1) % N_SUBJECTS];
    const subjects = [...new Set([a, b])].map((id) => (id + shift) % N_SUBJECTS);
    return { text: `${word(a)} and ${word(b)} in ${name}${i}`, subjects };
  });
  return {
    name,
    async *documents() {
      yield* docs;
    },
  };
}

async function trained(sources?: string): Promise<Registry> {
  const registry = await open(sources);
  await registry.project('good').train(corpusOf(40, 'x'));
  await registry.project('bad').train(corpusOf(40, 'y', 3));
  return registry;
}

const SEARCH = { nTrials: 20, metric: 'NDCG@10', limit: 10, exponents: false, nJobs: 1 };

test('hyperopt finds the source that is right, in one thread as in two, and eval agrees with the score', async () => {
  const registry = await trained();
  const report = await registry.project('e').hyperopt(corpusOf(50, 'z'), SEARCH);
  const best = report.trials.find(({ value }) => value === report.score);
  expect(best?.sources[0]?.weight).toBeGreaterThan(0.5);
  expect(report).toMatchObject({ nDocs: 50, metric: 'NDCG@10', exponents: null });
  expect(report.trials).toHaveLength(20);
  expect(report.trials[0]?.sources.map(({ weight }) => weight)).toEqual([0.5, 0.5]);
  expect(report.score).toBeGreaterThan(report.trials[0]?.value ?? 1);
  expect(warnings).toEqual([]);
  expect(await registry.project('e').hyperopt(corpusOf(50, 'z'), { ...SEARCH, nJobs: 2 })).toEqual(report);

  const tuned = await open(report.sources);
  const evaluation = await tuned.project('e').evaluate(corpusOf(50, 'z'), { limit: 10, threshold: 0, nJobs: 1 });
  expect(evaluation.metrics.get('NDCG@10')).toBeCloseTo(report.score, 6);
});

test('hyperopt prints what Annif prints, weights with four digits, and one line for each trial', async () => {
  const registry = await trained();
  const report = await registry.project('e').hyperopt(corpusOf(50, 'z'), { ...SEARCH, nTrials: 3 });
  expect(hyperoptLines(report)).toEqual([
    expect.stringMatching(/^Got best NDCG@10 score [01]\.\d{4} with:$/),
    '---',
    expect.stringMatching(/^sources=good:0\.\d{4},bad:0\.\d{4}$/),
    '---',
  ]);
  const lines = trialLines(report);
  expect(lines.slice(0, 2)).toEqual(['trial\tvalue\tgood\tbad', expect.stringMatching(/^0\t0\.\d+\t0\.5\t0\.5$/)]);
  expect(lines).toHaveLength(4);
  const trials = [{ value: 0.5, sources: [{ projectId: 'a', weight: 1, exponent: 2 }] }];
  expect(trialLines({ ...report, trials })).toEqual(['trial\tvalue\ta\ta:exponent', '0\t0.5\t1.0\t2.0']);
});

test('hyperopt warns of documents that a source was trained on', async () => {
  const registry = await trained();
  await registry.project('e').hyperopt(corpusOf(40, 'x'), SEARCH);
  expect(warnings).toEqual([expect.stringContaining('40 of 40 documents are among those that source "good"')]);
});

test('hyperopt says what it cannot work on', async () => {
  const registry = await trained();
  const project = (id: string) => registry.project(id).hyperopt(corpusOf(10, 'z'), SEARCH);
  const message = (id: string) => `Not supported project '${id}': Hyperparameter optimization not supported by backend`;
  await expect(project('good')).rejects.toMatchObject({ code: 'not-supported', message: message('good') });
  await expect(project('f')).rejects.toMatchObject({ code: 'not-supported', message: message('f') });
  const none = registry.project('e').hyperopt(corpusOf(0, 'z'), SEARCH);
  await expect(none).rejects.toMatchObject({ code: 'corpus-empty' });
  const stopped = registry
    .project('e')
    .hyperopt(corpusOf(50, 'z'), { ...SEARCH, signal: AbortSignal.abort(new Error('enough')) });
  await expect(stopped).rejects.toThrow('enough');
  writeFileSync(join(folder, 'data/projects/bad/manifest.json'), '{');
  const damaged = (await open()).project('e').hyperopt(corpusOf(10, 'z'), SEARCH);
  await expect(damaged).rejects.toMatchObject({ code: 'model-damaged' });
});

test('optimize measures what eval does under each limit and threshold', async () => {
  const registry = await trained();
  const { nDocs, points, best } = await registry.project('e').optimize(corpusOf(50, 'z'), { nJobs: 1 });
  expect(nDocs).toBe(50);
  const point = points.find(({ limit, threshold }) => limit === 3 && threshold === 0);
  const { metrics } = await registry.project('e').evaluate(corpusOf(50, 'z'), { limit: 3, threshold: 0, nJobs: 1 });
  expect(point?.f1).toBeCloseTo(metrics.get('F1 score (doc avg)') ?? -1, 12);
  expect(best.map(({ metric }) => metric.split(' ')[0])).toEqual(['Precision', 'Recall', 'F1']);
  await expect(registry.project('e').optimize(corpusOf(0, 'z'), { nJobs: 1 })).rejects.toMatchObject({
    code: 'corpus-empty',
  });
});
