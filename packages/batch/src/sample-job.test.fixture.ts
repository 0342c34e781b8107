import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, OperationError, SuggestionBatch } from '@catchword/core';
import { jsonlFormat, openCorpus } from '@catchword/corpus';
import { readLines } from '@catchword/input';
import { emptyMarcWriteReport } from '@catchword/marc';
import { LabelledSubjects, type Project, Registry, type SuggestedBatch } from '@catchword/project';
import { type FileSystem, nodeFileSystem } from '@catchword/storage';
import { whyNoSqlite } from '@catchword/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { expectedDocuments } from './expected-documents.js';
import { inputFiles, readBy } from './input-files.js';
import type { Job, JobPlan, UnitPlan } from './job.js';
import { projectState } from './job-model.js';
import { JobStore } from './job-store.js';
import { type RunJobOptions, runJob } from './run-job.js';

const NO_SQLITE = await whyNoSqlite();
if (NO_SQLITE !== undefined) console.warn(`${NO_SQLITE}: the tests of jobs are skipped`);

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A data folder with a small trained project, and what tests of jobs need of it. */
export interface SampleProject {
  readonly folder: string;
  readonly project: Project;
  /** Learns from the first documents of the sample, so that the model is another one. */
  train(nDocuments: number): Promise<void>;
  remove(): void;
}

export async function sampleProject(): Promise<SampleProject> {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-batch-'));
  const projects = join(folder, 'projects.yaml');
  writeFileSync(
    projects,
    'projects:\n  t: { language: en, vocab: sample, backend: tfidf, analyzer: snowball(english) }\n',
  );
  const registry = await Registry.open({ projects, dataDir: join(folder, 'data'), env: {} });
  await registry.vocabularyStore.update('sample', join(ROOT, 'vocabularies/sample/sample.ttl'));
  const project = registry.project('t');
  const train = async (docsLimit: number): Promise<void> => {
    const { vocabulary } = await project.vocabulary();
    const corpus = openCorpus([join(ROOT, 'corpora/sample/train.tsv')], {
      subjects: vocabulary,
      language: 'en',
      docsLimit,
    });
    await project.train(corpus, { nJobs: 1 });
  };
  await train(200);
  return { folder, project, train, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Texts of the sample, again and again, each with a number. */
export function sampleTexts(n: number): string[] {
  const lines = readFileSync(join(ROOT, 'corpora/sample/test.tsv'), 'utf8').trimEnd().split('\n');
  return Array.from({ length: n }, (_, i) =>
    `n${i} ${(lines[i % lines.length] as string).split('\t')[0]?.slice(0, 80)}`.trim(),
  );
}

/** The plan of one unit. */
export function planOf(unit: UnitPlan, further: Partial<JobPlan> = {}): JobPlan {
  return {
    ...{ projectId: 't', units: [unit], limit: 5, threshold: 0, language: 'en', suffix: '.annif', format: 'jsonl' },
    ...{ gzip: false, includeDocument: true, backendParams: [] },
    ...further,
  };
}

export async function begin(store: JobStore, project: Project, plan: JobPlan, force = false): Promise<Job> {
  const inputs = [];
  for (const unit of plan.units) {
    const files = await inputFiles(readBy(plan, unit), process.cwd());
    inputs.push({ files, expected: await expectedDocuments(unit.paths), isKept: false });
  }
  return store.begin({ plan, cwd: process.cwd(), force, inputs, ...(await projectState(project)) });
}

export async function runOptions(
  store: JobStore,
  project: Project,
  further: Partial<RunJobOptions> = {},
): Promise<RunJobOptions> {
  const { vocabulary } = await project.vocabulary();
  const subjects = new LabelledSubjects(vocabulary);
  return {
    ...{ store, project, subjects, nJobs: 1, noteAfterMs: 0, fs: unsynced },
    format: jsonlFormat({ subjects, language: 'en' }),
    records: linesOfResults,
    open: (path, hooks) =>
      openCorpus([path], { subjects: vocabulary, language: 'en', requireSubjects: false, ...hooks }),
    ...further,
  };
}

/** In place of records: for each line of the input the line, with what its results are. */
const linesOfResults: NonNullable<RunJobOptions['records']> = ({ plan }, results) => {
  const report = emptyMarcWriteReport();
  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    const found = new Map<number, string>();
    for await (const { lines } of readLines(results)) {
      for (const line of lines) found.set(JSON.parse(line).document, line);
    }
    for (const text of readFileSync(plan.paths[0] as string, 'utf8')
      .trimEnd()
      .split('\n')) {
      report.nRecords++;
      yield Buffer.from(`${text}: ${found.get(report.nRecords) ?? 'nothing'}\n`);
    }
  }
  return { bytes: bytes(), report };
};

/** Suggests, and fails for documents whose text has the word. */
export function failingAt(project: Project, word: string): NonNullable<RunJobOptions['suggest']> {
  return async function* (_, documents: AsyncIterable<Document>): AsyncGenerator<SuggestedBatch> {
    for await (const batch of project.suggestStream(documents, { limit: 5, threshold: 0, nJobs: 1 })) {
      const { nSubjects } = batch.suggestions;
      const rows = batch.docs.map((doc, i) => (doc.text.includes(word) ? [] : batch.suggestions.row(i)));
      const failures = batch.docs.flatMap((doc, row) =>
        doc.text.includes(word) ? [{ row, error: new OperationError('timed-out', `no answer for ${doc.text}`) }] : [],
      );
      const indptr = [0];
      for (const row of rows) indptr.push((indptr.at(-1) as number) + row.length);
      const all = rows.flat();
      const suggestions = new SuggestionBatch(
        nSubjects,
        Uint32Array.from(indptr),
        Uint32Array.from(all, ({ subjectId }) => subjectId),
        Float32Array.from(all, ({ score }) => score),
      );
      yield { docs: batch.docs, suggestions, failures };
    }
  };
}

/** Suggests for so many batches, then the process seems to end. */
export function endingAfter(project: Project, nBatches: number): NonNullable<RunJobOptions['suggest']> {
  return async function* (_, documents: AsyncIterable<Document>): AsyncGenerator<SuggestedBatch> {
    let n = 0;
    for await (const batch of project.suggestStream(documents, { limit: 5, threshold: 0, nJobs: 1 })) {
      if (n++ === nBatches) throw new Error('ended');
      yield batch;
    }
  };
}

/** Tests of jobs: a project and a store for all of them, and a folder for each. Called at the top of a test file. */
export function jobCases() {
  let sample: SampleProject | undefined;
  let store: JobStore | undefined;
  let nFolders = 0;
  let dir = '';
  const made = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('it is made before the first test');
    return value;
  };
  const path = (name: string) => join(dir, name);
  beforeAll(async () => {
    if (NO_SQLITE !== undefined) return;
    sample = await sampleProject();
    store = await JobStore.open(join(sample.folder, 'data'));
  });
  afterAll(() => {
    store?.close();
    sample?.remove();
  });
  beforeEach((context) => {
    context.skip(NO_SQLITE !== undefined, NO_SQLITE);
    dir = join(made(sample).folder, `case-${nFolders++}`);
    mkdirSync(dir);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  return {
    get project() {
      return made(sample).project;
    },
    /** Has the configuration and the data folder. */
    get folder() {
      return made(sample).folder;
    },
    get store() {
      return made(store);
    },
    train: (nDocuments: number) => made(sample).train(nDocuments),
    path,
    names: () => readdirSync(dir).sort(),
    read: (name: string) => readFileSync(path(name)),
    /** A file of N_TEXTS texts whose results go to another. */
    filePlan(further: Partial<JobPlan> = {}): JobPlan {
      const texts = sampleTexts(N_TEXTS).map((text) => `${text}\n`);
      writeFileSync(path('in.tsv'), texts.join(''));
      return planOf({ kind: 'file', paths: [path('in.tsv')], outputs: [path('out.jsonl')] }, further);
    },
    /** @returns what an undisturbed run writes */
    async undisturbed(plan: JobPlan): Promise<Buffer[]> {
      const outputs = plan.units.flatMap((unit) => unit.outputs);
      const units = plan.units.map((unit) => ({ ...unit, outputs: unit.outputs.map((output) => `${output}.ref`) }));
      const job = await begin(made(store), made(sample).project, { ...plan, units });
      await runJob(job.id, await runOptions(made(store), made(sample).project));
      const contents = outputs.map((output) => readFileSync(`${output}.ref`));
      for (const output of outputs) rmSync(`${output}.ref`);
      return contents;
    },
  };
}

/** Does not wait for the disk, which takes most of the time. */
export const unsynced: FileSystem = {
  ...nodeFileSystem,
  open: async (name, flags) => ({ ...(await nodeFileSystem.open(name, flags)), sync: async () => undefined }),
};

/** Texts of a `filePlan`. */
export const N_TEXTS = 150;
