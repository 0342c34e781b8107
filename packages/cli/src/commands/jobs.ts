import type { Failure, Job, JobStore, ProjectState } from '@catchword/batch';
import type { Project } from '@catchword/project';
import type { Command } from 'commander';
import { openProject } from '../open-registry.js';
import { addCommonOptions, addJobsOption, backendParam, type CommonOptions } from '../options.js';
import { count } from '../progress.js';
import type { Session } from '../session.js';
import { formatTable } from '../table.js';

/** Failed documents that `show` lists; with `--json` all. */
const MOST_FAILURES = 20;

interface ResumeOptions extends CommonOptions {
  readonly jobs: number;
  readonly restart?: boolean;
  readonly withNewModel?: boolean;
  readonly queue?: string;
}

const QUEUE_OPTION = ['--queue <url>', 'have workers do it, through a queue such as redis://host:6379'] as const;

/** The commands for jobs of `index`. */
export function addJobs(program: Command, session: Session): void {
  const jobs = program.command('jobs').description('list, show, go on with, retry, cancel or remove jobs of index');
  const idArgument = ['<job-id>', 'as list shows it'] as const;

  addCommonOptions(jobs.command('list').description('list the jobs, the oldest first')).action(
    (options: CommonOptions) =>
      withStore(options, session, async (store) => {
        const all = store.jobs().map((job) => summary(store, job));
        if (options.json) return session.results.json({ jobs: all });
        const rows = all.map(({ id, state, project, documents, expected, failed, created, paths }) => [
          ...[id, state, project],
          expected === undefined ? count(documents) : `${count(documents)} of ${count(expected)}`,
          ...[count(failed), created.slice(0, 19).replace('T', ' '), paths.join(' ')],
        ]);
        return session.results.write(
          formatTable(['Job ID', 'State', 'Project', 'Documents', 'Failed', 'Begun', 'Input'], rows),
        );
      }),
  );

  addCommonOptions(
    jobs
      .command('show')
      .description('show what a job does, how far it is, and which documents are set aside')
      .argument(...idArgument),
  ).action((id: string, options: CommonOptions) =>
    withStore(options, session, async (store) => {
      const job = store.job(id);
      const failures = store.failures(id);
      const { writtenBy } = await import('../work-job.js');
      const written = writtenBy(store, id);
      if (options.json) {
        const { plan, report = null } = job;
        return session.results.json({ ...summary(store, job), plan, written, failures, report });
      }
      return session.results.write((await shown(store, job, written, failures)).map((line) => `${line}\n`).join(''));
    }),
  );

  addJobsOption(
    addCommonOptions(
      jobs
        .command('resume')
        .description('go on with a job that was interrupted')
        .argument(...idArgument)
        .option('--restart', 'begin anew, not where it stopped')
        .option(...QUEUE_OPTION)
        .option('--with-new-model', 'go on although the project was trained or has learnt since the job began'),
    ),
  ).action((id: string, options: ResumeOptions) =>
    withStore(options, session, async (store) => {
      const { beginJob, giveUp, stateOf, workJob } = await import('../work-job.js');
      const job = store.job(id);
      const project = await projectOf(job, options, session);
      if (!options.restart) return workJob(store, project, job, await queuedState(project, options), options, session);
      const state = await stateOf(project, options.queue);
      if (job.state === 'open' || job.state === 'cancelling') await giveUp(store, id);
      const fresh = await beginJob(store, job, state, session, options.json);
      return fresh && workJob(store, project, fresh, state, options, session);
    }),
  );

  addJobsOption(
    addCommonOptions(
      jobs
        .command('retry')
        .description('try the documents again that are set aside, and put their results where they belong')
        .argument(...idArgument)
        .option(...QUEUE_OPTION)
        .option('--with-new-model', 'do it although the project was trained or has learnt since the job began'),
    ),
  ).action((id: string, options: ResumeOptions) =>
    withStore(options, session, async (store) => {
      const { workJob } = await import('../work-job.js');
      const job = store.job(id);
      const project = await projectOf(job, options, session);
      const state = await queuedState(project, options);
      return workJob(store, project, job, state, { ...options, retry: true }, session);
    }),
  );

  addCommonOptions(
    jobs
      .command('cancel')
      .description('give up a job; results that are whole stay')
      .argument(...idArgument)
      .option('--queue <url>', 'take what is left of it out of the queue at once'),
  ).action((id: string, options: CommonOptions & { readonly queue?: string }) =>
    withStore(options, session, async (store) => {
      const { OperationError } = await import('@catchword/core');
      const { giveUp } = await import('../work-job.js');
      const job = store.job(id);
      const { state } = job;
      if (state !== 'open' && state !== 'cancelling') {
        const context = { job: id };
        throw new OperationError('job-not-ready', `Cannot cancel job ${id}: it has ended already (${state})`, {
          context,
        });
      }
      const isRunning = store.isWorkedOn(id) && store.askToCancel(id);
      if (!isRunning) await giveUp(store, id);
      if (options.queue !== undefined) await clear(options.queue, job, session);
      if (options.json) return session.results.json({ job: id, state: isRunning ? 'cancelling' : 'cancelled' });
      session.messages.info(isRunning ? `Job ${id} will stop in a moment` : `Cancelled job ${id}`);
    }),
  );

  addCommonOptions(
    jobs
      .command('remove')
      .description('forget a job that has ended or was cancelled; its results stay')
      .argument(...idArgument),
  ).action((id: string, options: CommonOptions) =>
    withStore(options, session, async (store) => {
      const { OperationError } = await import('@catchword/core');
      const { state } = store.job(id);
      if (state === 'open' || state === 'cancelling') {
        throw new OperationError('job-not-ready', `Cannot remove job ${id}: it has not ended yet`, {
          hint: `First: catchword jobs cancel ${id}`,
          context: { job: id },
        });
      }
      const lock = store.lock(id);
      try {
        store.remove(id);
      } finally {
        lock.release();
      }
      await store.removeFolder(id);
      if (options.json) return session.results.json({ job: id, removed: true });
      session.messages.info(`Removed job ${id}; its results stay`);
    }),
  );
}

/** Where the project is opened here, that is done when it turns out to be needed. */
async function queuedState(project: Project, { queue }: ResumeOptions): Promise<ProjectState | undefined> {
  if (queue === undefined) return undefined;
  return (await import('../work-job.js')).stateOf(project, queue);
}

async function clear(url: string, job: Job, session: Session): Promise<void> {
  const { clearQueue } = await import('@catchword/batch');
  const { openQueue } = await import('../work-job.js');
  const server = await openQueue(url, session);
  try {
    await clearQueue(server, job);
  } finally {
    await server.close();
  }
}

async function withStore(
  { dataDir }: CommonOptions,
  { env }: Session,
  work: (store: JobStore) => Promise<unknown>,
): Promise<void> {
  const { readEnvironment } = await import('@catchword/project');
  const { JobStore } = await import('@catchword/batch');
  const store = await JobStore.open(dataDir ?? readEnvironment(env).dataDir ?? 'data');
  try {
    await work(store);
  } finally {
    store.close();
  }
}

function projectOf({ plan }: Job, options: CommonOptions, session: Session) {
  const params = plan.backendParams.map(backendParam);
  return openProject(
    plan.projectId,
    { ...options, ...(params.length > 0 ? { backendParam: params } : undefined) },
    session,
  );
}

/** A job in a line. `running` and `interrupted` are what is called `open` in the database. */
function summary(store: JobStore, job: Job) {
  const units = store.units(job.id);
  const known = units.every(({ expected }) => expected !== undefined);
  const isOver = job.state === 'done' || job.state === 'partial';
  return {
    id: job.id,
    state: job.state === 'open' ? (store.isWorkedOn(job.id) ? 'running' : 'interrupted') : job.state,
    project: job.plan.projectId,
    documents: units.reduce((n, { counts }) => n + counts.documents, 0),
    ...(known && !isOver ? { expected: units.reduce((n, { expected = 0 }) => n + expected, 0) } : undefined),
    failed: store.countFailures(job.id),
    created: job.created,
    finished: job.finished ?? null,
    seconds: job.seconds,
    model: job.modelVersion,
    paths: job.plan.units.flatMap(({ paths }) => paths),
  };
}

async function shown(
  store: JobStore,
  job: Job,
  written: readonly { readonly path: string; readonly documents: number }[],
  failures: readonly Failure[],
): Promise<string[]> {
  const { jobReportLines } = await import('../job-report-output.js');
  const { duration } = await import('../progress.js');
  const { state, project, documents, expected, created, model, paths } = summary(store, job);
  const facts: [string, string][] = [
    ['Job ID', job.id],
    ['State', state],
    ['Project', project],
    ['Model', model],
    ['Begun', created],
    ...(job.finished ? [['Ended', job.finished] as [string, string]] : []),
    ['Worked', duration(job.seconds)],
    ['Documents', expected === undefined ? count(documents) : `${count(documents)} of about ${count(expected)}`],
    ['Input', paths.join(' ')],
    ...written.map(({ path, documents }): [string, string] => ['Result', `${path} (${count(documents)} documents)`]),
  ];
  const lines = facts.map(([name, value]) => `${`${name}:`.padEnd(12)}${value}`);
  if (job.report) lines.push('', ...jobReportLines(job.report));
  if (failures.length === 0) return lines;
  const rows = failures
    .slice(0, MOST_FAILURES)
    .map(({ path, document, code, reason, attempts }) => [
      document > 0 ? `${path}, document ${document}` : path,
      `${attempts}`,
      code,
      reason.split('\n')[0] as string,
    ]);
  const table = formatTable(['Set aside', 'Attempts', 'Code', 'Reason'], rows).trimEnd().split('\n');
  const more = failures.length - rows.length;
  return [...lines, '', ...table, ...(more > 0 ? [`… and ${count(more)} more; --json has all`] : [])];
}
