import type { Document, SubjectId, SubjectIndex } from '@catchword/core';
import { InputError } from '@catchword/core';
import { ownString, type Tally, type Warnings } from './corpus-report.js';

/** A place in a source: the line is absent or 0 where the source is one document. */
export interface Place {
  readonly path: string;
  readonly line?: number;
}

/** What all formats need to turn what they read into documents. */
export interface ReaderSettings {
  readonly subjects: SubjectIndex;
  readonly language: string;
  readonly requireSubjects: boolean;
  readonly isExcluded: ((id: SubjectId) => boolean) | undefined;
  readonly whyExcluded: ((id: SubjectId) => string) | undefined;
  readonly docsLimit: number;
  readonly isWanted: ((path: string) => boolean) | undefined;
  readonly onPassedOver: ((path: string) => void | Promise<void>) | undefined;
  readonly onUnreadable: ((path: string, error: InputError) => void | Promise<void>) | undefined;
  readonly warnings: Warnings;
}

/** A document as a format states it. */
export interface StatedDocument {
  readonly text: string;
  readonly documentId?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly path?: string | undefined;
  readonly weight?: number | undefined;
}

/** Problems that an error lists. */
const MAX_PROBLEMS = 10;

/**
 * Makes documents of one pass: looks up gold subjects, decides whether a document is wanted, and counts.
 *
 * A format calls `uri` and `label` for each subject that it finds, then `document`.
 */
export class DocumentReader {
  readonly requireSubjects: boolean;
  private readonly settings: ReaderSettings;
  private readonly tally: Tally;
  private ids: SubjectId[] = [];
  private excluded: { readonly id: SubjectId; readonly place: Place }[] = [];
  private nStated = 0;
  private nUsable = 0;
  private problems: string[] = [];
  private nProblems = 0;

  constructor(settings: ReaderSettings, tally: Tally) {
    this.settings = settings;
    this.requireSubjects = settings.requireSubjects;
    this.tally = tally;
  }

  /** True when the wanted number of documents has been made. */
  get isFull(): boolean {
    return this.tally.nDocuments >= this.settings.docsLimit;
  }

  /** @returns whether the vocabulary has the URI */
  knows(uri: string): boolean {
    return this.settings.subjects.idOfUri(uri) >= 0;
  }

  /** Whether a file of a folder is to be read. */
  wants(path: string): boolean {
    return this.settings.isWanted?.(path) !== false;
  }

  /** Tells of a file that is not wanted, when its turn has come. */
  async passOver(path: string): Promise<undefined> {
    await this.settings.onPassedOver?.(path);
  }

  /** Whether somebody listens to what cannot be read. */
  get setsAside(): boolean {
    return this.settings.onUnreadable !== undefined;
  }

  /** Sets a file of a folder aside that cannot be read, where somebody listens. @throws the error where nobody does */
  async unreadable(path: string, error: unknown): Promise<undefined> {
    const { onUnreadable } = this.settings;
    if (!onUnreadable || !(error instanceof InputError)) throw error;
    this.ids = [];
    this.excluded = [];
    this.nStated = 0;
    await onUnreadable(path, error);
    return undefined;
  }

  /** Adds a gold subject by URI, angle brackets optional. */
  uri(stated: string, path: string, line: number): void {
    this.nStated++;
    const uri = bareUri(stated);
    const id = this.settings.subjects.idOfUri(uri);
    if (id < 0) this.unknown(`URI <${uri}>`, { path, line });
    else this.add(id, path, line);
  }

  /** Adds a gold subject by preferred label, or by URI where no label is like it. */
  label(stated: string, path: string, line: number): void {
    this.nStated++;
    const { subjects, language } = this.settings;
    let id = subjects.idOfLabel(stated, language);
    if (id < 0) id = subjects.idOfUri(stated);
    if (id < 0) this.unknown(`label "${stated}"@${language}`, { path, line });
    else this.add(id, path, line);
  }

  /** Adds the URIs of a text, separated by blanks or tabs. */
  uris(text: string, from: number, path: string, line: number): void {
    let i = from;
    const end = text.length;
    while (i < end) {
      while (i < end && isBlank(text.charCodeAt(i))) i++;
      const start = i;
      while (i < end && !isBlank(text.charCodeAt(i))) i++;
      if (i > start) this.uri(text.slice(start, i), path, line);
    }
  }

  /** @returns the document with the subjects added since the last call, or undefined where it is left out */
  document(stated: StatedDocument): Document | undefined {
    const { ids, excluded, nStated, tally } = this;
    this.ids = [];
    if (excluded.length > 0) this.excluded = [];
    this.nStated = 0;
    this.nUsable++;
    if (ids.length === 0) {
      if (nStated === 0) tally.nWithoutSubjects++;
      else tally.nWithoutKnownSubject++;
      this.warnOfExcluded(excluded);
      if (this.requireSubjects) return undefined;
    }
    if (stated.text === '') tally.nWithoutText++;
    tally.nDocuments++;
    return {
      text: stated.text,
      ...(stated.documentId === undefined ? undefined : { documentId: stated.documentId }),
      ...(nStated === 0 ? undefined : { subjects: ids }),
      ...(stated.metadata === undefined ? undefined : { metadata: stated.metadata }),
      ...(stated.path === undefined ? undefined : { path: stated.path }),
      ...(stated.weight === undefined ? undefined : { weight: stated.weight }),
    };
  }

  /** Counts something that is no document, and warns; there is nothing to return. */
  invalid(what: string, place: Place): undefined {
    this.tally.nInvalid++;
    this.nProblems++;
    this.ids = [];
    this.excluded = [];
    this.nStated = 0;
    const problem = ownString(`${what} (${placeName(place)})`);
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
    this.warn('invalid lines or files', placeName(place), () => problem);
    return undefined;
  }

  warn(kind: string, key: string, message: () => string): void {
    this.settings.warnings.warn(kind, key, message);
  }

  /**
   * Ends a source.
   *
   * @param what the source is, for example `a TSV corpus`
   * @throws {InputError} `input-invalid` where it had content and none of it was a document
   */
  endSource(path: string, what: string, hint: string): void {
    const { nUsable, nProblems, problems } = this;
    this.nUsable = this.nProblems = 0;
    this.problems = [];
    if (nUsable > 0 || nProblems === 0) return;
    const more = nProblems > problems.length ? `\n  … and ${nProblems - problems.length} more` : '';
    throw new InputError(
      'input-invalid',
      `Cannot read ${path} as ${what}: it holds no document\n  ${problems.join('\n  ')}${more}`,
      { hint, context: { path, nProblems } },
    );
  }

  private add(id: SubjectId, path: string, line: number): void {
    if (this.settings.isExcluded?.(id)) {
      this.tally.nExcludedAssignments++;
      this.excluded.push({ id, place: { path, line } });
    } else if (!this.ids.includes(id)) this.ids.push(id);
  }

  /** Tells why a document has no subject left, although the vocabulary knows those that it states. */
  private warnOfExcluded(excluded: DocumentReader['excluded']): void {
    const { subjects, whyExcluded } = this.settings;
    for (const { id, place } of excluded) {
      const uri = subjects.uri(id);
      const why = whyExcluded?.(id) ?? 'may not be suggested';
      this.warn('subjects that may not be suggested', uri, () => `Subject URI <${uri}> ${why} (${placeName(place)})`);
    }
  }

  private unknown(subject: string, place: Place): void {
    this.tally.countUnknown(subject);
    this.warn('unknown subjects', subject, () => `Unknown subject ${subject} (${placeName(place)})`);
  }
}

/** What messages call a place. */
export function placeName(place: Place): string {
  return place.line ? `${place.path}, line ${place.line}` : place.path;
}

function bareUri(uri: string): string {
  const start = uri.startsWith('<') ? 1 : 0;
  return uri.slice(start, uri.endsWith('>') && uri.length > start ? -1 : undefined);
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x3000;
}
