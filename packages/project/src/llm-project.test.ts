import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Corpus, Document, SuggestionBatch } from '@catchword/core';
import { type LlmRequest, type LlmScript, LlmServer, numberedLines } from '@catchword/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Registry } from './registry.js';

const KEYWORD = fileURLToPath(new URL('../testdata/keyword-backend.mjs', import.meta.url));
const N_SUBJECTS = 12;
const CONCEPTS = `@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix ex: <http://example.org/> .
${Array.from({ length: N_SUBJECTS }, (_, id) => `ex:s${id} a skos:Concept ; skos:prefLabel "subject ${id}"@en .`).join('\n')}
`;

let folder: string;
let server: LlmServer;
let warnings: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-llm-'));
  server = await LlmServer.start(rightAbout);
  warnings = [];
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(more = ''): Promise<Registry> {
  const sections = `[DEFAULT]
language=en
analyzer=simple
vocab=v
[a]
backend=keyword
[b]
backend=keyword
transform=limit(30)
[reader]
backend=llm
sources=a
endpoint=${server.url}
model=small
concurrency=3
retries=0
${more}
[f]
backend=fusion
sources=a,b,reader
trees=10
`;
  writeFileSync(join(folder, 'projects.cfg'), sections);
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

function documents(nDocs: number, first = 0): Document[] {
  return Array.from({ length: nDocs }, (_, k) => {
    const i = first + k;
    const id = (i * 7) % N_SUBJECTS;
    return { text: `${word(id)} in document n${i} and in passing ${word((i * 5 + 1) % N_SUBJECTS)}`, subjects: [id] };
  });
}

function corpusOf(nDocs: number, first = 0): Corpus {
  return {
    name: `documents from ${first}`,
    async *documents() {
      yield* documents(nDocs, first);
    },
  };
}

/** A model that knows that the first word names the subject. */
function rightAbout({ body }: LlmRequest): ReturnType<LlmScript> {
  const prompt = body.messages?.at(-1)?.content ?? '';
  const named = /=== TEXT \w+ ===\nabout(\w) /.exec(prompt)?.[1];
  const grades = numberedLines(prompt.slice(prompt.lastIndexOf('Candidates:'))).map(({ n, line }) => {
    return [n, line.startsWith(`subject ${(named ?? '?').charCodeAt(0) - 97}`) ? 3 : 0];
  });
  return { kind: 'text', text: JSON.stringify(Object.fromEntries(grades)), delayMs: 5 };
}

async function suggestAll(registry: Registry, nJobs: number): Promise<SuggestionBatch[]> {
  async function* stream() {
    yield* documents(150, 200);
  }
  const batches: SuggestionBatch[] = [];
  const options = { limit: 5, threshold: 0, nJobs, threadsAfterMs: 0 };
  for await (const { suggestions } of registry.project('reader').suggestStream(stream(), options))
    batches.push(suggestions);
  return batches;
}

test('a model is shown what concepts mean, in every thread, in training and in a fusion', async () => {
  const registry = await open();
  const meant = CONCEPTS.replaceAll('"@en .', '"@en ; skos:definition "Meant."@en .');
  writeFileSync(join(folder, 'v.ttl'), meant);
  await registry.vocabularyStore.update('v', join(folder, 'v.ttl'), {});
  const shown = () => {
    const prompts = server.requests.map(({ body }) => body.messages?.at(-1)?.content ?? '');
    server.requests.length = 0;
    return prompts.filter((prompt) => /\. subject \d+ \[Meant\.\]$/m.test(prompt)).length;
  };
  await registry.project('a').train(corpusOf(60));
  await registry.project('b').train(corpusOf(60));
  await suggestAll(registry, 2);
  expect(shown()).toBe(150);
  await registry.project('reader').train(corpusOf(100, 500));
  expect(shown()).toBe(100);
  await registry.project('f').train(corpusOf(60, 700));
  expect(shown()).toBeGreaterThan(59);
});

const rowsOf = (batches: readonly SuggestionBatch[]) =>
  batches.flatMap((batch) => Array.from({ length: batch.nDocs }, (_, i) => batch.row(i)));

test('threads share the limits of a model, its answers and its costs', async () => {
  let registry = await open();
  await registry.project('a').train(corpusOf(60));
  expect(registry.project('reader').isTrained()).toBe(true);
  const three = rowsOf(await suggestAll(registry, 3));
  expect(server.requests).toHaveLength(150);
  expect(server.mostUnderWay).toBeLessThanOrEqual(3);
  expect(server.mostUnderWay).toBeGreaterThan(1);
  expect(registry.project('reader').usage).toMatchObject({ calls: 150, cached: 0 });
  await registry.project('reader').close();
  // Another process finds the answers, and what is kept of them tells nothing of the texts.
  registry = await open();
  expect(rowsOf(await suggestAll(registry, 1))).toEqual(three);
  expect(server.requests).toHaveLength(150);
  expect(registry.project('reader').usage).toMatchObject({ calls: 0, cached: 150 });
  const answers = join(folder, 'data/projects/reader/answers');
  const files = readdirSync(answers).flatMap((part) =>
    readdirSync(join(answers, part)).map((name) => join(answers, part, name)),
  );
  expect(files).toHaveLength(150);
  expect(files.map((file) => readFileSync(file, 'utf8')).join()).not.toContain('about');
  expect(await registry.project('reader').clear()).toBe(true);
  expect(warnings).toEqual([]);
});

test('what may be sent altogether holds for all threads', async () => {
  const registry = await open('total_calls=20');
  await registry.project('a').train(corpusOf(60));
  await suggestAll(registry, 3);
  expect(server.requests).toHaveLength(20);
  expect(warnings.some((warning) => warning.includes('20 requests'))).toBe(true);
});

test('a model that fails leaves the suggestions of the source, and is told of once', async () => {
  server.script = () => ({ kind: 'status', status: 401, body: '{"error":{"message":"no key"}}' });
  const registry = await open();
  await registry.project('a').train(corpusOf(60));
  const docs = documents(40, 200);
  const options = { limit: 5, threshold: 0 };
  const [base, read] = [
    await registry.project('a').suggest(docs, options),
    await registry.project('reader').suggest(docs, options),
  ];
  await registry.project('reader').suggest(docs, options);
  expect(rowsOf([read])).toEqual(rowsOf([base]));
  expect(warnings.filter((warning) => warning.includes('no key'))).toHaveLength(1);
  expect(server.requests.length).toBeLessThan(20); // then it is left alone
});

test('what a model is worth is learnt from documents that the sources have not learnt', async () => {
  const registry = await open();
  await registry.project('a').train(corpusOf(60));
  const report = await registry.project('reader').train(corpusOf(50, 100), { nJobs: 1 });
  expect(report).toMatchObject({
    backend: 'llm',
    nDocuments: 50,
    details: { documents: 50, share: expect.any(Number) },
  });
  expect((await registry.project('reader').modelRecord())?.model).toMatchObject({ mode: 'grades', model: 'small' });
  const [first] = rowsOf([
    await registry.project('reader').suggest([{ text: `${word(3)} and ${word(4)}` }], { limit: 2, threshold: 0 }),
  ]);
  expect(first?.[0]?.subjectId).toBe(3);
  expect(await registry.project('reader').clear()).toBe(true);
  expect(registry.project('reader').isTrained()).toBe(true);
});

test('a fusion learns from grades, also out of fold', async () => {
  const registry = await open();
  const report = await registry.project('f').train(corpusOf(120), { nJobs: 1, outOfFold: 3 });
  expect(report.backend).toBe('fusion');
  const [row] = rowsOf([
    await registry.project('f').suggest([{ text: `${word(5)} once more` }], { limit: 3, threshold: 0 }),
  ]);
  expect(row?.[0]?.subjectId).toBe(5);
  const { explanations } = await registry.project('f').explain({ text: `${word(5)} once more` }, [5]);
  expect(explanations[0]?.sources?.map(({ projectId }) => projectId)).toEqual(['a', 'b', 'reader']);
  expect(registry.project('f').usage?.calls).toBeGreaterThan(0);
  expect(warnings).toEqual([]);
});

test('Annif’s llm_ensemble is read', async () => {
  const registry = await open(`[annif]
backend=llm_ensemble
sources=a
api_base_url=${server.url}
model=small
sources_limit=4
llm_weight=0.2
llm_exponent=8
max_prompt_tokens=2000
encoding=cl100k_base
`);
  await registry.project('a').train(corpusOf(60));
  server.script = ({ body }) => {
    const lines = numberedLines((body.messages?.at(-1)?.content ?? '').split('Candidates:').at(-1) ?? '');
    return { kind: 'text', text: JSON.stringify(Object.fromEntries(lines.map(({ n }) => [n, 50]))) };
  };
  const [doc] = documents(1, 300);
  const options = { limit: 5, threshold: 0 };
  const base = await registry.project('a').suggest([doc as Document], { ...options, limit: 100 });
  const batch = await registry.project('annif').suggest([doc as Document], options);
  const fused = base.row(0).map(({ subjectId, score }, i) => {
    return { subjectId, score: i < 4 ? Math.fround(0.8 * score + 0.2 * 0.5 ** 8) : score };
  });
  expect(batch.row(0)).toEqual(fused.sort((a, b) => b.score - a.score || a.subjectId - b.subjectId).slice(0, 5));
  expect(warnings).toEqual([]);
});
