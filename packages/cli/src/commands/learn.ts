import type { LearnReport } from '@catchword/project';
import type { Command } from 'commander';
import { openProjectCorpus } from '../open-project-corpus.js';
import { openProject } from '../open-registry.js';
import {
  addBackendParamOption,
  addCommonOptions,
  addCorpusOptions,
  type BackendParam,
  type CommonOptions,
  type CorpusOptions,
} from '../options.js';
import { count, duration, ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

interface LearnCommandOptions extends CommonOptions, CorpusOptions {
  readonly backendParam?: readonly BackendParam[];
}

export function addLearn(program: Command, session: Session): void {
  const command = program
    .command('learn')
    .description('have a trained project learn from further documents that people have indexed, at once')
    .argument('<project-id>', 'id of the project')
    .argument('[paths...]', 'corpora: TSV, CSV, JSON or JSONL files, gzipped or not, or folders; - is standard input');
  addCorpusOptions(addBackendParamOption(addCommonOptions(command))).action(
    async (projectId: string, paths: string[], options: LearnCommandOptions) => {
      const { messages, results } = session;
      const project = await openProject(projectId, options, session);
      project.learning.requireEnabled();
      const { abortOnInterruption } = await import('../interruption.js');
      const { corpus, describe } = await openProjectCorpus(project, paths, session, {
        requireSubjects: true,
        docsLimit: options.docsLimit,
        marcMapping: options.marcMapping,
      });
      const interruption = abortOnInterruption(messages, `Project "${projectId}" keeps what it has learnt so far.`);
      const progress = new ProgressReport(messages);
      try {
        const report = await project.learning.learn(corpus, {
          signal: interruption.signal,
          onProgress: progress.update,
        });
        progress.end();
        describe();
        if (options.json) await results.json(report);
        else messages.info(sentence(report));
        if (report.nKnown > 0 && project.learning.calibrates) {
          messages.warning(
            `${count(report.nKnown)} of the documents have texts that the project or a source of it was trained on or has learnt: they tell nothing about the calibration`,
          );
        }
      } finally {
        progress.end();
        interruption.release();
      }
    },
  );
}

function sentence({ projectId, nDocuments, nAgain, seconds }: LearnReport): string {
  const again = nAgain > 0 ? `, ${count(nAgain)} of them in place of what was learnt before` : '';
  return `Project ${projectId} has learnt from ${count(nDocuments)} documents in ${duration(seconds)}${again}`;
}
