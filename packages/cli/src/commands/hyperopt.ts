import { type Command, Option } from 'commander';
import { openProjectCorpus } from '../open-project-corpus.js';
import { openProject } from '../open-registry.js';
import {
  addCommonOptions,
  addCorpusOptions,
  addJobsOption,
  type CommonOptions,
  type CorpusOptions,
  nonNegativeInteger,
  wholeNumber,
} from '../options.js';
import { ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

interface HyperoptCommandOptions extends CommonOptions, CorpusOptions {
  readonly trials: number;
  readonly metric: string;
  readonly limit: number;
  readonly exponents: boolean;
  readonly resultsFile?: string;
  readonly jobs: number;
}

export function addHyperopt(program: Command, session: Session): void {
  const command = program
    .command('hyperopt')
    .description('look for the weights of an ensemble’s sources that suit indexed documents best')
    .argument('<project-id>', 'id of the project, whose backend is ensemble')
    .argument('[paths...]', 'corpora, as for train, that the sources were not trained on')
    .addOption(
      new Option('-T, --trials <n>', 'choices of weights that are tried')
        .argParser((text: string) => wholeNumber(text, 1, 100_000))
        .default(100),
    )
    .option('-m, --metric <name>', 'the metric of eval that is to be high', 'NDCG')
    .addOption(
      new Option('-l, --limit <n>', 'the metric sees so many subjects of each document, as in eval')
        .argParser(nonNegativeInteger)
        .default(10),
    )
    .option('--no-exponents', 'look for weights alone, as Annif does')
    .option('-r, --results-file <file>', 'write the trials to a file, as TSV');
  addJobsOption(addCorpusOptions(addCommonOptions(command))).action(
    async (projectId: string, paths: string[], options: HyperoptCommandOptions) => {
      const { messages, results } = session;
      const { trials, metric, resultsFile } = options;
      const { TUNABLE_METRICS } = await import('@catchword/evaluation');
      const { checkMetrics } = await import('../check-metrics.js');
      await checkMetrics([metric], TUNABLE_METRICS);
      const { checkOutput, ended, writeOutput } = await import('../write-output.js');
      if (resultsFile !== undefined) checkOutput(resultsFile);
      const project = await openProject(projectId, options, session);
      const { corpus, describe } = await openProjectCorpus(project, paths, session, {
        requireSubjects: true,
        docsLimit: options.docsLimit,
        marcMapping: options.marcMapping,
      });
      if (!options.json) await results.line(`Looking for optimal hyperparameters using ${trials} trials`);
      const { abortOnInterruption } = await import('../interruption.js');
      const interruption = abortOnInterruption(messages);
      interruption.endReading(paths, session);
      const progress = new ProgressReport(messages);
      try {
        const report = await project.hyperopt(corpus, {
          nTrials: trials,
          metric,
          limit: options.limit,
          exponents: options.exponents,
          nJobs: options.jobs,
          signal: interruption.signal,
          onProgress: progress.update,
          onWarning: (message) => messages.warning(message),
        });
        progress.end();
        describe();
        const { exponentsSentence, hyperoptLines, trialLines } = await import('@catchword/project');
        const sentence = exponentsSentence(report);
        if (sentence !== undefined) messages.info(sentence);
        if (resultsFile !== undefined) await writeOutput(resultsFile, ended(trialLines(report)));
        if (options.json) await results.json(report);
        else for (const line of hyperoptLines(report)) await results.line(line);
      } catch (error) {
        throw interruption.errorAfter(error, 'no weights were found.');
      } finally {
        progress.end();
        interruption.release();
      }
    },
  );
}
