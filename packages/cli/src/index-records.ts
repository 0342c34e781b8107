import { ConfigurationError, type Document, type SubjectId } from '@catchword/core';
import type { DocumentResults } from '@catchword/corpus';
import type {
  HeadedRecord,
  Heading,
  HeadingOrigin,
  MarcFormat,
  MarcMapping,
  MarcPlace,
  MarcRecord,
  MarcWriteReport,
} from '@catchword/marc';
import type { Project } from '@catchword/project';
import type { IndexOptions } from './commands/index-documents.js';
import { marcMappingOf, openProjectCorpus } from './open-project-corpus.js';
import { count, ProgressReport } from './progress.js';
import type { Session } from './session.js';

/** The names that `--format` has for formats of records, and what files of them end with. */
export const RECORD_FORMATS: Readonly<Record<string, { readonly format: MarcFormat; readonly ending: string }>> = {
  marc: { format: 'iso2709', ending: '.mrc' },
  marcxml: { format: 'marcxml', ending: '.xml' },
};

/** Warnings of one kind that are shown. */
const MOST_PROBLEMS = 20;

/**
 * Indexes files of MARC records, and writes the records with suggestions as headings.
 *
 * @throws {ConfigurationError} `usage-invalid` for folders and standard input; {InputError} for files that are not MARC
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

async function checkRecords(paths: readonly string[], format: string): Promise<void> {
  const { statSync } = await import('node:fs');
  const refuse = (message: string) => {
    throw new ConfigurationError('usage-invalid', message, { hint: 'Name files of MARC records: .mrc or MARCXML.' });
  };
  if (paths.length === 0 || paths.includes('-')) refuse(`--format ${format} needs files: records are read twice`);
  const folder = paths.find((path) => statSync(path).isDirectory());
  if (folder !== undefined) refuse(`--format ${format} writes records, and ${folder} is a folder`);
  const { openMarcFile } = await import('@catchword/corpus');
  for (const path of paths) await (await openMarcFile(path)).pieces.return();
}

/** What a run stands on. */
interface Parts {
  readonly project: Project;
  readonly options: IndexOptions;
  readonly session: Session;
  readonly signal: AbortSignal;
  readonly mapping: MarcMapping;
  readonly origin: HeadingOrigin;
  readonly toHeading: (subjectId: SubjectId, score: number) => Heading;
  readonly idOfUri: (uri: string) => SubjectId;
  readonly report: MarcWriteReport;
  readonly diff: (headed: HeadedRecord) => string[];
}

/** One run of the command. */
class RecordIndexing {
  private readonly parts: Parts;
  private readonly progress: ProgressReport;
  private readonly written: { path: string; documents: number }[] = [];
  private readonly kept: string[] = [];
  /** Of a dry run: lines that wait to be written. */
  private readonly changes: string[] = [];
  private nProblems = 0;

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
    const { emptyMarcWriteReport, headingDiff, headingTags, parseMarcMapping } = await import('@catchword/marc');
    const { LabelledSubjects } = await import('@catchword/project');
    const { outputLanguage } = await import('./suggestion-output.js');
    const given = (await marcMappingOf(options.marcMapping)) ?? parseMarcMapping(undefined, () => undefined);
    const { dialect = given.headings.dialect } = options;
    const mapping = { ...given, headings: { ...given.headings, dialect } };
    const language = await outputLanguage(project, options.language);
    const { vocabulary } = await project.vocabulary();
    const subjects = new LabelledSubjects(vocabulary);
    const tagOf = headingTags(vocabulary, mapping.headings);
    const toHeading = (subjectId: SubjectId, score: number) => ({
      uri: subjects.uri(subjectId),
      label: subjects.label(subjectId, language) ?? '',
      notation: subjects.notation(subjectId),
      tag: tagOf(subjectId),
      confidence: score,
    });
    const origin = { projectId: project.id, modelId: await project.modelVersion(), date: today() };
    return new RecordIndexing({
      ...{ project, options, session, signal, mapping, origin, toHeading },
      idOfUri: (uri) => vocabulary.idOfUri(uri),
      report: emptyMarcWriteReport(),
      diff: headingDiff,
    });
  }

  /** Indexes files whose results go to one place. */
  async index(paths: readonly string[]): Promise<void> {
    const { options, session, report } = this.parts;
    const { output, suffix, gzip = false, dryRun = false } = options;
    const { corpusResultPath } = await import('@catchword/corpus');
    const { gzipMembers } = await import('@catchword/storage');
    const { writeOutput } = await import('./write-output.js');
    const resultPath = output ?? corpusResultPath(paths[0] as string, suffix, gzip, formatOf(options).ending);
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
    const { nChanged, nHeadingsAdded, nHeadingsRemoved, nPresent } = report;
    for (const { path, documents } of this.written) {
      session.messages.info(`Wrote ${count(documents)} records to ${path}`);
    }
    session.messages.info(
      `${options.dryRun ? 'Would change' : 'Changed'} ${count(nChanged)} of ${count(report.nRecords)} records: ` +
        `${count(nHeadingsAdded)} ${nHeadingsAdded === 1 ? 'heading' : 'headings'} added, ${count(nHeadingsRemoved)} of an earlier run removed; ` +
        `${count(nPresent)} ${nPresent === 1 ? 'suggestion was' : 'suggestions were'} there already`,
    );
    if (options.json && options.output !== '-') {
      await session.results.json({ written: this.written, kept: this.kept, records: report });
    }
  }

  whatStays(): string {
    const n = this.written.length;
    return n === 0 ? 'no result file was written.' : `result files that were whole stay: ${n}.`;
  }

  /** @returns one file with the records of all paths */
  private async *bytes(paths: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
    const { options, session, report, mapping, origin } = this.parts;
    const { format } = formatOf(options);
    const { openMarcFile } = await import('@catchword/corpus');
    const { describeMarcWrite, MARCXML_BEGINNING, MARCXML_END, writeMarc } = await import('@catchword/marc');
    const { corpus, describe } = await openProjectCorpus(this.parts.project, paths, session, {
      requireSubjects: false,
      docsLimit: options.docsLimit,
      marcMapping: options.marcMapping,
    });
    const suggestions =
      options.results === undefined
        ? this.headings(corpus.documents())
        : this.headingsOfResults(corpus.documents(), options.results);
    const recordsAlone = paths.length > 1;
    const isWrapped = recordsAlone && format === 'marcxml';
    let keepsAll = !recordsAlone;
    if (isWrapped) yield Buffer.from(MARCXML_BEGINNING);
    for (const path of paths) {
      const stream = await openMarcFile(path);
      keepsAll &&= stream.format === format;
      yield* writeMarc(
        stream,
        suggestions,
        {
          ...{ format, mapping, origin, recordsAlone },
          onChange: (record, headed, place) => this.noteChange(path, record, headed, place),
          onProblem: (problem, place) => this.noteProblem(path, problem, place),
        },
        report,
      );
    }
    await suggestions.next(); // there are no more documents: what is to be said at the end is said
    await suggestions.return();
    if (isWrapped) yield Buffer.from(MARCXML_END);
    describe();
    for (const sentence of describeMarcWrite(report, keepsAll)) session.messages.warning(sentence);
  }

  /** @returns for each document its headings */
  private async *headings(documents: AsyncIterable<Document>): AsyncGenerator<Heading[], void, undefined> {
    const { project, options, signal, toHeading } = this.parts;
    const { limit, threshold, jobs } = options;
    let done = 0;
    for await (const batch of project.suggestStream(documents, { limit, threshold, nJobs: jobs, signal })) {
      for (let i = 0; i < batch.docs.length; i++) {
        yield batch.suggestions.row(i).map(({ subjectId, score }) => toHeading(subjectId, score));
      }
      done += batch.docs.length;
      this.progress.update({ stage: 'indexing', done, unit: 'documents' });
    }
  }

  /**
   * @param path results that `index` wrote for these documents or some of them, in their order
   * @returns for each document its headings; none where the results have none for it
   */
  private async *headingsOfResults(
    documents: AsyncIterable<Document>,
    path: string,
  ): AsyncGenerator<Heading[], void, undefined> {
    const { options, session, signal, toHeading, idOfUri } = this.parts;
    const { limit, threshold } = options;
    const { readResults } = await import('@catchword/corpus');
    const results = readResults(path);
    let next = await results.next();
    let nUnknown = 0;
    for await (const { documentId } of documents) {
      signal.throwIfAborted();
      if (next.done || next.value.documentId !== documentId) {
        yield [];
        continue;
      }
      const headings: Heading[] = [];
      for (const { uri, score, ...decision } of chosenResults(next.value, limit, threshold)) {
        const id = idOfUri(uri);
        if (id < 0) nUnknown++;
        else headings.push({ ...toHeading(id, score), ...decision });
      }
      yield headings;
      next = await results.next();
    }
    if (nUnknown > 0)
      session.messages.warning(`${nUnknown} suggestions of ${path} are not in the vocabulary: left out`);
    if (!next.done && options.docsLimit === undefined) {
      const { documentId } = next.value;
      session.messages.warning(
        `From document ${documentId ?? 'without id'} on the results of ${path} belong to no record: they have to be in the order of the records`,
      );
    }
    await results.return();
  }

  private noteChange(path: string, record: MarcRecord, headed: HeadedRecord, { number }: MarcPlace): void {
    if (!this.parts.options.dryRun || this.parts.options.json) return;
    const id = record.fields.find(({ tag }) => tag === '001')?.value;
    this.changes.push(`${path}, record ${number}${id === undefined ? '' : ` (${id})`}`, ...this.parts.diff(headed));
  }

  private async showChanges(): Promise<void> {
    const lines = this.changes.splice(0);
    if (lines.length > 0) await this.parts.session.results.write(`${lines.join('\n')}\n`);
  }

  private noteProblem(path: string, problem: string, { number, offset }: MarcPlace): void {
    const { messages } = this.parts.session;
    this.nProblems++;
    if (this.nProblems > MOST_PROBLEMS + 1) return;
    if (this.nProblems > MOST_PROBLEMS) messages.warning('Further records like this are not shown');
    else messages.warning(`${problem} (${path}, record ${number} at byte ${offset})`);
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

/** @returns where a person has decided, what they took over or gave; else the best suggestions */
function chosenResults(
  { results, decisions }: DocumentResults,
  limit: number | 'auto',
  threshold: number,
): { readonly uri: string; readonly score: number; readonly decision?: 'accepted' | 'added' }[] {
  if (decisions.length > 0) {
    return decisions.flatMap(({ uri, action }) => {
      if (action === 'rejected') return [];
      const score = results.find((result) => result.uri === uri)?.score ?? 0;
      return [{ uri, score, decision: action }];
    });
  }
  const chosen = results.filter(({ score }) => score >= threshold);
  return limit === 'auto' ? chosen : chosen.slice(0, limit);
}

function formatOf({ format }: IndexOptions): { readonly format: MarcFormat; readonly ending: string } {
  return RECORD_FORMATS[format] as (typeof RECORD_FORMATS)[string];
}

/** @returns yyyymmdd, by the clock of this machine */
function today(): string {
  const now = new Date();
  const digits = (n: number) => String(n).padStart(2, '0');
  return `${now.getFullYear()}${digits(now.getMonth() + 1)}${digits(now.getDate())}`;
}
