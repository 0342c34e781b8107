import type { Command } from 'commander';
import { openProjectCorpus } from '../open-project-corpus.js';
import { openProject } from '../open-registry.js';
import {
  addBackendParamOption,
  addCommonOptions,
  addCorpusOptions,
  addJobsOption,
  type BackendParam,
  type CommonOptions,
  type CorpusOptions,
} from '../options.js';
import { ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

interface OptimizeOptions extends CommonOptions, CorpusOptions {
  readonly backendParam?: readonly BackendParam[];
  readonly jobs: number;
}

export function addOptimize(program: Command, session: Session): void {
  const command = program
    .command('optimize')
    .description('try limits and thresholds on indexed documents, and tell which are best')
    .argument('<project-id>', 'id of the project')
    .argument('[paths...]', 'corpora, as for train');
  addJobsOption(addCorpusOptions(addBackendParamOption(addCommonOptions(command)))).action(
    async (projectId: string, paths: string[], options: OptimizeOptions) => {
      const { messages, results } = session;
      const project = await openProject(projectId, options, session);
      const { corpus, describe } = await openProjectCorpus(project, paths, session, {
        requireSubjects: true,
        docsLimit: options.docsLimit,
        marcMapping: options.marcMapping,
      });
      const { abortOnInterruption } = await import('../interruption.js');
      const interruption = abortOnInterruption(messages);
      interruption.endReading(paths, session);
      const progress = new ProgressReport(messages);
      try {
        const grid = await project.optimize(corpus, {
          nJobs: options.jobs,
          signal: interruption.signal,
          onProgress: progress.update,
        });
        progress.end();
        describe();
        if (options.json) await results.json(grid);
        else {
          const { gridLines } = await import('@catchword/evaluation');
          for (const line of gridLines(grid)) await results.line(line);
        }
      } catch (error) {
        throw interruption.errorAfter(error, 'no figures were written.');
      } finally {
        progress.end();
        interruption.release();
      }
    },
  );
}
