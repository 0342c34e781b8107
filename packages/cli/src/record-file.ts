import type { Document, SubjectId } from '@catchword/core';
import type { DocumentResults } from '@catchword/corpus';
import type {
  Dialect,
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
import { marcMappingOf, openProjectCorpus } from './open-project-corpus.js';
import type { Session } from './session.js';

/** The names that `--format` has for formats of records, and what files of them end with. */
export const RECORD_FORMATS: Readonly<Record<string, { readonly format: MarcFormat; readonly ending: string }>> = {
  marc: { format: 'iso2709', ending: '.mrc' },
  marcxml: { format: 'marcxml', ending: '.xml' },
};

/** Warnings of one kind that are shown. */
const MOST_PROBLEMS = 20;

/** How records get their headings. */
export interface RecordSettings {
  /** A key of `RECORD_FORMATS`. */
  readonly format: string;
  readonly limit: number | 'auto';
  readonly threshold: number;
  /** Of labels. */
  readonly language: string;
  readonly dialect?: Dialect | undefined;
  readonly docsLimit?: number | undefined;
  readonly marcMapping?: string | undefined;
}

/** What a run stands on. */
interface Parts {
  readonly project: Project;
  readonly settings: RecordSettings;
  readonly session: Session;
  readonly signal: AbortSignal;
  readonly mapping: MarcMapping;
  readonly origin: HeadingOrigin;
  readonly toHeading: (subjectId: SubjectId, score: number) => Heading;
  readonly idOfUri: (uri: string) => SubjectId;
}

/** Where the headings of a file come from, and who is told. */
export interface RecordSource {
  /** For each document its headings. @see RecordWriting.headingsOfResults */
  headings(documents: AsyncIterable<Document>): AsyncGenerator<readonly Heading[] | undefined, void, undefined>;
  readonly onChange?: (path: string, record: MarcRecord, headed: HeadedRecord, place: MarcPlace) => void;
  /** What the records hold was told before: it is not told again. */
  readonly isToldBefore?: boolean;
}

/** Writes MARC records with suggestions as headings. */
export class RecordWriting {
  private readonly parts: Parts;
  private nProblems = 0;

  private constructor(parts: Parts) {
    this.parts = parts;
  }

  /** @param origin the model and the day that 883 names */
  static async open(
    project: Project,
    settings: RecordSettings,
    origin: { readonly modelId: string; readonly day: Date },
    session: Session,
    signal: AbortSignal,
  ): Promise<RecordWriting> {
    const { headingTags, parseMarcMapping } = await import('@catchword/marc');
    const { LabelledSubjects } = await import('@catchword/project');
    const given =
      (await marcMappingOf(settings.marcMapping ?? project.config.marcMapping)) ??
      parseMarcMapping(undefined, () => undefined);
    const { dialect = given.headings.dialect, language } = settings;
    const mapping = { ...given, headings: { ...given.headings, dialect } };
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
    return new RecordWriting({
      ...{ project, settings, session, signal, mapping, toHeading },
      origin: { projectId: project.id, modelId: origin.modelId, date: digitsOf(origin.day) },
      idOfUri: (uri) => vocabulary.idOfUri(uri),
    });
  }

  toHeading(subjectId: SubjectId, score: number): Heading {
    return this.parts.toHeading(subjectId, score);
  }

  /**
   * @param report is counted up
   * @returns one file with the records of all paths
   */
  async *bytes(
    paths: readonly string[],
    source: RecordSource,
    report: MarcWriteReport,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { settings, session, mapping, origin } = this.parts;
    const { format } = RECORD_FORMATS[settings.format] as (typeof RECORD_FORMATS)[string];
    const { openMarcFile } = await import('@catchword/corpus');
    const { describeMarcWrite, MARCXML_BEGINNING, MARCXML_END, writeMarc } = await import('@catchword/marc');
    const { corpus, describe } = await openProjectCorpus(this.parts.project, paths, session, {
      requireSubjects: false,
      docsLimit: settings.docsLimit,
      marcMapping: settings.marcMapping,
    });
    const headings = source.headings(corpus.documents());
    const recordsAlone = paths.length > 1;
    const isWrapped = recordsAlone && format === 'marcxml';
    let keepsAll = !recordsAlone;
    if (isWrapped) yield Buffer.from(MARCXML_BEGINNING);
    for (const path of paths) {
      const stream = await openMarcFile(path);
      keepsAll &&= stream.format === format;
      yield* writeMarc(
        stream,
        headings,
        {
          ...{ format, mapping, origin, recordsAlone },
          onChange: (record, headed, place) => source.onChange?.(path, record, headed, place),
          onProblem: (problem, place) => this.noteProblem(path, problem, place),
        },
        report,
      );
    }
    await headings.next(); // there are no more documents: what is to be said at the end is said
    await headings.return();
    if (isWrapped) yield Buffer.from(MARCXML_END);
    if (!source.isToldBefore) describe();
    for (const sentence of describeMarcWrite(report, keepsAll)) session.messages.warning(sentence);
  }

  /**
   * @param path results that `index` wrote for these documents or some of them, in their order
   * @param withoutResults of documents that the results do not have: `clear` for no headings, `keep` for those that are there
   * @returns for each document its headings; undefined for those that are there
   */
  async *headingsOfResults(
    documents: AsyncIterable<Document>,
    path: string,
    withoutResults: 'clear' | 'keep',
  ): AsyncGenerator<Heading[] | undefined, void, undefined> {
    const { settings, session, signal, toHeading, idOfUri } = this.parts;
    const { limit, threshold, docsLimit } = settings;
    const { readResults } = await import('@catchword/corpus');
    const results = readResults(path);
    let next = await results.next();
    let nUnknown = 0;
    for await (const { documentId } of documents) {
      signal.throwIfAborted();
      if (next.done || next.value.documentId !== documentId) {
        yield withoutResults === 'clear' ? [] : undefined;
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
    if (!next.done && docsLimit === undefined) {
      const { documentId } = next.value;
      session.messages.warning(
        `From document ${documentId ?? 'without id'} on the results of ${path} belong to no record: they have to be in the order of the records`,
      );
    }
    await results.return();
  }

  private noteProblem(path: string, problem: string, { number, offset }: MarcPlace): void {
    const { messages } = this.parts.session;
    this.nProblems++;
    if (this.nProblems > MOST_PROBLEMS + 1) return;
    if (this.nProblems > MOST_PROBLEMS) messages.warning('Further records like this are not shown');
    else messages.warning(`${problem} (${path}, record ${number} at byte ${offset})`);
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

/** @returns yyyymmdd, by the clock of this machine */
function digitsOf(day: Date): string {
  const digits = (n: number) => String(n).padStart(2, '0');
  return `${day.getFullYear()}${digits(day.getMonth() + 1)}${digits(day.getDate())}`;
}

/**
 * @throws {ConfigurationError} `usage-invalid` for folders, standard input and nothing; {InputError} as `openMarcFile` for files that are
 *   not MARC
 */
export async function checkRecords(paths: readonly string[], format: string): Promise<void> {
  const { statSync } = await import('node:fs');
  const { ConfigurationError } = await import('@catchword/core');
  const refuse = (message: string) => {
    throw new ConfigurationError('usage-invalid', message, { hint: 'Name files of MARC records: .mrc or MARCXML.' });
  };
  if (paths.length === 0 || paths.includes('-')) refuse(`--format ${format} needs files: records are read twice`);
  const folder = paths.find((path) => statSync(path).isDirectory());
  if (folder !== undefined) refuse(`--format ${format} writes records, and ${folder} is a folder`);
  const { openMarcFile } = await import('@catchword/corpus');
  for (const path of paths) await (await openMarcFile(path)).pieces.return();
}
