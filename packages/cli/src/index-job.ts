import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Job, JobPlan, JobStore, UnitPlan } from '@catchword/batch';
import { ConfigurationError } from '@catchword/core';
import type { Project } from '@catchword/project';
import { checkDistinct, checkFolderSuffix } from './check-distinct.js';
import type { IndexOptions } from './commands/index-documents.js';
import { checkPaths, marcMappingOf } from './open-project-corpus.js';
import { count } from './progress.js';
import { checkRecords, RECORD_FORMATS } from './record-file.js';
import type { Session } from './session.js';

/** From so many bytes of input on, or documents of folders, indexing takes long enough to be a job. */
const LARGE_BYTES = 16 << 20;
const LARGE_FOLDER = 1_000;
/** Compressed text is about so many times as long. */
const GZIP_FACTOR = 4;

/**
 * Indexes as a job where the input is large or the options say so.
 *
 * @returns false where it is to be done at once, without a job
 * @throws {ConfigurationError} `usage-invalid` for options of a job with what cannot be one
 */
export async function indexAsJob(
  project: Project,
  paths: readonly string[],
  options: IndexOptions,
  session: Session,
): Promise<boolean> {
  const obstacle = whyNoJob(paths, options);
  const wish = jobWish(options);
  const { format } = options;
  if (options.job === false || obstacle !== undefined) {
    if (wish === undefined) return false;
    const [reason, hint] = obstacle ?? ['--no-job asks for none', 'Leave one of them out.'];
    throw new ConfigurationError('usage-invalid', `${wish} makes a job, and ${reason}`, { hint });
  }
  await checkPaths(paths);
  if (format in RECORD_FORMATS) await checkRecords(paths, format);
  const plan = await planOf(project, paths, options, format);
  await marcMappingOf(plan.marcMapping); // what is wrong with it is said before there is a job
  checkDistinct(
    plan.units.flatMap(({ outputs }) => outputs),
    paths,
  );
  const isLarge = wish !== undefined || (await isLargeInput(paths));
  const store = await openStore(
    project.dataDir,
    isLarge && wish === undefined ? session : undefined,
    wish !== undefined || isLarge,
  );
  if (!store) return false;
  try {
    const job = await unfinished(store, plan, options);
    if (!job && !isLarge) return false;
    const { beginJob, stateOf, workJob } = await import('./work-job.js');
    if (job) {
      const nDone = store.units(job.id).reduce((n, { counts }) => n + counts.documents, 0);
      session.messages.info(`Going on with job ${job.id}: ${count(nDone)} documents are done`);
    }
    const fresh = { plan, cwd: process.cwd(), force: options.force === true };
    const state = await stateOf(project, options.queue);
    const current = job ?? (await beginJob(store, fresh, state, session, options.json));
    if (current) await workJob(store, project, current, state, options, session);
    else await sayKept(store, plan, options, session);
    return true;
  } finally {
    store.close();
  }
}

/** @returns the option that asks for a job */
function jobWish({ job, restart, withNewModel, acceptAbove, reviewAbove, queue }: IndexOptions): string | undefined {
  if (job) return '--job';
  if (restart) return '--restart';
  if (withNewModel) return '--with-new-model';
  if (queue !== undefined) return '--queue';
  if (acceptAbove !== undefined) return '--accept-above';
  return reviewAbove === undefined ? undefined : '--review-above';
}

/** @returns what keeps it from being a job, and what to do about it */
function whyNoJob(
  paths: readonly string[],
  { output, dryRun, results }: IndexOptions,
): readonly [reason: string, hint: string] | undefined {
  if (dryRun) return ['--dry-run writes nothing', 'Leave one of them out.'];
  if (results !== undefined) return ['--results asks no model', 'Leave one of them out.'];
  if (paths.length === 0) return ['there is no input', 'Name files or folders.'];
  if (paths.includes('-')) return ['standard input cannot be read again', 'Name files or folders.'];
  if (output === '-') return ['standard output cannot be gone on with', 'Name a file as --output.'];
  if (output !== undefined && existsSync(output) && !statSync(output).isFile()) {
    return [`${output} is no file`, 'Name a file as --output.'];
  }
  return undefined;
}

/** Opens the job database. @returns undefined where it is not needed, or cannot be opened and nobody asked for it */
async function openStore(
  dataDir: string,
  fallback: Session | undefined,
  isNeeded: boolean,
): Promise<JobStore | undefined> {
  const { JobStore, jobDatabasePath } = await import('@catchword/batch');
  if (!isNeeded && !existsSync(jobDatabasePath(dataDir))) return undefined;
  try {
    return await JobStore.open(dataDir);
  } catch (error) {
    const { IndexingError } = await import('@catchword/core');
    if (!isNeeded) return undefined;
    const isMissing = IndexingError.is(error) && ['not-installed', 'write-failed'].includes(error.code);
    if (!fallback || !isMissing) throw error;
    fallback.messages.warning(`${error.message}; going on without a job`);
    return undefined;
  }
}

async function isLargeInput(paths: readonly string[]): Promise<boolean> {
  const { listFolder } = await import('@catchword/corpus');
  let nBytes = 0;
  let nInFolders = 0;
  const add = (path: string) => {
    nBytes += statSync(path).size * (path.endsWith('.gz') ? GZIP_FACTOR : 1);
  };
  for (const path of paths) {
    if (!statSync(path).isDirectory()) add(path);
    else {
      const entries = await listFolder(path);
      for (const entry of entries) add(entry.path);
      nInFolders += entries.length;
    }
  }
  return nBytes >= LARGE_BYTES || nInFolders >= LARGE_FOLDER;
}

async function planOf(
  project: Project,
  paths: readonly string[],
  options: IndexOptions,
  format: JobPlan['format'],
): Promise<JobPlan> {
  const { outputLanguage } = await import('./suggestion-output.js');
  const { limit, threshold, suffix, docsLimit, dialect, acceptAbove, reviewAbove, gzip = false } = options;
  const { marcMapping = project.config.marcMapping } = options;
  return {
    projectId: project.id,
    units: await unitsOf(paths, options),
    ...{ limit, threshold, suffix, gzip },
    language: await outputLanguage(project, options.language),
    format,
    includeDocument: options.includeDoc !== false,
    backendParams: (options.backendParam ?? []).map(({ text }) => text),
    ...(marcMapping === undefined ? undefined : { marcMapping }),
    ...(dialect === undefined ? undefined : { dialect }),
    ...(docsLimit === undefined ? undefined : { docsLimit }),
    ...(acceptAbove === undefined ? undefined : { acceptAbove }),
    ...(reviewAbove === undefined ? undefined : { reviewAbove }),
  };
}

async function unitsOf(paths: readonly string[], options: IndexOptions): Promise<UnitPlan[]> {
  const { corpusResultPath } = await import('@catchword/corpus');
  const { hasTriage, triagePaths } = await import('@catchword/batch');
  const { output, suffix, format, gzip = false } = options;
  const isSorted = hasTriage(options);
  const { ending } = RECORD_FORMATS[format] ?? { ending: `.${format}` };
  const outputs = (path: string) => {
    if (!isSorted) return [finalPath(path)];
    if (!(format in RECORD_FORMATS)) return triagePaths(path).map(finalPath);
    // All records go to one file, and what people look at beside it.
    return [path, ...triagePaths(jsonlBeside(path, gzip)).slice(1)].map(finalPath);
  };
  if (output !== undefined) return [{ kind: 'file', paths, outputs: outputs(output) }];
  return paths.map((path) => {
    if (!statSync(path).isDirectory()) {
      return { kind: 'file', paths: [path], outputs: outputs(corpusResultPath(path, suffix, gzip, ending)) };
    }
    if (!isSorted && format === 'jsonl') {
      checkFolderSuffix(suffix);
      return { kind: 'folder', paths: [path], outputs: [] };
    }
    throw new ConfigurationError('usage-invalid', `Documents of folder ${path} go to one file, which needs a name`, {
      hint: `Name it with --output, for example: --output results.${format}`,
    });
  });
}

/** @returns `a.annif.jsonl` for `a.annif.mrc`, or `a.annif.mrc.gz` */
function jsonlBeside(path: string, gzip: boolean): string {
  const name = path.endsWith('.gz') ? path.slice(0, -'.gz'.length) : path;
  return `${join(dirname(name), basename(name, extname(name)))}.jsonl${gzip ? '.gz' : ''}`;
}

/** Where a result ends up: a symbolic link is followed, so that it stays one. */
function finalPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(resolve(path));
  return existsSync(folder) ? join(realpathSync(folder), resolve(path).slice(folder.length + 1)) : resolve(path);
}

/** @returns the job that the command goes on with; with `--restart` that one is given up */
async function unfinished(store: JobStore, plan: JobPlan, options: IndexOptions): Promise<Job | undefined> {
  const job = store.latest(plan, process.cwd());
  if (!job || (job.state !== 'open' && job.state !== 'cancelling')) return undefined;
  if (!options.restart && job.state === 'open') {
    if (options.force && !job.force) store.setForce(job.id);
    return options.force ? store.job(job.id) : job;
  }
  const { giveUp } = await import('./work-job.js');
  await giveUp(store, job.id);
  return undefined;
}

/** All results are there: nothing was done. */
async function sayKept(store: JobStore, plan: JobPlan, options: IndexOptions, session: Session): Promise<void> {
  const { shownPath } = await import('./work-job.js');
  const last = store.latest(plan, process.cwd());
  if (last?.state === 'partial') {
    session.messages.info(
      `Documents of job ${last.id} are set aside; try them again with: catchword jobs retry ${last.id}`,
    );
  }
  if (options.json)
    await session.results.json({ written: [], kept: plan.units.flatMap(({ outputs }) => outputs.map(shownPath)) });
}
