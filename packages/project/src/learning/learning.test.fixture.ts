import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Corpus, Document } from '@catchword/core';
import { Random } from '@catchword/math';
import { Registry } from '../registry.js';

/** Subjects of the small world; no training record has the last one. */
export const N_SUBJECTS = 24;
export const UNTRAINED = N_SUBJECTS - 1;
export const ALL = { limit: 10, threshold: 0 };
const KEYWORD = fileURLToPath(new URL('../../testdata/keyword-backend.mjs', import.meta.url));

const PROJECTS = `[DEFAULT]
language=en
analyzer=simple
vocab=world
allow_learn=true
[near]
backend=knn
k=5
exponent=2
idf_exponent=1
[closed]
backend=knn
allow_learn=false
[words]
backend=keyword
[mean]
backend=ensemble
sources=near:2,words:1
[both]
backend=fusion
sources=near,words
model=mean
`;

export const uriOf = (id: number) => `http://example.org/s${id}`;

/** A word that documents of a subject have. */
export function wordOf(id: number, n: number): string {
  const letters = (x: number) => String.fromCharCode(97 + (x % 26), 97 + (Math.floor(x / 26) % 26));
  return `w${letters(id)}x${letters(n)}`;
}

/** Documents of one or two subjects each, which their words tell. */
export function worldDocuments(nDocs: number, seed: number, nSubjects = UNTRAINED): Document[] {
  const random = new Random(seed);
  return Array.from({ length: nDocs }, (_, i) => {
    const subjects = [...new Set([random.below(nSubjects), random.below(nSubjects)])];
    const words = subjects.flatMap((id) => Array.from({ length: 6 }, () => wordOf(id, random.below(20))));
    return { text: [...words, wordOf(600, i), wordOf(500 + seed, i)].join(' '), subjects, documentId: `${seed}-${i}` };
  });
}

export const corpusOf = (docs: readonly Document[]): Corpus => ({
  name: 'test',
  async *documents() {
    yield* docs;
  },
});

/** Opens the projects in a folder, as another process would. */
export function openWorld(folder: string, onWarning: (message: string) => void = () => undefined): Promise<Registry> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'projects.cfg'), PROJECTS);
  return Registry.open({
    projects: join(folder, 'projects.cfg'),
    dataDir: join(folder, 'data'),
    env: {},
    backendModules: { keyword: KEYWORD },
    onWarning,
  });
}

/** Loads the vocabulary and trains the projects, an ensemble after its sources. */
export async function trainWorld(folder: string, ids: readonly string[]): Promise<Registry> {
  const registry = await openWorld(folder);
  const concepts = Array.from(
    { length: N_SUBJECTS },
    (_, id) => `ex:s${id} a skos:Concept ; skos:prefLabel "subject ${id}"@en .\n`,
  );
  const prefixes = '@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .\n';
  writeFileSync(join(folder, 'world.ttl'), prefixes + concepts.join(''));
  await registry.vocabularyStore.update('world', join(folder, 'world.ttl'));
  for (const id of ids) {
    const docs = registry.project(id).config.sources.length > 0 ? worldDocuments(40, 2) : worldDocuments(200, 1);
    await registry.project(id).train(corpusOf(docs), { nJobs: 1 });
  }
  return registry;
}
