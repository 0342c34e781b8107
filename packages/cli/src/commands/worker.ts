import type { Command } from 'commander';
import { openProject } from '../open-registry.js';
import { addCommonOptions, addJobsOption, backendParam, type CommonOptions } from '../options.js';
import { count } from '../progress.js';
import type { Session } from '../session.js';

interface WorkerOptions extends CommonOptions {
  readonly queue: string;
  readonly jobs: number;
}

/** A worker of jobs that `index --queue` gives to a queue. */
export function addWorker(program: Command, session: Session): void {
  const command = program
    .command('worker')
    .description('work for jobs of index --queue, on as many machines as wanted, until it is stopped')
    .requiredOption('--queue <url>', 'the queue, for example redis://host:6379');
  addJobsOption(addCommonOptions(command, { hasResult: false })).action(async (options: WorkerOptions) => {
    const { messages } = session;
    const { availableParallelism } = await import('node:os');
    const { QueueWorker } = await import('@catchword/batch');
    const { openQueue } = await import('../work-job.js');
    const { openRegistry } = await import('../open-registry.js');
    const { abortOnInterruption } = await import('../interruption.js');
    await openRegistry(options, session); // what is wrong with the configuration is said at once
    const server = await openQueue(options.queue, session);
    const interruption = abortOnInterruption(messages);
    let nDone = 0;
    const worker = new QueueWorker(server, {
      nThreads: options.jobs > 0 ? options.jobs : availableParallelism(),
      openProject: (id, params) => {
        const given = params.map(backendParam);
        return openProject(id, { ...options, ...(given.length > 0 ? { backendParam: given } : undefined) }, session);
      },
      onMessage: (message) => messages.line(message),
      onWarning: (message) => messages.warning(message),
      onDone: (nDocuments) => {
        nDone += nDocuments;
        messages.setStatus(`${count(nDone)} documents`);
      },
    });
    messages.line(`Waiting for jobs at ${server.shownUrl}`);
    try {
      await worker.run(interruption.signal);
    } finally {
      await server.close();
      interruption.release();
      messages.clearStatus();
    }
    messages.line(`Stopped; ${count(nDone)} documents were done`);
  });
}
