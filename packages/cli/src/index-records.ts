import { ConfigurationError, type Document } from '@catchword/core';
import type { Heading, HeadingChange, MarcPlace, MarcRecord, MarcWriteReport } from '@catchword/marc';
import type { Project } from '@catchword/project';
import type { IndexOptions } from './commands/index-documents.js';
import { count, ProgressReport } from './progress.js';
import { byDocument, checkRecords, RECORD_FORMATS, RecordWriting } from './record-file.js';
import { recordReportLine } from './record-report-output.js';
import type { Session } from './session.js';

/**
 * Indexes files of MARC records, and writes the records with suggestions as headings, without a job.
 *
 * @throws as `checkRecords`; whatever reading, suggesting and writing throw
 */
export async function indexRecords(
  project: Project,
  paths: readonly string[],
  options: IndexOptions,
  session: Session,
): Promise<void> {
  const { checkPaths } = await import('./open-project-corpus.js');
  await checkPaths(paths);
  await checkRecords(paths, options.format);
  if (options.output !== undefined && options.output !== '-' && !options.dryRun) {
    (await import('./write-output.js')).checkOutput(options.output);
  }
  if (!options.dryRun && options.output !== '-') {
    const { corpusResultPath } = await import('@catchword/corpus');
    const { checkDistinct } = await import('./check-distinct.js');
    const { suffix, gzip = false, output, format } = options;
    const { ending } = RECORD_FORMATS[format] as (typeof RECORD_FORMATS)[string];
    const outputs = output === undefined ? paths.map((path) => corpusResultPath(path, suffix, gzip, ending)) : [output];
    checkDistinct(outputs, paths);
  }
  await project.modelRecord(); // what is wrong with the model is said before a file is touched
  const { abortOnInterruption } = await import('./interruption.js');
  const interruption = abortOnInterruption(session.messages);
  const indexing = await RecordIndexing.open(project, options, session, interruption.signal);
  try {
    for (const group of options.output === undefined ? paths.map((path) => [path]) : [paths])
      await indexing.index(group);
  } catch (error) {
    throw interruption.errorAfter(error, indexing.whatStays());
  } finally {
    interruption.release();
  }
  await indexing.tell();
}

/** @throws {ConfigurationError} `usage-invalid` for options of records with another format */
export function refuseRecordOptions({ format, dialect, dryRun, results }: IndexOptions): void {
  const others = results === undefined ? undefined : '--results';
  const option = dryRun ? '--dry-run' : dialect === undefined ? others : '--dialect';
  if (option === undefined) return;
  throw new ConfigurationError('usage-invalid', `${option} goes with --format marc or marcxml, not with ${format}`, {
    hint: 'Add --format marc.',
  });
}

/** What a run stands on. */
interface Parts {
  readonly project: Project;
  readonly options: IndexOptions;
  readonly session: Session;
  readonly signal: AbortSignal;
  readonly writing: RecordWriting;
  readonly report: MarcWriteReport;
  readonly diff: (headed: HeadingChange) => string[];
}

/** One run of the command. */
class RecordIndexing {
  private readonly parts: Parts;
  private readonly progress: ProgressReport;
  private readonly written: { path: string; documents: number }[] = [];
  private readonly kept: string[] = [];
  /** Of a dry run: lines that wait to be written. */
  private readonly changes: string[] = [];

  private constructor(parts: Parts) {
    this.parts = parts;
    this.progress = new ProgressReport(parts.session.messages);
  }

  static async open(
    project: Project,
    options: IndexOptions,
    session: Session,
    signal: AbortSignal,
  ): Promise<RecordIndexing> {
    const { emptyMarcWriteReport, headingDiff } = await import('@catchword/marc');
    const { outputLanguage } = await import('./suggestion-output.js');
    const settings = { ...options, language: await outputLanguage(project, options.language) };
    const origin = { modelId: await project.modelVersion(), day: new Date() };
    const writing = await RecordWriting.open(project, settings, origin, session, signal);
    const report = emptyMarcWriteReport();
    return new RecordIndexing({ project, options, session, signal, writing, report, diff: headingDiff });
  }

  /** Indexes files whose results go to one place. */
  async index(paths: readonly string[]): Promise<void> {
    const { options, session, report } = this.parts;
    const { output, suffix, gzip = false, dryRun = false, format } = options;
    const { corpusResultPath } = await import('@catchword/corpus');
    const { gzipMembers } = await import('@catchword/storage');
    const { writeOutput } = await import('./write-output.js');
    const { ending } = RECORD_FORMATS[format] as (typeof RECORD_FORMATS)[string];
    const resultPath = output ?? corpusResultPath(paths[0] as string, suffix, gzip, ending);
    if (dryRun || resultPath === '-') {
      for await (const bytes of this.bytes(paths)) {
        if (!dryRun) await session.results.write(bytes);
        await this.showChanges();
      }
      await this.showChanges();
      return;
    }
    if (!(await this.mayWrite(resultPath))) return;
    const before = report.nRecords;
    await writeOutput(resultPath, gzip ? gzipMembers(this.bytes(paths)) : this.bytes(paths));
    this.written.push({ path: resultPath, documents: report.nRecords - before });
  }

  /** Says at the end what was done. */
  async tell(): Promise<void> {
    const { options, session, report } = this.parts;
    this.progress.end();
    for (const { path, documents } of this.written) {
      session.messages.info(`Wrote ${count(documents)} records to ${path}`);
    }
    session.messages.info(recordReportLine(report, options.dryRun));
    if (options.json && options.output !== '-') {
      await session.results.json({ written: this.written, kept: this.kept, records: report });
    }
  }

  whatStays(): string {
    const n = this.written.length;
    return n === 0 ? 'no result file was written.' : `result files that were whole stay: ${n}.`;
  }

  private bytes(paths: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
    const { options, writing, report } = this.parts;
    const { results, dryRun = false, json = false, jobs } = options;
    return writing.bytes(
      paths,
      {
        open: (_, documents) =>
          byDocument(
            results === undefined ? this.headings(documents()) : writing.headingsOfResults(documents(), results),
          ),
        onChange:
          dryRun && !json ? (path, record, headed, place) => this.noteChange(path, record, headed, place) : undefined,
        nJobs: results === undefined ? 1 : jobs,
      },
      report,
    );
  }

  /** @returns for each document its headings */
  private async *headings(documents: AsyncIterable<Document>): AsyncGenerator<Heading[], void, undefined> {
    const { project, options, signal, writing } = this.parts;
    const { limit, threshold, jobs } = options;
    let done = 0;
    for await (const batch of project.suggestStream(documents, { limit, threshold, nJobs: jobs, signal })) {
      for (let i = 0; i < batch.docs.length; i++) {
        yield batch.suggestions.row(i).map(({ subjectId, score }) => writing.toHeading(subjectId, score));
      }
      done += batch.docs.length;
      this.progress.update({ stage: 'indexing', done, unit: 'documents' });
    }
  }

  private noteChange(path: string, record: MarcRecord, headed: HeadingChange, { number }: MarcPlace): void {
    const id = record.fields.find(({ tag }) => tag === '001')?.value;
    this.changes.push(`${path}, record ${number}${id === undefined ? '' : ` (${id})`}`, ...this.parts.diff(headed));
  }

  private async showChanges(): Promise<void> {
    const lines = this.changes.splice(0);
    if (lines.length > 0) await this.parts.session.results.write(`${lines.join('\n')}\n`);
  }

  private async mayWrite(path: string): Promise<boolean> {
    const { statSync } = await import('node:fs');
    const { options, session } = this.parts;
    if (options.force || !statSync(path, { throwIfNoEntry: false })?.isFile()) return true;
    this.kept.push(path);
    if (!options.json) await session.results.line(`Not overwriting ${path} (use --force to override)`);
    return false;
  }
}
