import { join } from 'node:path';
import type { Document } from '@catchword/core';
import { jsonlFormat, openCorpus } from '@catchword/corpus';
import { LabelledSubjects, Registry } from '@catchword/project';
import { JobStore } from './job-store.js';
import { runJob } from './run-job.js';

/** A process that works a job of the sample and dies when it comes to documents with one of the words. */
const [folder = '', jobId = '', ...words] = process.argv.slice(2);
const dataDir = join(folder, 'data');
const registry = await Registry.open({ projects: join(folder, 'projects.yaml'), dataDir, env: {} });
const project = registry.project('t');
const { vocabulary } = await project.vocabulary();
const subjects = new LabelledSubjects(vocabulary);
const store = await JobStore.open(dataDir);

async function* dying(documents: AsyncIterable<Document>): AsyncGenerator<Document, void, undefined> {
  for await (const document of documents) {
    if (words.some((word) => document.text.startsWith(`${word} `))) process.kill(process.pid, 'SIGKILL');
    yield document;
  }
}

await runJob(jobId, {
  ...{ store, project, subjects, nJobs: 1, noteAfterMs: 0 },
  format: jsonlFormat({ subjects, language: 'en' }),
  suggest: (_, documents) => project.suggestStream(dying(documents), { limit: 5, threshold: 0, nJobs: 1 }),
  open: (path, hooks) => openCorpus([path], { subjects: vocabulary, language: 'en', requireSubjects: false, ...hooks }),
});
store.close();
await project.close();
