import { type Command, Option } from 'commander';
import { keepHeapSmall } from '../heap-size.js';
import { openProjectCorpus } from '../open-project-corpus.js';
import { openProject } from '../open-registry.js';
import {
  addBackendParamOption,
  addCommonOptions,
  addCorpusOptions,
  addJobsOption,
  addSuggestionOptions,
  type BackendParam,
  type CommonOptions,
  type CorpusOptions,
} from '../options.js';
import { ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

/** So many suggestions are looked at by those further figures that Annif has too (F1@5, nDCG@10). */
const FIGURES_TO = 10;

interface EvalOptions extends CommonOptions, CorpusOptions {
  readonly limit: number | 'auto';
  readonly threshold: number;
  readonly metric?: readonly string[];
  readonly metricsFile?: string;
  readonly resultsFile?: string;
  readonly backendParam?: readonly BackendParam[];
  readonly jobs: number;
}

export function addEval(program: Command, session: Session): void {
  const command = program
    .command('eval')
    .description('compare the suggestions for indexed documents with the subjects that people gave them')
    .argument('<project-id>', 'id of the project')
    .argument('[paths...]', 'corpora, as for train')
    .addOption(
      new Option('-m, --metric <name>', 'show this metric only (repeatable)').argParser(
        (name: string, before: readonly string[] = []) => [...before, name],
      ),
    )
    .option('-M, --metrics-file <file>', 'write the metrics to a file, as JSON')
    .option('-r, --results-file <file>', 'write the figures of each subject to a file, as TSV');
  addSuggestionOptions(command);
  addJobsOption(addCorpusOptions(addBackendParamOption(addCommonOptions(command)))).action(
    async (projectId: string, paths: string[], options: EvalOptions) => {
      const { messages, results } = session;
      const { metric = [] } = options;
      const { ANNIF_METRICS, furtherLines, metricLines, metricsJson, subjectResultLines } = await import(
        '@catchword/evaluation'
      );
      const { checkMetrics } = await import('../check-metrics.js');
      const { checkOutput, ended, writeOutput } = await import('../write-output.js');
      await checkMetrics(metric, ANNIF_METRICS);
      for (const file of [options.metricsFile, options.resultsFile]) if (file !== undefined) checkOutput(file);
      keepHeapSmall();
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
        const evaluation = await project.evaluate(corpus, {
          limit: options.limit,
          threshold: options.threshold,
          nJobs: options.jobs,
          signal: interruption.signal,
          onProgress: progress.update,
        });
        progress.end();
        describe();
        if (project.usage) messages.info((await import('../usage-output.js')).usageLine(project.usage));
        const { LabelledSubjects } = await import('@catchword/project');
        const { vocabulary, language } = await project.vocabulary();
        if (options.resultsFile !== undefined) {
          if (!options.json) {
            await results.line(`Writing per subject evaluation results to ${options.resultsFile}`);
          }
          const lines = subjectResultLines(evaluation, new LabelledSubjects(vocabulary), language);
          await writeOutput(options.resultsFile, ended(lines));
        }
        if (options.json) {
          const { usage } = project;
          const all = { ...JSON.parse(metricsJson(evaluation, metric)), further: evaluation.further };
          await results.json(usage ? { ...all, usage } : all);
        } else {
          for (const line of metricLines(evaluation, metric)) await results.line(line);
          if (metric.length === 0) {
            await results.line();
            if (options.limit === 'auto' || options.limit < FIGURES_TO || options.threshold > 0) {
              await results.line('Whatever --limit and --threshold are:');
            }
            for (const line of furtherLines(evaluation)) await results.line(line);
          }
        }
        if (options.metricsFile !== undefined) {
          await writeOutput(options.metricsFile, metricsJson(evaluation, metric));
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
