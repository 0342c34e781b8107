import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VOCABULARIES } from '../harness/data-sets.js';
import { cacheFolder, dataFile, ROOT } from '../harness/places.js';
import { runProgram } from '../harness/run-program.js';

/** What is indexed, and by which project. */
export interface BatchCase {
  readonly project: string;
  readonly vocabulary: string;
  /** Below the data folder. */
  readonly train: string;
  /** What the project itself is trained on where it has sources. */
  readonly validate?: string;
  /** Trained before it, on `train`; with the options. */
  readonly sources: readonly (readonly string[])[];
}

/** Titles by the fastest project, and abstracts by one with three sources. */
export const BATCH_CASES = {
  titles: { project: 'titles', vocabulary: 'yso', train: 'yso-finna/train.en.tsv.gz', sources: [] },
  abstracts: {
    project: 'abstracts',
    vocabulary: 'gnd',
    train: 'tibkat-gnd/train.de.tsv.gz',
    validate: 'tibkat-gnd/validate.de.tsv.gz',
    sources: [['labels', '--docs-limit', '2000'], ['trees'], ['near']],
  },
} satisfies Readonly<Record<string, BatchCase>>;

/** The fastest project, on the titles of yso-finna. */
export const PROJECT = BATCH_CASES.titles.project;

const PROJECTS = `projects:
  titles: { language: en, vocab: yso, backend: tfidf, analyzer: snowball(english) }
  labels: { language: de, vocab: gnd, backend: mllm, analyzer: snowball(german) }
  trees: { language: de, vocab: gnd, backend: label-tree, trees: 1, char_ngram: 0, analyzer: snowball(german) }
  near: { language: de, vocab: gnd, backend: knn, char_ngram: 0, analyzer: snowball(german) }
  abstracts: { language: de, vocab: gnd, backend: fusion, sources: [labels, trees, near] }
`;

const PROGRAM = join(ROOT, 'packages/cli/bin/catchword.js');
const folder = cacheFolder('batch');

/** The command line of the program with the projects of these benchmarks. */
export function batchCommand(...words: readonly string[]): readonly [string, readonly string[]] {
  const common = ['--projects', join(folder, 'projects.yaml'), '--data-dir', join(folder, 'data')];
  return [process.execPath, [PROGRAM, ...words, ...common]];
}

/** Loads the vocabulary and trains the project, once. @returns false where the collection is not there */
export async function prepareProject(batch: BatchCase = BATCH_CASES.titles): Promise<boolean> {
  const vocabulary = dataFile(VOCABULARIES[batch.vocabulary] as string);
  const train = dataFile(batch.train);
  const validate = batch.validate === undefined ? train : dataFile(batch.validate);
  if (!vocabulary || !train || !validate) return false;
  writeFileSync(join(folder, 'projects.yaml'), PROJECTS);
  const { project, sources } = batch;
  if (existsSync(join(folder, 'data/projects', project, 'manifest.json'))) return true;
  for (const words of [
    ['load-vocab', batch.vocabulary, vocabulary],
    ...sources.map(([source = '', ...options]) => ['train', source, train, ...options]),
    ['train', project, validate],
  ]) {
    await runProgram(...batchCommand(...words));
  }
  return true;
}

/** Forgets all jobs. */
export function forgetJobs(): void {
  rmSync(join(folder, 'data/jobs'), { recursive: true, force: true });
}

/** @returns a path for results, where nothing is */
export function freshOutput(name: string): string {
  const path = join(cacheFolder('work', 'batch'), name);
  rmSync(path, { force: true });
  return path;
}
