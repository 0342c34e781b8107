/** Every code an error of Catchword can carry, and when. `docs/errors.md` holds the same table. */
export const ERROR_CODES = {
  'configuration-invalid': 'The configuration has problems; all of them are listed.',
  'project-not-found': 'No project has this id.',
  'vocabulary-not-found': 'No vocabulary has this id, or it was never loaded.',
  'id-invalid': 'An id of a project or vocabulary holds characters that could lead out of the data folder.',
  'file-not-found': 'A file or folder that was named does not exist.',
  'file-unreadable': 'A file exists and cannot be read: a folder in its place, no permission, damaged compression.',
  'input-invalid': 'A file was read and its content is not what it should be; path and line are given.',
  'encoding-invalid': 'A file is not UTF-8.',
  'corpus-empty': 'There is no document to work with.',
  'not-trained': 'The project has no trained model.',
  'not-enabled': 'The configuration of the project does not allow this.',
  'not-supported': 'The backend cannot do this.',
  'language-not-supported': 'The vocabulary has no labels in this language.',
  'operation-failed': 'The work was begun and could not be finished.',
  'model-damaged': 'A stored model is not what was written: a byte changed, a file is missing.',
  'model-incompatible': 'A stored model was made by a newer version, or belongs to another vocabulary or backend.',
  locked: 'Another process is writing this project or vocabulary.',
  'write-failed': 'A file could not be written: no permission, no space.',
  'not-installed': 'A part that is optional is not installed, or was made for another version of Node.js.',
  'database-damaged': 'A database is damaged, or is not what it should be.',
  'database-incompatible': 'A database was made by a newer version.',
  'job-not-found': 'No job has this id.',
  'job-changed': 'What a job began with is not the same any more: its input, model, settings or results.',
  'job-not-ready': 'A job is not in the state that this needs.',
  'usage-invalid': 'An option or parameter has a value that cannot be used.',
  overloaded: 'There is more work waiting than is taken on; trying again later helps.',
  'timed-out': 'The work took longer than is allowed, and was stopped.',
  'endpoint-failed': 'A model elsewhere did not answer, or answered what cannot be used, or may not be asked any more.',
  aborted: 'The work was stopped on request; nothing was changed.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetails {
  /** A thing to do, as a sentence or a command line. */
  readonly hint?: string;
  /** Facts for programs: path, line, projectId and the like. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error that a user can meet: a stable code, a message that says what failed, and a hint that says what to do. */
export class IndexingError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = details.hint;
    this.context = details.context ?? {};
  }

  /** True for an IndexingError, also one that came from a worker thread. */
  static is(error: unknown): error is IndexingError {
    return error instanceof Error && Object.hasOwn(ERROR_CODES, String((error as { code?: unknown }).code));
  }
}

/** The configuration, an id, an option. */
export class ConfigurationError extends IndexingError {}
/** A file that was read. */
export class InputError extends IndexingError {}
/** A stored model. */
export class ModelError extends IndexingError {}
/** Work that could not be done. */
export class OperationError extends IndexingError {}
