import { existsSync } from 'node:fs';
import { documentLines, unpackedVocabulary } from '../harness/document-files.js';
import { type Annif, Catchword, type IndexingProgram } from '../harness/indexing-program.js';
import { cacheFolder, dataFile } from '../harness/places.js';

export const BENCHMARK = 'serving';

/** Projects that both programs serve, as `projects.cfg`. */
export const CONFIGURATION = `[DEFAULT]
language=fi
vocab=yso
analyzer=snowball(finnish)
limit=100

[mllm]
name=mllm
backend=mllm

[bonsai]
name=bonsai
backend=omikuji
cluster_balanced=False
cluster_k=100
max_depth=3
ngram=2
min_df=1

[ensemble]
name=ensemble
backend=ensemble
sources=mllm,bonsai
`;

export const PROJECTS = ['mllm', 'bonsai', 'ensemble'] as const;

/** Catchword's own fusion besides. */
export const FUSION_CONFIGURATION = `${CONFIGURATION}
[knn]
name=knn
backend=knn
char_ngram=0

[fusion]
name=fusion
backend=fusion
sources=mllm,bonsai,knn
`;

/** @throws {Error} if the collection is not there */
export function trainFile(): string {
  return fileOf('train');
}

function fileOf(part: 'train' | 'validate'): string {
  const file = dataFile(`kirjastonhoitaja/${part}.tsv.gz`);
  if (file === undefined) throw new Error('the collection kirjastonhoitaja is not there');
  return file;
}

/** @returns the texts that are sent; undefined where the collection is not there */
export function testTexts(): string[] | undefined {
  const file = dataFile('kirjastonhoitaja/test.tsv.gz');
  return file === undefined ? undefined : documentLines(file).map((line) => line.split('\t', 1)[0] ?? '');
}

/** Loads the vocabulary and trains what is not trained yet; models are kept in the benchmark's cache. */
export async function prepare(program: Catchword | Annif, projects: readonly string[]): Promise<void> {
  const vocabulary = dataFile('yso-finna/yso.ttl.gz');
  if (vocabulary === undefined) throw new Error('the vocabulary YSO is not there');
  const missing = projects.filter((project) => !isTrained(program, project));
  if (missing.length === 0) return;
  await program.loadVocabulary('yso', await unpackedVocabulary(vocabulary), false);
  for (const project of missing) {
    console.error(`${program.name}: training ${project}`);
    await program.train(project, fileOf(project === 'fusion' ? 'validate' : 'train'));
  }
}

function isTrained(program: IndexingProgram, project: string): boolean {
  const data = cacheFolder('work', BENCHMARK, `${program.name}-data`);
  return existsSync(`${data}/projects/${project}`) && program.modelBytes(project) > 0;
}

export function catchword(): Catchword {
  return new Catchword(BENCHMARK, FUSION_CONFIGURATION);
}
