import { type ErrorCode, InputError } from '@catchword/core';

/** What a file may cost; beyond it is refused or cut. */
export interface ExtractionLimits {
  /** Bytes that come out of a packed file. */
  readonly maxUnpackedBytes: number;
  /** How many times larger than packed a part may be, from a megabyte on. */
  readonly maxRatio: number;
  /** Parts of a packed file. */
  readonly maxEntries: number;
  /** Pages that are read; the text ends with the last of them, and a warning says so. */
  readonly maxPages: number;
  /** Characters that are kept, likewise. */
  readonly maxCharacters: number;
}

export const DEFAULT_EXTRACTION_LIMITS: ExtractionLimits = {
  maxUnpackedBytes: 100 << 20,
  maxRatio: 150,
  maxEntries: 5000,
  maxPages: 2000,
  maxCharacters: 10_000_000,
};

export const FILE_FORMATS = ['text', 'html', 'pdf', 'docx', 'odt', 'epub'] as const;

export type FileFormat = (typeof FILE_FORMATS)[number];

/** A file as it came. */
export interface UploadedFile {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** The text of a file. */
export interface ExtractedText {
  readonly text: string;
  readonly format: FileFormat;
  /** What was left out. */
  readonly warnings: readonly string[];
}

/** What keeps the text of a file from being got. */
export type ExtractionProblem =
  | 'unsupported'
  | 'damaged'
  | 'protected'
  | 'too-large'
  /** The reader took too long, or broke down. */
  | 'timed-out'
  | 'broke-down'
  /** Too many files wait already. */
  | 'overloaded';

const CODES: Partial<Record<ExtractionProblem, ErrorCode>> = { 'timed-out': 'timed-out', overloaded: 'overloaded' };

const HINTS: Readonly<Record<ExtractionProblem, string>> = {
  unsupported: 'Convert it to one of these first.',
  damaged: 'Open it with the program that made it, and save it again.',
  protected: 'Save it without a password.',
  'too-large': 'Split it, or save its text alone.',
  'timed-out': 'Save its text alone.',
  'broke-down': 'Save its text alone.',
  overloaded: 'Try again later.',
};

/** Why no text could be got from a file: `input-invalid`, `timed-out` or `overloaded`, and more exactly its kind. */
export class ExtractionError extends InputError {
  readonly kind: ExtractionProblem;

  constructor(kind: ExtractionProblem, message: string, cause?: unknown) {
    super(CODES[kind] ?? 'input-invalid', message, {
      hint: HINTS[kind],
      context: { kind },
      ...(cause === undefined ? undefined : { cause }),
    });
    this.kind = kind;
  }
}
