import type { Document, SubjectId } from '@catchword/core';
import type { DocumentResults } from '@catchword/corpus';
import type {
  Dialect,
  Heading,
  HeadingChange,
  HeadingOrigin,
  HeadingSource,
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

/** Concepts whose headings are kept: about 10 MiB. */
const MOST_CONCEPTS = 1 << 15;
/** Stands for a concept that is not in the vocabulary. */
const UNKNOWN: Heading = { uri: '', label: '', notation: undefined, tag: '', confidence: 0 };

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

/** Where a record stands: which of the paths, from 0, and which of its documents, from 1. */
export interface RecordPlace {
  readonly source: number;
  readonly document: number;
}

/** Where the headings of files come from, and who is told. */
export interface RecordSource {
  /**
   * @param place that of the record whose headings are asked for
   * @param documents opens the documents of the records; what they hold is told at the end then
   * @see RecordWriting
   */
  open(place: RecordPlace, documents: () => AsyncIterable<Document>): EndedHeadings | Promise<EndedHeadings>;
  readonly onChange?: ((path: string, record: MarcRecord, headed: HeadingChange, place: MarcPlace) => void) | undefined;
  /** Threads that write, 0 = one for each processor; 1 where others are busy with suggesting. */
  readonly nJobs: number;
}

/** Gives headings to records, and is told when there are no more. */
interface EndedHeadings extends HeadingSource {
  /** Says what is to be said at the end. @throws where something is left over that must not be */
  end(): Promise<void>;
}

/** @param headings for each document, in their order */
export function byDocument(headings: AsyncGenerator<readonly Heading[] | undefined, void, undefined>): EndedHeadings {
  return {
    next: () => headings.next(),
    async end() {
      await headings.next(); // there are no more documents
      await headings.return();
    },
  };
}

/** Writes MARC records with suggestions as headings. */
export class RecordWriting {
  private readonly parts: Parts;
  private nProblems = 0;
  /** By URI, those that were met. */
  private readonly concepts = new Map<string, Heading>();

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
    const { onChange, nJobs } = source;
    const { format } = RECORD_FORMATS[settings.format] as (typeof RECORD_FORMATS)[string];
    const { openMarcFile } = await import('@catchword/corpus');
    const { describeMarcWrite, MARCXML_BEGINNING, MARCXML_END, writeMarc } = await import('@catchword/marc');
    let describe: (() => void) | undefined;
    const { project } = this.parts;
    const documents = async function* () {
      const opened = await openProjectCorpus(project, paths, session, {
        requireSubjects: false,
        docsLimit: settings.docsLimit,
        marcMapping: settings.marcMapping,
      });
      describe = opened.describe;
      yield* opened.corpus.documents();
    };
    const place = { source: 0, document: 0 };
    const headings = await source.open(place, documents);
    const counted: HeadingSource = {
      next: (piece) => {
        place.document++;
        return headings.next(piece);
      },
    };
    const recordsAlone = paths.length > 1;
    const isWrapped = recordsAlone && format === 'marcxml';
    let keepsAll = !recordsAlone;
    if (isWrapped) yield Buffer.from(MARCXML_BEGINNING);
    for (const [i, path] of paths.entries()) {
      Object.assign(place, { source: i, document: 0 });
      const stream = await openMarcFile(path);
      keepsAll &&= stream.format === format;
      yield* writeMarc(
        stream,
        counted,
        {
          ...{ format, mapping, origin, recordsAlone, nJobs },
          ...(onChange && { onChange: (record, headed, place) => onChange(path, record, headed, place) }),
          onProblem: (problem, place) => this.noteProblem(path, problem, place),
        },
        report,
      );
    }
    await headings.end(); // what is to be said at the end is said
    if (isWrapped) yield Buffer.from(MARCXML_END);
    describe?.();
    for (const sentence of describeMarcWrite(report, keepsAll)) session.messages.warning(sentence);
  }

  /**
   * @param path results that `index` wrote for these documents or some of them, in their order
   * @returns for each document its headings; undefined, for those that are there, where the results have none for it
   */
  async *headingsOfResults(
    documents: AsyncIterable<Document>,
    path: string,
  ): AsyncGenerator<Heading[] | undefined, void, undefined> {
    const { session, signal } = this.parts;
    const { readResults } = await import('@catchword/corpus');
    const results = readResults(path);
    let next = await results.next();
    let nUnknown = 0;
    for await (const { documentId, text } of documents) {
      signal.throwIfAborted();
      const isIts = !next.done && next.value.documentId === documentId && (next.value.text ?? text) === text;
      if (next.done || !isIts) {
        yield undefined;
        continue;
      }
      const headings = this.headingsOf(next.value);
      nUnknown += headings.nUnknown;
      yield headings.known;
      next = await results.next();
    }
    if (nUnknown > 0)
      session.messages.warning(`${nUnknown} suggestions of ${path} are not in the vocabulary: left out`);
    if (!next.done && this.parts.settings.docsLimit === undefined) {
      const { documentId } = next.value;
      session.messages.warning(
        `From document ${documentId ?? 'without id'} on the results of ${path} belong to no record: they have to be in the order of the records`,
      );
    }
    await results.return();
  }

  /**
   * Pairs results with records by where they stand, so that the records need not be made documents again.
   *
   * @param place that of the record whose headings are asked for
   * @param path results of a job, which say where their documents stand
   * @returns for each record its headings; none where the results have none for it. It throws {OperationError} `job-changed`
   *   where results belong to no record
   */
  async headingsOfJob(place: RecordPlace, path: string): Promise<EndedHeadings> {
    const { signal, mapping, settings } = this.parts;
    const { docsLimit = Number.POSITIVE_INFINITY } = settings;
    const { readResults } = await import('@catchword/corpus');
    const { RecordMapper } = await import('@catchword/marc');
    const mapper = new RecordMapper(mapping);
    const results = readResults(path);
    let next = await results.next();
    let nRecords = 0;
    const refuse = async () => {
      if (next.done) return;
      const { OperationError } = await import('@catchword/core');
      const { documentId = 'without id' } = next.value;
      throw new OperationError('job-changed', `The results for document ${documentId} belong to no record any more`, {
        hint: 'Bring the input back as it was, or begin anew with --restart.',
        context: { path },
      });
    };
    return {
      next: async ({ record, place: { number } }) => {
        signal.throwIfAborted();
        if (++nRecords > docsLimit) return { done: true, value: undefined };
        const its = next.done ? undefined : next.value.place;
        if (next.done || its?.source !== place.source || its.document !== place.document) return { value: [] };
        if (next.value.documentId !== (mapper.id(record) ?? `${number}`)) await refuse();
        const { modelId } = its;
        const headings = this.headingsOf(next.value, modelId).known;
        next = await results.next();
        return { value: headings };
      },
      end: refuse,
    };
  }

  private headingsOf(
    result: DocumentResults,
    modelId?: string,
  ): { readonly known: Heading[]; readonly nUnknown: number } {
    const { settings } = this.parts;
    const known: Heading[] = [];
    let nUnknown = 0;
    for (const { uri, score, decision } of chosenResults(result, settings.limit, settings.threshold)) {
      const concept = this.concept(uri);
      if (!concept) {
        nUnknown++;
        continue;
      }
      const { label, notation, tag } = concept;
      const heading = { uri: concept.uri, label, notation, tag, confidence: score };
      // Spread only where it is rare: objects that are made in one piece are read faster.
      if (decision !== undefined)
        known.push({ ...heading, ...(modelId === undefined ? undefined : { modelId }), decision });
      else if (modelId === undefined) known.push(heading);
      else known.push({ uri: concept.uri, label, notation, tag, confidence: score, modelId });
    }
    return { known, nUnknown };
  }

  /** @returns a heading of the concept, the same one each time; undefined where it is not in the vocabulary */
  private concept(uri: string): Heading | undefined {
    const { toHeading, idOfUri } = this.parts;
    let concept = this.concepts.get(uri);
    if (concept === undefined) {
      if (this.concepts.size >= MOST_CONCEPTS) this.concepts.clear();
      const id = idOfUri(uri);
      concept = id < 0 ? UNKNOWN : toHeading(id, 0);
      this.concepts.set(uri, concept);
    }
    return concept === UNKNOWN ? undefined : concept;
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
