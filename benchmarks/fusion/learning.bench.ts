// What does learning cost an item and a start, and do suggestions and probabilities get better by it?
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from '@catchword/core';
import { openCorpus } from '@catchword/corpus';
import { type Project, Registry } from '@catchword/project';
import { VOCABULARIES } from '../harness/data-sets.js';
import { cacheFolder, dataFile } from '../harness/places.js';
import { round } from '../harness/result-lines.js';
import { SPLIT_SETS } from '../harness/split-sets.js';
import { runVariants, Skipped, timed } from '../harness/variants.js';

const SET = 'tibkat-gnd-de';
/** Of the training documents so many are not trained on, but learnt afterwards. */
const N_LEARNT = 10_000;
/** Of these so many one at a time, each a call that waits for the disk. */
const N_SINGLE = 200;
const N_TEST = 1000;
const N_LEXICAL = 2000;

const PROJECTS = `defaults: { language: de, vocab: gnd, analyzer: snowball(german), allow_learn: true }
projects:
  near: { backend: knn, min_df: 2 }
  lexical: { backend: mllm }
  both: { backend: fusion, sources: "near,lexical" }
`;

const trainedFolder = cacheFolder('learning');

function open(folder: string): Promise<Registry> {
  return Registry.open({ projects: join(folder, 'projects.yaml'), dataDir: join(folder, 'data'), env: {} });
}

async function corpusOf(project: Project, file: string, isWanted: (n: number) => boolean) {
  const { vocabulary, language } = await project.vocabulary();
  const path = dataFile(file);
  if (!path) throw new Skipped(`${file} is not there`);
  const corpus = openCorpus([path], { subjects: vocabulary, language, requireSubjects: true });
  return {
    name: file,
    async *documents(): AsyncGenerator<Document> {
      let n = 0;
      for await (const doc of corpus.documents()) if (isWanted(n++)) yield doc;
    },
  };
}

const files = () => SPLIT_SETS.find(({ name }) => name === SET) as (typeof SPLIT_SETS)[number];

async function prepare(): Promise<void> {
  writeFileSync(join(trainedFolder, 'projects.yaml'), PROJECTS);
  const vocabulary = dataFile(VOCABULARIES.gnd as string);
  if (!vocabulary) return;
  const registry = await open(trainedFolder);
  if (!registry.vocabularyStore.exists('gnd')) await registry.vocabularyStore.update('gnd', vocabulary);
  const train = async (id: string, file: string, isWanted: (n: number) => boolean) => {
    const project = registry.project(id);
    if (!project.isTrained()) await project.train(await corpusOf(project, file, isWanted));
  };
  const { train: training, validate } = files();
  await train('near', training, (n) => n >= N_LEARNT);
  await train('lexical', training, (n) => n >= N_LEARNT && n < N_LEARNT + N_LEXICAL);
  await train('both', validate, () => true);
}

/** @returns the milliseconds of processor time that the work took, whatever else the machine did */
async function busy<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly cpuMs: number }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, cpuMs: (user + system) / 1000 };
}

async function learning(id: string) {
  if (!existsSync(join(trainedFolder, 'data/projects', id))) throw new Skipped(`${SET} is not there`);
  const folder = cacheFolder('work', `learning-${process.pid}`);
  try {
    cpSync(trainedFolder, folder, { recursive: true });
    return await figuresOf(folder, id);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figuresOf(folder: string, id: string) {
  const opening = async () => {
    const project = (await open(folder)).project(id);
    await project.vocabulary();
    const { cpuMs } = await busy(() => project.opened());
    return { project, cpuMs: round(cpuMs, 0) };
  };
  const { project, cpuMs: openCpuMs } = await opening();
  const { train, tests } = files();
  const test = await corpusOf(project, (tests[0] as { file: string }).file, (n) => n < N_TEST);
  const quality = (each: Project) => each.evaluate(test, { limit: 10, threshold: 0, nJobs: 2 });
  const before = await quality(project);
  const single = await corpusOf(project, train, (n) => n < N_SINGLE);
  const times: number[] = [];
  for await (const doc of single.documents()) {
    const one = {
      name: '',
      documents: async function* () {
        yield doc;
      },
    };
    times.push((await timed(() => project.learning.learn(one))).seconds * 1000);
  }
  const rest = await corpusOf(project, train, (n) => n >= N_SINGLE && n < N_LEARNT);
  const bulk = await busy(() => project.learning.learn(rest));
  const after = await quality(project);
  await project.close();
  const folded = await opening();
  await folded.project.close();
  rmSync(join(folder, 'data/projects', id, 'learnt'), { recursive: true });
  const unfolded = await opening();
  await unfolded.project.close();
  const median = times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
  const p95 = times[Math.floor(times.length * 0.95)] ?? Number.NaN;
  return {
    itemMs: round(median, 2),
    itemMsP95: round(p95, 2),
    bulkCpuMs: round(bulk.cpuMs / bulk.result.nDocuments, 3),
    openCpuMs,
    openFoldedCpuMs: folded.cpuMs,
    openUnfoldedCpuMs: unfolded.cpuMs,
    ndcgAt10Before: before.further.ndcgAt10 as number,
    ndcgAt10After: after.further.ndcgAt10 as number,
    calibrationErrorBefore: before.further.calibration?.error ?? Number.NaN,
    calibrationErrorAfter: after.further.calibration?.error ?? Number.NaN,
  };
}

await runVariants(import.meta.url, { near: () => learning('near'), both: () => learning('both') }, prepare);
