import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Corpus } from '@catchword/core';
import { Registry } from '@catchword/project';
import { type CatchwordServer, createServer } from './create-server.js';
import type { ServerOptions } from './server-options.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const SAMPLE_VOCABULARY = join(ROOT, 'vocabularies/sample/sample.ttl');

const PROJECTS = `defaults:
  { language: en, vocab: sample, backend: mllm, analyzer: snowball(english), trees: 5 }
projects:
  sample-en: { name: "Sample, English" }
  hidden-en: { access: hidden, allow_learn: true }
  private-en: { access: private }
  few-en: { access: hidden, limit: 2 }
  untrained-en: { name: Not trained }
  no-vocabulary: { vocab: absent }
  near-en: { access: hidden, backend: knn, k: 5, allow_learn: true }
  near-both-en: { access: hidden, backend: ensemble, sources: "near-en:2,sample-en", allow_learn: true }
  both-en: { access: hidden, backend: ensemble, sources: "sample-en,private-en" }
  fused-en: { access: hidden, backend: fusion, model: mean, sources: "near-en,sample-en" }
`;

/** The first documents of the sample, to train on. */
export function sampleCorpus(registry: Registry, nDocuments: number): Promise<Corpus> {
  const lines = readFileSync(join(ROOT, 'corpora/sample/train.tsv'), 'utf8').trimEnd().split('\n').slice(0, nDocuments);
  return registry.vocabularyStore.open('sample').then(({ vocabulary }) => ({
    name: 'the sample',
    async *documents() {
      for (const line of lines) {
        const [text = '', uris = ''] = line.split('\t');
        const subjects = uris.split(' ').map((uri) => vocabulary.idOfUri(uri.replace(/[<>]/g, '')));
        yield { text, subjects: subjects.filter((id) => id >= 0) };
      }
    },
  }));
}

export function openRegistry(folder: string): Promise<Registry> {
  return Registry.open({
    projects: join(folder, 'projects.yaml'),
    dataDir: join(folder, 'data'),
    env: {},
    shareModels: true,
  });
}

let trained: Promise<string> | undefined;

async function trainedFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-server-trained-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'projects.yaml'), PROJECTS);
  const registry = await openRegistry(folder);
  await registry.vocabularyStore.update('sample', SAMPLE_VOCABULARY);
  await registry.project('sample-en').train(await sampleCorpus(registry, 120), { nJobs: 1 });
  await registry.project('near-en').train(await sampleCorpus(registry, 120), { nJobs: 1 });
  for (const id of ['hidden-en', 'private-en', 'few-en']) {
    cpSync(join(folder, 'data/projects/sample-en'), join(folder, 'data/projects', id), { recursive: true });
  }
  return folder;
}

/** A server over a copy of the sample with trained projects. */
export interface SampleServer extends CatchwordServer {
  readonly folder: string;
  readonly registry: Registry;
  /** Log lines so far, parsed. */
  readonly logged: Record<string, unknown>[];
  remove(): Promise<void>;
}

export async function sampleServer(options: Partial<ServerOptions> = {}): Promise<SampleServer> {
  trained ??= trainedFolder();
  const folder = mkdtempSync(join(tmpdir(), 'catchword-server-'));
  cpSync(await trained, folder, { recursive: true });
  const registry = await openRegistry(folder);
  const logged: Record<string, unknown>[] = [];
  const log = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const server = await createServer(registry, { watchIntervalMs: 0, log, ...options });
  return {
    ...server,
    folder,
    registry,
    logged,
    async remove() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a form as sloppy clients do: the body as it stands. */
export function form(payload: string) {
  return { method: 'POST' as const, payload, headers: { 'content-type': 'application/x-www-form-urlencoded' } };
}

export function json(payload: unknown, headers: Record<string, string> = {}) {
  return {
    method: 'POST' as const,
    payload: JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...headers },
  };
}
