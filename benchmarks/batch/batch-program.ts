import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VOCABULARIES } from '../harness/data-sets.js';
import { cacheFolder, dataFile, ROOT } from '../harness/places.js';
import { runProgram } from '../harness/run-program.js';

/** The fastest project, on the titles of yso-finna. */
export const PROJECT = 'titles';

const PROJECTS = `projects:
  ${PROJECT}: { language: en, vocab: yso, backend: tfidf, analyzer: snowball(english) }
`;

const PROGRAM = join(ROOT, 'packages/cli/bin/catchword.js');
const folder = cacheFolder('batch');

/** The command line of the program with the projects of these benchmarks. */
export function batchCommand(...words: readonly string[]): readonly [string, readonly string[]] {
  const common = ['--projects', join(folder, 'projects.yaml'), '--data-dir', join(folder, 'data')];
  return [process.execPath, [PROGRAM, ...words, ...common]];
}

/** Loads the vocabulary and trains the project, once. @returns false where the collection is not there */
export async function prepareProject(): Promise<boolean> {
  const vocabulary = dataFile(VOCABULARIES.yso as string);
  const train = dataFile('yso-finna/train.en.tsv.gz');
  if (!vocabulary || !train) return false;
  writeFileSync(join(folder, 'projects.yaml'), PROJECTS);
  if (existsSync(join(folder, 'data/projects', PROJECT, 'manifest.json'))) return true;
  for (const words of [
    ['load-vocab', 'yso', vocabulary],
    ['train', PROJECT, train],
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
