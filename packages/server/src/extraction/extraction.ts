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

/** Why no text could be got from a file. */
export class ExtractionError extends Error {
  readonly kind: 'unsupported' | 'damaged' | 'protected' | 'too-large';

  constructor(kind: ExtractionError['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ExtractionError';
    this.kind = kind;
  }
}
