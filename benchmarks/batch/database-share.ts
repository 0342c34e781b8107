import { join } from 'node:path';
import { inputFiles, type JobPlan, JobStore, projectState, runJob } from '@catchword/batch';
import { jsonlFormat, openCorpus } from '@catchword/corpus';
import { LabelledSubjects, Registry } from '@catchword/project';
import { round } from '../harness/result-lines.js';
import { PROJECT } from './batch-program.js';

/** Processor time of this process in milliseconds, and the clock. */
function clocks(): { readonly cpuMs: number; readonly wallMs: number } {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() };
}

/** Runs a job in this process, with one thread, and counts what its notes in the database take. */
export async function databaseShare(folder: string, input: string, output: string) {
  const registry = await Registry.open({
    projects: join(folder, 'projects.yaml'),
    dataDir: join(folder, 'data'),
    env: {},
  });
  const project = registry.project(PROJECT);
  const { vocabulary } = await project.vocabulary();
  const subjects = new LabelledSubjects(vocabulary);
  const plan: JobPlan = {
    ...{ projectId: PROJECT, limit: 10, threshold: 0, language: 'en', suffix: '.annif', format: 'jsonl' },
    ...{ gzip: false, includeDocument: true, backendParams: [] },
    units: [{ kind: 'file', paths: [input], outputs: [output] }],
  };
  const store = await JobStore.open(join(folder, 'data'));
  const inputs = [{ files: await inputFiles([input], process.cwd()), expected: undefined, isKept: false }];
  const job = store.begin({ plan, cwd: process.cwd(), force: true, inputs, ...(await projectState(project)) });
  const sums = { cpuMs: 0, wallMs: 0, nNotes: 0 };
  const { progress } = store;
  store.progress = (...words) => {
    const before = clocks();
    const state = progress.apply(store, words);
    const after = clocks();
    sums.cpuMs += after.cpuMs - before.cpuMs;
    sums.wallMs += after.wallMs - before.wallMs;
    sums.nNotes++;
    return state;
  };
  const begun = clocks();
  const format = jsonlFormat({ subjects, language: 'en' });
  const { documents } = await runJob(job.id, {
    ...{ store, project, subjects, format, nJobs: 1 },
    open: (path, hooks) =>
      openCorpus([path], { subjects: vocabulary, language: 'en', requireSubjects: false, ...hooks }),
  });
  const ended = clocks();
  store.close();
  await project.close();
  const cpuMs = ended.cpuMs - begun.cpuMs;
  const wallMs = ended.wallMs - begun.wallMs;
  return {
    ...{ documents, nNotes: sums.nNotes },
    ...{ cpuSeconds: round(cpuMs / 1000, 2), wallSeconds: round(wallMs / 1000, 2) },
    databaseCpuShare: round(sums.cpuMs / cpuMs, 4),
    databaseWallShare: round(sums.wallMs / wallMs, 4),
  };
}
