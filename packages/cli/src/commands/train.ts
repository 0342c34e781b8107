import type { Project, StandingEntry, TrainReport } from '@catchword/project';
import { type Command, Option } from 'commander';
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
  memoryAmount,
  wholeNumber,
} from '../options.js';
import { count, duration, fileSize, ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

interface TrainOptions extends CommonOptions, CorpusOptions {
  readonly backendParam?: readonly BackendParam[];
  readonly jobs: number;
  readonly cached?: boolean;
  readonly limitMemory?: number;
  readonly outOfFold?: number;
  readonly unseen?: readonly string[];
  readonly sourceCorpus?: readonly string[];
  readonly dropLearnt?: boolean;
}

export function addTrain(program: Command, session: Session): void {
  const command = program
    .command('train')
    .description('train a project on documents that people have indexed')
    .argument('<project-id>', 'id of the project')
    .argument('[paths...]', 'corpora: TSV, CSV, JSON or JSONL files, gzipped or not, or folders; - is standard input')
    .option('-c, --cached', 'train on data kept from the last training: Annif has this, no backend here does')
    .option('-C, --no-cached', 'read the corpora (the default)')
    .addOption(
      new Option(
        '--limit-memory <amount>',
        'memory for what is read from the corpora, in MiB or as 2G (256 unless told); more goes to a file in the data folder',
      ).argParser(memoryAmount),
    )
    .addOption(
      new Option(
        '--out-of-fold <folds>',
        'of a fusion: train its sources on all but one of so many parts in turn, so that one corpus serves for both',
      ).argParser((text: string) => wholeNumber(text, 2, 100)),
    )
    .option('--unseen <paths...>', 'with --out-of-fold: further corpora, which no source is trained on')
    .option('--source-corpus <paths...>', 'corpora for those sources of an ensemble that have no model yet')
    .option('--drop-learnt', 'forget what the project has learnt since its last training; else that is kept');
  addJobsOption(addCorpusOptions(addBackendParamOption(addCommonOptions(command)))).action(
    async (projectId: string, paths: string[], options: TrainOptions) => {
      const { messages, results } = session;
      if (options.cached) {
        const { OperationError } = await import('@catchword/core');
        if (paths.length > 0) {
          throw new OperationError('usage-invalid', 'Corpus paths cannot be given when using --cached option.');
        }
        throw new OperationError(
          'not-supported',
          `Not supported: Training ${projectId} project from cached data not supported.`,
          { hint: `Name the corpora: catchword train ${projectId} CORPUS` },
        );
      }
      const project = await openProject(projectId, options, session);
      const { abortOnInterruption } = await import('../interruption.js');
      const { corpus, describe } = await openProjectCorpus(project, paths, session, {
        requireSubjects: true,
        docsLimit: options.docsLimit,
        marcMapping: options.marcMapping,
      });
      const further = { requireSubjects: true, docsLimit: undefined, marcMapping: options.marcMapping };
      const open = (paths: readonly string[] | undefined) =>
        paths && openProjectCorpus(project, paths, session, further);
      const unseen = await open(options.unseen);
      const sourceCorpus = await open(options.sourceCorpus);
      const had = project.isTrained();
      const interruption = abortOnInterruption(
        messages,
        had
          ? `The old model of project "${projectId}" stays in use.`
          : `Project "${projectId}" has no model, as before.`,
      );
      const progress = new ProgressReport(messages);
      try {
        const report = await project.train(corpus, {
          nJobs: options.jobs,
          ...(options.limitMemory === undefined
            ? undefined
            : { scratch: { memoryBytes: options.limitMemory, folder: project.dataDir } }),
          ...(options.outOfFold === undefined ? undefined : { outOfFold: options.outOfFold }),
          ...(unseen ? { unseen: unseen.corpus } : undefined),
          ...(sourceCorpus ? { sourceCorpus: sourceCorpus.corpus } : undefined),
          onSourceTrained: (trained) => {
            progress.end();
            sayReport(trained, (line) => messages.info(line));
          },
          signal: interruption.signal,
          onProgress: progress.update,
          onWarning: (message) => messages.warning(message),
        });
        progress.end();
        describe();
        if (options.dropLearnt) await project.learning.drop();
        else await sayKept(project, messages);
        if (options.json) await results.json(report);
        else if (report.projectId === projectId) sayReport(report, (line) => messages.info(line));
      } finally {
        progress.end();
        interruption.release();
      }
    },
  );
}

/** Says what has become of what was learnt before the training. */
async function sayKept(project: Project, messages: Session['messages']): Promise<void> {
  const { id, learning } = project;
  const standing = await learning.standing();
  const number = (state: StandingEntry['state']) => standing.filter((each) => each.state === state).length;
  const [nLearnt, nTrained] = [number('learnt'), number('trained')];
  if (nTrained > 0) {
    messages.info(
      `${count(nTrained)} documents that project ${id} has learnt before are in the corpus with the same subjects: it knows them from there`,
    );
  }
  if (nLearnt === 0) return;
  const replay = learning.calibrates
    ? `Have the calibration follow them: catchword journal replay ${id}; or forget`
    : 'Forget';
  messages.info(
    `${count(nLearnt)} documents that project ${id} has learnt before are kept in its journal and known still; where the corpus has other subjects, those of the journal hold. ` +
      `${replay} them: catchword journal drop ${id}`,
  );
}

function sayReport(report: TrainReport, say: (line: string) => void): void {
  const { nDocuments, nSubjectsSeen, nSubjectsUnseen, seconds, peakRssMiB, modelBytes, projectId } = report;
  for (const line of comparison(report)) say(line);
  say(
    `Trained project ${projectId} on ${count(nDocuments)} documents in ${duration(seconds)}: ` +
      `${count(nSubjectsSeen)} subjects seen, ${count(nSubjectsUnseen)} unseen; ` +
      `model ${fileSize(modelBytes)}, peak memory ${count(Math.round(peakRssMiB))} MiB`,
  );
}

/** What a fusion chose between, by cross-validation. */
function comparison({ details }: TrainReport): string[] {
  const { compared, model, untrainedFactor } = details;
  if (!Array.isArray(compared) || compared.length === 0) return [];
  const rows = (compared as ({ model: string } & RankingFigures)[]).map(
    (row) => `  ${row.model}: ${figures(row)}${row.model === model ? ' (chosen)' : ''}`,
  );
  const { factor = 1, ...quality } = (untrainedFactor ?? {}) as { factor?: number } & Partial<RankingFigures>;
  if (factor > 1) {
    const taken = `subjects without records taken for ${factor} times as probable in the choice of the first ten`;
    rows.push(`  ${taken}: ${figures(quality as RankingFigures)}`);
  }
  return ['Models on documents that they had not learnt:', ...rows];
}

interface RankingFigures {
  readonly ndcgAt10: number;
  /** Null where there are no untrained subjects. */
  readonly recallAt10Untrained: number | null;
}

function figures({ ndcgAt10, recallAt10Untrained: recall }: RankingFigures): string {
  return `nDCG@10 ${ndcgAt10}${recall === null ? '' : `, recall@10 of untrained subjects ${recall}`}`;
}
