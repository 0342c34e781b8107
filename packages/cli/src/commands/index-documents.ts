import type { Document, SubjectIndex } from '@catchword/core';
import type { OpenCorpus, TableFormat } from '@catchword/corpus';
import type { Dialect } from '@catchword/marc';
import type { Project, SuggestedBatch } from '@catchword/project';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { keepHeapSmall } from '../heap-size.js';
import { openProjectCorpus } from '../open-project-corpus.js';
import { openProject } from '../open-registry.js';
import {
  addBackendParamOption,
  addCommonOptions,
  addCorpusOptions,
  addJobsOption,
  addLanguageOption,
  addSuggestionOptions,
  type BackendParam,
  type CommonOptions,
  type CorpusOptions,
} from '../options.js';
import { count, ProgressReport } from '../progress.js';
import type { Session } from '../session.js';

/** The options of `index`. */
export interface IndexOptions extends CommonOptions, CorpusOptions {
  readonly suffix: string;
  readonly format: 'jsonl' | TableFormat | 'marc' | 'marcxml';
  readonly dialect?: Dialect;
  readonly dryRun?: boolean;
  readonly results?: string;
  readonly force?: boolean;
  readonly limit: number | 'auto';
  readonly threshold: number;
  readonly language?: string;
  readonly gzip?: boolean;
  readonly output?: string;
  readonly includeDoc?: boolean;
  readonly backendParam?: readonly BackendParam[];
  readonly jobs: number;
  readonly job?: boolean;
  readonly restart?: boolean;
  readonly withNewModel?: boolean;
  readonly queue?: string;
  readonly acceptAbove?: number;
  readonly reviewAbove?: number;
}

export function addIndex(program: Command, session: Session): void {
  const command = program
    .command('index')
    .description('suggest subjects for whole files and folders of documents, and write the results beside them')
    .argument('<project-id>', 'id of the project')
    .argument('[paths...]', 'corpora, as for train; subjects are not needed')
    .option('-s, --suffix <suffix>', 'what the names of result files end with', '.annif')
    .addOption(
      new Option('--format <name>', 'how results of files are written; marc and marcxml: the records, with headings')
        .choices(['jsonl', 'tsv', 'csv', 'marc', 'marcxml'])
        .default('jsonl'),
    )
    .addOption(new Option('--dialect <name>', 'how headings of records are written').choices(['standard', 'dnb']))
    .option('--dry-run', 'with --format marc or marcxml: say what would change, and write nothing')
    .option('--results <file>', 'with --format marc or marcxml: take the suggestions from results in JSON Lines')
    .option('-f, --force', 'write over existing result files')
    .option('-F, --no-force', 'keep existing result files (the default)')
    .option('-z, --gzip', 'compress the results')
    .option('-Z, --no-gzip', 'write plain results (the default)')
    .option('-O, --output <file>', 'write all results to this file; - is standard output')
    .option('-i, --include-doc', 'repeat the document in its result (the default)')
    .option('-I, --no-include-doc', 'leave the document out: only its id, if it has one, and its results')
    .addOption(certaintyOption('--accept-above <x>', 'documents whose confidence, or best score, is at least x'))
    .addOption(certaintyOption('--review-above <x>', 'those to be looked at: at least x; all others are left'))
    .option('--job', 'make it a job, which survives a crash, also where the input is small')
    .option('--no-job', 'make it no job, however large the input is')
    .option('--restart', 'begin the job anew, not where it stopped')
    .option('--queue <url>', 'have workers do the job, through a queue such as redis://host:6379')
    .option('--with-new-model', 'go on with the job although the project was trained or has learnt since it began');
  addLanguageOption(addSuggestionOptions(command));
  addJobsOption(addCorpusOptions(addBackendParamOption(addCommonOptions(command)))).action(
    async (projectId: string, paths: string[], options: IndexOptions) => {
      // Records, and chunks on their way to workers, are much garbage: a small heap would cost a quarter of the time.
      if (options.queue === undefined && !isRecords(options)) keepHeapSmall();
      const { indexRecords, refuseRecordOptions } = await import('../index-records.js');
      const { RECORD_FORMATS } = await import('../record-file.js');
      if (!(options.format in RECORD_FORMATS)) refuseRecordOptions(options);
      const project = await openProject(projectId, options, session);
      const { indexAsJob } = await import('../index-job.js');
      if (await indexAsJob(project, paths, options, session)) return;
      if (options.format in RECORD_FORMATS) {
        await indexRecords(project, paths, options, session);
        return;
      }
      await new Indexing(project, options, session).run(paths);
    },
  );
}

function isRecords({ format }: IndexOptions): boolean {
  return format === 'marc' || format === 'marcxml';
}

function certaintyOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= 0 && value <= 1) return value;
    throw new InvalidArgumentError('It is a number from 0 to 1.');
  });
}

/** One run of the command. */
class Indexing {
  private readonly project: Project;
  private readonly options: IndexOptions;
  private readonly session: Session;
  private readonly progress: ProgressReport;
  private readonly written: { path: string; documents: number }[] = [];
  private readonly kept: string[] = [];
  private nDone = 0;
  private nFiles = 0;
  private signal: AbortSignal | undefined;

  constructor(project: Project, options: IndexOptions, session: Session) {
    this.project = project;
    this.options = options;
    this.session = session;
    this.progress = new ProgressReport(session.messages);
  }

  async run(paths: readonly string[]): Promise<void> {
    const { json, output } = this.options;
    const { messages, results } = this.session;
    const { outputLanguage } = await import('../suggestion-output.js');
    const { LabelledSubjects } = await import('@catchword/project');
    const language = await outputLanguage(this.project, this.options.language);
    if (output !== undefined && output !== '-') (await import('../write-output.js')).checkOutput(output);
    await this.project.modelRecord(); // what is wrong with the model is said before a file is touched
    const target = { subjects: new LabelledSubjects((await this.project.vocabulary()).vocabulary), language };
    const groups = await this.groups(paths);
    await this.checkOutputs(groups);
    const { abortOnInterruption } = await import('../interruption.js');
    const interruption = abortOnInterruption(messages);
    interruption.endReading(paths, this.session);
    this.signal = interruption.signal;
    try {
      for (const group of groups) await this.index(group, target);
    } catch (error) {
      throw interruption.errorAfter(error, this.whatStays());
    } finally {
      this.progress.end();
      interruption.release();
    }
    for (const { path, documents } of this.written) messages.info(`Wrote ${count(documents)} documents to ${path}`);
    const { usage } = this.project;
    if (usage) messages.info((await import('../usage-output.js')).usageLine(usage));
    const result = { written: this.written, kept: this.kept, ...(usage ? { usage } : undefined) };
    if (json && output !== '-') await results.json(result);
  }

  /** Each path by itself, or all together where one output takes them. */
  private async groups(paths: readonly string[]): Promise<{ paths: readonly string[]; isFolder: boolean }[]> {
    const { statSync } = await import('node:fs');
    const { checkPaths } = await import('../open-project-corpus.js');
    await checkPaths(paths);
    const isFolder = (path: string) => path !== '-' && statSync(path).isDirectory();
    if (this.options.output !== undefined && paths.length > 0) return [{ paths, isFolder: false }];
    if (paths.length === 0) this.session.messages.warning('Reading empty file');
    if (this.options.format !== 'jsonl' && paths.some(isFolder)) {
      const { ConfigurationError } = await import('@catchword/core');
      throw new ConfigurationError('usage-invalid', `--format ${this.options.format} writes one file for a folder`, {
        hint: 'Name it with --output.',
      });
    }
    if (this.options.gzip && paths.some(isFolder)) {
      this.session.messages.warning('--gzip has no effect on the results of a folder, unless --output names one file');
    }
    return paths.map((path) => ({ paths: [path], isFolder: isFolder(path) }));
  }

  private async checkOutputs(groups: readonly { paths: readonly string[]; isFolder: boolean }[]): Promise<void> {
    const { corpusResultPath } = await import('@catchword/corpus');
    const { checkDistinct, checkFolderSuffix } = await import('../check-distinct.js');
    const { output, suffix, gzip = false, format } = this.options;
    if (output === '-') return;
    for (const { paths } of groups.slice(0, output === undefined ? 0 : 1)) checkDistinct([output as string], paths);
    if (output !== undefined) return;
    if (groups.some(({ isFolder }) => isFolder)) checkFolderSuffix(suffix);
    const files = groups.flatMap(({ paths, isFolder }) => (isFolder || paths[0] === '-' ? [] : (paths[0] as string)));
    checkDistinct(
      files.map((path) => corpusResultPath(path, suffix, gzip, `.${format}`)),
      files,
    );
  }

  private async index(group: { paths: readonly string[]; isFolder: boolean }, target: Target): Promise<void> {
    const { docsLimit, marcMapping } = this.options;
    const settings = { requireSubjects: false, docsLimit, marcMapping };
    const { corpus, describe } = await openProjectCorpus(this.project, group.paths, this.session, settings);
    if (group.isFolder) await this.indexFolder(corpus, group.paths[0] as string, target);
    else await this.indexFiles(corpus, group.paths[0] as string, target);
    describe();
  }

  private async indexFolder(corpus: OpenCorpus, folder: string, target: Target): Promise<void> {
    const { documentResultPath, suggestionLines } = await import('@catchword/corpus');
    const { writeOutput } = await import('../write-output.js');
    const resultPath = (doc: Document) => documentResultPath(doc.path as string, this.options.suffix);
    const wanted = async function* (this: Indexing): AsyncGenerator<Document, void, undefined> {
      for await (const doc of corpus.documents()) if (await this.mayWrite(resultPath(doc))) yield doc;
    };
    const nKept = this.kept.length;
    let documents = 0;
    for await (const { docs, suggestions } of this.suggest(wanted.call(this))) {
      for (const [i, doc] of docs.entries()) {
        const lines = suggestionLines(suggestions, i, target).map((line) => `${line}\n`);
        await writeOutput(resultPath(doc), lines.join(''));
        documents++;
        this.nFiles++;
      }
    }
    if (documents > 0 || this.kept.length === nKept) this.written.push({ path: folder, documents });
  }

  private async indexFiles(corpus: OpenCorpus, path: string, target: Target): Promise<void> {
    const { corpusResultPath, jsonlFormat, tableFormat } = await import('@catchword/corpus');
    const { gzipMembers } = await import('@catchword/storage');
    const { writeOutput } = await import('../write-output.js');
    const { output, suffix, gzip = false, includeDoc = true, format: name } = this.options;
    const isTable = name === 'csv' || name === 'tsv';
    const format = isTable ? tableFormat(target, name) : jsonlFormat(target, includeDoc);
    const pieces = async function* (this: Indexing): AsyncGenerator<string | Uint8Array, void, undefined> {
      yield format.head;
      for await (const { docs, suggestions } of this.suggest(corpus.documents())) {
        for (const [i, doc] of docs.entries()) yield format.piece(doc, suggestions, i);
      }
      yield format.end;
    };
    if (output === '-' || (output === undefined && path === '-')) {
      for await (const piece of pieces.call(this)) await this.session.results.write(piece);
      return;
    }
    const resultPath = output ?? corpusResultPath(path, suffix, gzip, `.${name}`);
    if (!(await this.mayWrite(resultPath))) return;
    const before = this.nDone;
    await writeOutput(resultPath, gzip ? gzipMembers(pieces.call(this)) : pieces.call(this));
    this.written.push({ path: resultPath, documents: this.nDone - before });
    this.nFiles++;
  }

  private async *suggest(docs: AsyncIterable<Document>): AsyncGenerator<SuggestedBatch, void, undefined> {
    const { limit, threshold, jobs } = this.options;
    const settings = { limit, threshold, nJobs: jobs, ...(this.signal ? { signal: this.signal } : undefined) };
    for await (const batch of this.project.suggestStream(docs, settings)) {
      yield batch;
      this.nDone += batch.docs.length;
      this.progress.update({ stage: 'indexing', done: this.nDone, unit: 'documents' });
    }
  }

  private whatStays(): string {
    if (this.nFiles === 0) return 'no result file was written.';
    const files =
      this.nFiles === 1
        ? '1 result file that was whole stays'
        : `${count(this.nFiles)} result files that were whole stay`;
    return `${files}; run again to write the others.`;
  }

  private async mayWrite(path: string): Promise<boolean> {
    const { statSync } = await import('node:fs');
    if (this.options.force || !statSync(path, { throwIfNoEntry: false })?.isFile()) return true; // a device loses nothing
    this.kept.push(path);
    if (!this.options.json) await this.session.results.line(`Not overwriting ${path} (use --force to override)`);
    return false;
  }
}

interface Target {
  readonly subjects: SubjectIndex;
  readonly language: string;
}
