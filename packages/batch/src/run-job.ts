import { rm } from 'node:fs/promises';
import { type Document, OperationError, type Progress, type SubjectIndex } from '@catchword/core';
import type { ResultFormat } from '@catchword/corpus';
import type { Project, SuggestedBatch } from '@catchword/project';
import type { FileSystem } from '@catchword/storage';
import { GrowingResult, partPath } from './growing-result.js';
import { checkInputs } from './input-files.js';
import type { Failure, Job, JobPlan, JobReport } from './job.js';
import type { OpenSource } from './job-documents.js';
import { checkProjectState, type ProjectState, projectState } from './job-model.js';
import { makeReport } from './job-report.js';
import type { JobStore } from './job-store.js';
import { resultPlaces, writesRecords } from './result-places.js';
import { retryUnit } from './retry-unit.js';
import {
  Cancelled,
  placeResults,
  type RecordsOfResults,
  runUnit,
  type SuggestDocuments,
  type UnitTools,
} from './run-unit.js';
import { hasTriage, reviewFormat } from './triage.js';

/** What a job is worked with. */
export interface RunJobOptions {
  readonly store: JobStore;
  readonly project: Project;
  /** Opens one of the plan's paths, with subjects looked up. */
  readonly open: OpenSource;
  /** How results of many documents are written; JSON Lines where the job writes records. */
  readonly format: ResultFormat;
  /** Makes records of results; needed where the job writes records. */
  readonly records?: RecordsOfResults;
  /** Labels for all subjects. */
  readonly subjects: SubjectIndex;
  /** Threads; 0 = one for each processor. */
  readonly nJobs: number;
  /** Goes on although the project was trained or has learnt since the job began. */
  readonly withNewModel?: boolean;
  /** The project as it is now, where that is known already; absent: as it is opened. */
  readonly state?: ProjectState;
  /** Suggests elsewhere than in this process; the project need not be opened then. */
  readonly suggest?: (job: Job, documents: AsyncIterable<Document>) => AsyncIterable<SuggestedBatch>;
  readonly onProgress?: (progress: Progress) => void;
  readonly onFailure?: (failure: Failure) => void;
  readonly onKept?: (path: string) => void;
  readonly signal?: AbortSignal;
  /** Notes no more often than this, and so that noting takes little of the time; 0: after each batch. */
  readonly noteAfterMs?: number;
  readonly fs?: FileSystem;
}

/**
 * Works a job from where it stands to its end.
 *
 * The process may end at any moment, in any way: another call goes on, and the results are, byte for byte, those of a run that nothing
 * disturbed.
 *
 * @returns what came of it
 * @throws {OperationError} `locked` where another process works on it; `job-changed` where input, model, settings or part files are not what
 *   they were; `job-not-ready` where it was cancelled; `aborted` where it is cancelled meanwhile; the signal's reason; whatever
 *   reading and writing throw. It can be gone on with after each of these.
 */
export async function runJob(jobId: string, options: RunJobOptions): Promise<JobReport> {
  const { store } = options;
  const lock = store.lock(jobId);
  try {
    const job = store.job(jobId);
    if (job.state === 'cancelled' || job.state === 'cancelling') throw cancelledError(job, 'It was cancelled.');
    if (job.state !== 'open') return await settled(job, options);
    const isReadAtEnd = writesRecords(job.plan);
    const toRead = store
      .units(jobId)
      .filter(({ state }) => state === 'waiting' || state === 'running' || (isReadAtEnd && state === 'finishing'));
    await checkInputs(store, job, toRead);
    const tools = unitTools(await adoptModel(job, options), options);
    let nBefore = 0;
    for (const unit of store.units(jobId)) {
      await runUnit(tools, unit, nBefore);
      nBefore += (store.units(jobId)[unit.n] ?? unit).counts.documents;
    }
    return await conclude(job, options);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    await cancelJob(store, jobId);
    throw new OperationError('aborted', `Job ${jobId} was cancelled; what it had not finished is removed`);
  } finally {
    lock.release();
  }
}

/**
 * Tries failed documents again; where the format keeps an order, their results are put where they belong.
 *
 * @throws as `runJob`; `job-not-ready` where the job has not ended yet; `job-changed` where somebody changed a result
 */
export async function retryJob(jobId: string, options: RunJobOptions): Promise<JobReport> {
  const { store } = options;
  const lock = store.lock(jobId);
  try {
    const job = store.job(jobId);
    if (job.state === 'open') {
      throw new OperationError('job-not-ready', `Cannot retry documents of job ${jobId}: it has not ended yet`, {
        hint: `First go on with it: catchword jobs resume ${jobId}`,
        context: { job: jobId },
      });
    }
    if (job.state === 'cancelled' || job.state === 'cancelling')
      throw cancelledError(job, 'Its results were given up.');
    await settled(job, options);
    const failures = store.failures(jobId);
    if (failures.length > 0) {
      const ofUnit = (n: number) => failures.filter(({ unit }) => unit === n);
      const units = store.units(jobId).filter(({ n }) => ofUnit(n).length > 0);
      await checkInputs(store, job, units);
      const tools = unitTools(await adoptModel(job, options), options);
      for (const unit of units) await retryUnit(tools, unit, ofUnit(unit.n));
    }
    return await conclude(job, options);
  } finally {
    lock.release();
  }
}

/** Gives up what a job has not finished; results of units that are done stay. The caller holds the lock. */
export async function cancelJob(store: JobStore, jobId: string): Promise<void> {
  const job = store.job(jobId);
  for (const { n, state, plan } of store.units(jobId)) {
    if (state === 'done') continue;
    for (const { part } of resultPlaces(store, job, n, plan)) await GrowingResult.discard(part);
    for (const output of plan.outputs) await GrowingResult.discard(partPath(output, jobId));
  }
  await dropRecordResults(store, job);
  store.setState(jobId, 'cancelled');
}

/** Removes the results that records were made of: nothing is made of them any more. */
async function dropRecordResults(store: JobStore, job: Job): Promise<void> {
  if (!writesRecords(job.plan)) return;
  for (const { n, plan } of store.units(job.id)) {
    const [place] = resultPlaces(store, job, n, plan);
    if (place) await rm(place.whole, { force: true });
  }
}

/** Of a job that has ended: its report, with results that an interrupted retry had ready put in place. */
async function settled(job: Job, options: RunJobOptions): Promise<JobReport> {
  const { store } = options;
  const unplaced = store.units(job.id).filter(({ state }) => state === 'finishing');
  if (unplaced.length === 0 && job.report) return job.report;
  for (const unit of unplaced) await placeResults(unitTools(job, options), unit);
  return conclude(job, options);
}

async function conclude(job: Job, { store, subjects }: RunJobOptions): Promise<JobReport> {
  const report = makeReport(store, job, { subjects, language: job.plan.language });
  if (report.failed === 0) await dropRecordResults(store, job);
  store.finish(job.id, report.failed > 0 ? 'partial' : 'done', report);
  return report;
}

/** @returns the job with the model that it goes on with */
async function adoptModel(job: Job, { store, project, withNewModel, state }: RunJobOptions): Promise<Job> {
  const now = state ?? (await projectState(project));
  if (!withNewModel) {
    checkProjectState(job, now);
    return job;
  }
  store.setModel(job.id, now.modelVersion, now.settings);
  return { ...job, ...now };
}

function unitTools(job: Job, options: RunJobOptions): UnitTools {
  const { project, format, subjects, signal } = options;
  const { plan } = job;
  const { limit, threshold, language } = plan;
  const { nJobs } = options;
  const settings = {
    limit,
    threshold,
    nJobs,
    setAside: true,
    ...(signal ? { signal } : undefined),
  };
  const inProcess: SuggestDocuments = (documents, nExpected) =>
    project.suggestStream(documents, { ...settings, nExpected });
  const elsewhere = options.suggest;
  return {
    store: options.store,
    job,
    open: options.open,
    suggest: elsewhere ? (documents) => elsewhere(job, documents) : inProcess,
    records: options.records,
    formats: hasTriage(plan) ? [format, isJson(plan) ? reviewFormat(format) : format, format] : [format],
    lines: { subjects, language },
    onProgress: options.onProgress,
    onFailure: options.onFailure,
    onKept: options.onKept,
    signal,
    noteAfterMs: options.noteAfterMs,
    fs: options.fs,
  };
}

/** Results for records are JSON, too. */
function isJson(plan: JobPlan): boolean {
  return plan.format === 'jsonl' || writesRecords(plan);
}

function cancelledError(job: Job, what: string): OperationError {
  return new OperationError('job-not-ready', `Cannot go on with job ${job.id}: ${what}`, {
    hint: `Give its command again, or: catchword jobs resume ${job.id} --restart`,
    context: { job: job.id },
  });
}
