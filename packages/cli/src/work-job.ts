import { existsSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import type {
  Job,
  JobReport,
  JobStore,
  NewJob,
  ProjectState,
  QueueServer,
  RecordsOfResults,
  RunJobOptions,
} from '@catchword/batch';
import { OperationError } from '@catchword/core';
import type { Project } from '@catchword/project';
import { EXIT_PARTIAL } from './exit-codes.js';
import { jobReportLines } from './job-report-output.js';
import { corpusOpener, type ProjectCorpus } from './open-project-corpus.js';
import { count, ProgressReport } from './progress.js';
import type { RecordPlace } from './record-file.js';
import type { Session } from './session.js';
import { checkOutput } from './write-output.js';

/** Failed documents that are told while a job runs; `jobs show` has all. */
const MOST_FAILURES_TOLD = 10;

export interface WorkOptions {
  /** Threads. */
  readonly jobs: number;
  readonly withNewModel?: boolean;
  /** The address of a queue, where workers are to do it. */
  readonly queue?: string;
  readonly json?: boolean;
  /** Tries the documents again that failed. */
  readonly retry?: boolean;
}

/**
 * @param queue where workers suggest: the project is not opened here then, which takes as long as for one of them
 * @returns what the project's suggestions depend on, as it is now
 */
export async function stateOf(project: Project, queue: string | undefined): Promise<ProjectState> {
  const { projectState } = await import('@catchword/batch');
  return projectState(project, queue === undefined ? undefined : await project.snapshot());
}

/**
 * Begins a job: what it reads is looked at, and result files that are there are kept unless it is forced.
 *
 * @returns undefined where all are kept
 */
export async function beginJob(
  store: JobStore,
  { plan, cwd, force }: Pick<NewJob, 'plan' | 'cwd' | 'force'>,
  state: ProjectState,
  session: Session,
  json = false,
): Promise<Job | undefined> {
  const { expectedDocuments, inputFiles, readBy } = await import('@catchword/batch');
  const inputs: NewJob['inputs'][number][] = [];
  for (const unit of plan.units) {
    const { kind, paths, outputs } = unit;
    for (const output of outputs) checkOutput(output);
    const kept = kind === 'file' && !force ? outputs.find((output) => existsSync(output)) : undefined;
    if (kept !== undefined && !json) {
      await session.results.line(`Not overwriting ${shownPath(kept)} (use --force to override)`);
    }
    const files = kept === undefined ? await inputFiles(readBy(plan, unit), cwd) : [];
    inputs.push({
      files,
      expected: kept === undefined ? await expectedDocuments(paths) : 0,
      isKept: kept !== undefined,
    });
  }
  if (inputs.every(({ isKept }) => isKept)) return undefined;
  const job = store.begin({ plan, cwd, force, inputs, ...state });
  session.messages.info(
    `Job ${job.id}: if it is stopped, the same command goes on with it, or: catchword jobs resume ${job.id}`,
  );
  return job;
}

/** Gives up a job that nobody works on. @throws {OperationError} `locked` where somebody does */
export async function giveUp(store: JobStore, jobId: string): Promise<void> {
  const { cancelJob } = await import('@catchword/batch');
  const lock = store.lock(jobId);
  try {
    await cancelJob(store, jobId);
  } finally {
    lock.release();
  }
}

/**
 * Works a job, tells how far it is and what came of it, and sets the exit code where documents are set aside.
 *
 * @param state of the project, where it is known
 */
export async function workJob(
  store: JobStore,
  project: Project,
  job: Job,
  state: ProjectState | undefined,
  options: WorkOptions,
  session: Session,
): Promise<void> {
  const { messages, results } = session;
  const { hasTriage, retryJob, runJob, writesRecords } = await import('@catchword/batch');
  const { LabelledSubjects } = await import('@catchword/project');
  const { jsonlFormat, tableFormat } = await import('@catchword/corpus');
  const { abortOnInterruption } = await import('./interruption.js');
  checkFolder(job);
  const subjects = new LabelledSubjects((await project.vocabulary()).vocabulary);
  const { format, language, includeDocument } = job.plan;
  const target = { subjects, language };
  const isTable = format === 'csv' || format === 'tsv';
  const isRecords = writesRecords(job.plan);
  const progress = new ProgressReport(messages);
  const opened: ProjectCorpus[] = [];
  const open = await corpusOpener(project, session, job.plan.marcMapping);
  const interruption = abortOnInterruption(messages);
  let nFailures = 0;
  const run: RunJobOptions = {
    store,
    project,
    ...(state ? { state } : undefined),
    subjects,
    format: isTable
      ? tableFormat(target, format)
      : jsonlFormat(target, isRecords ? hasTriage(job.plan) : includeDocument),
    ...(isRecords
      ? { records: await recordsOfJob(project, job, state, options.jobs, session, interruption.signal) }
      : undefined),
    nJobs: options.jobs,
    withNewModel: options.withNewModel === true,
    signal: interruption.signal,
    open: (path, hooks) => {
      const corpus = open([path], { requireSubjects: false, ...hooks });
      opened.push(corpus);
      return corpus.corpus;
    },
    onProgress: progress.update,
    onFailure: ({ path, document, reason }) => {
      const name = document > 0 ? `${path}, document ${document}` : path;
      if (nFailures++ < MOST_FAILURES_TOLD) messages.warning(`${name} is set aside: ${reason}`);
    },
    onKept: (path) => {
      if (!options.json) void results.line(`Not overwriting ${path} (use --force to override)`);
    },
  };
  let report: JobReport;
  let server: QueueServer | undefined;
  try {
    server = options.queue === undefined ? undefined : await openQueue(options.queue, session);
    const suggest = server && (await suggestByQueue(server, project, interruption.signal));
    report = await (options.retry ? retryJob : runJob)(job.id, suggest ? { ...run, suggest } : run);
  } catch (error) {
    throw interruption.errorAfter(error, whatStays(store, job.id));
  } finally {
    await server?.close();
    progress.end();
    interruption.release();
  }
  if (!options.retry) for (const { describe } of opened) describe();
  const written = writtenBy(store, job.id);
  const { usage } = project;
  if (usage) messages.info((await import('./usage-output.js')).usageLine(usage));
  if (options.json) await results.json({ job: job.id, written, report, ...(usage ? { usage } : undefined) });
  else {
    for (const { path, documents } of written) {
      messages.info(`Wrote ${count(documents)} ${isRecords ? 'records' : 'documents'} to ${path}`);
    }
    for (const line of jobReportLines(report)) messages.info(line);
  }
  if (report.failed === 0) return;
  const documents = report.failed === 1 ? '1 document is' : `${count(report.failed)} documents are`;
  messages.warning(
    `${documents} set aside; see them with: catchword jobs show ${job.id} — try again with: catchword jobs retry ${job.id}`,
  );
  process.exitCode = EXIT_PARTIAL;
}

/** @throws as `connectQueue` */
export async function openQueue(url: string, { messages }: Session): Promise<QueueServer> {
  const { connectQueue } = await import('@catchword/batch');
  // A queue may be lost and found many times, and lines are said once: each has a time in it.
  return connectQueue(url, (message) => messages.warning(message));
}

/** Headings name the model and the day that the job began with, so that they are the same each time. */
async function recordsOfJob(
  project: Project,
  job: Job,
  state: ProjectState | undefined,
  nJobs: number,
  session: Session,
  signal: AbortSignal,
): Promise<RecordsOfResults> {
  const { RecordWriting } = await import('./record-file.js');
  const { emptyMarcWriteReport } = await import('@catchword/marc');
  const origin = { modelId: state?.modelVersion ?? (await project.modelVersion()), day: new Date(job.created) };
  const writing = await RecordWriting.open(project, job.plan, origin, session, signal);
  return ({ plan }, results) => {
    const report = emptyMarcWriteReport();
    const source = { open: (place: RecordPlace) => writing.headingsOfJob(place, results), nJobs };
    return { bytes: writing.bytes(plan.paths, source, report), report };
  };
}

async function suggestByQueue(
  server: QueueServer,
  project: Project,
  signal: AbortSignal,
): Promise<NonNullable<RunJobOptions['suggest']>> {
  const { QueuedSuggestions, suggestionFilter } = await import('@catchword/batch');
  const { nSubjects } = (await project.vocabulary()).vocabulary;
  return (job, documents) => {
    const filter = suggestionFilter(job.plan, project);
    return QueuedSuggestions.suggest(server, job, documents, { filter, nSubjects, signal });
  };
}

/** @throws {OperationError} `job-not-ready` where the paths of the job would mean something else */
function checkFolder(job: Job): void {
  if (job.cwd === process.cwd()) return;
  throw new OperationError('job-not-ready', `Job ${job.id} was begun in ${job.cwd}, where its paths start`, {
    hint: `Run: cd ${job.cwd}`,
    context: { job: job.id },
  });
}

function whatStays(store: JobStore, jobId: string): string {
  const nDone = store.units(jobId).reduce((n, { counts }) => n + counts.documents, 0);
  return `${count(nDone)} documents are done. Go on with the same command, or: catchword jobs resume ${jobId}`;
}

/** A path as people name it: from the current folder on, where it lies in there. */
export function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
}

/** A file that a job has written. */
export interface WrittenFile {
  readonly path: string;
  /** Those whose results stand in it; of a file of records, all records. */
  readonly documents: number;
}

/** What a job has written: files with the documents in them. */
export function writtenBy(store: JobStore, jobId: string): WrittenFile[] {
  const failed = new Map<number, number>();
  for (const { unit } of store.failures(jobId)) failed.set(unit, (failed.get(unit) ?? 0) + 1);
  return store.units(jobId).flatMap(({ n, plan, counts }) => {
    if (plan.kind === 'folder')
      return [{ path: plan.paths[0] as string, documents: counts.documents - (failed.get(n) ?? 0) }];
    if (counts.kept > 0) return [];
    const { records } = counts;
    return plan.outputs.map((path, i) => ({
      path: shownPath(path),
      documents: (i === 0 ? records?.nRecords : undefined) ?? counts.outputs[i] ?? 0,
    }));
  });
}
