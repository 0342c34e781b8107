import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { fileError } from '@catchword/input';
import { type ExtractedText, ExtractionError } from './extraction/extraction.js';
import { DEFAULT_EXTRACTOR, Extractor } from './extraction/extractor.js';

/** Endings of files whose text has to be extracted, in the order in which one is chosen where several have the same name. */
export const EXTRACTED_ENDINGS: readonly string[] = ['.html', '.htm', '.xhtml', '.docx', '.odt', '.epub', '.pdf'];

/** A file that is held in memory twice while it is read. */
const MOST_FILE_BYTES = 256 << 20;
/** Starting a process takes as long as reading some files. */
const FILES_PER_PROCESS = 100;
const TIMEOUT_MS = 120_000;

/** @returns whether a file's text has to be extracted, by its name */
export function isExtracted(path: string): boolean {
  const name = path.toLowerCase();
  return EXTRACTED_ENDINGS.some((ending) => name.endsWith(ending));
}

/** Gets the texts of the files of a corpus; processes are started for the first file that needs one. */
export class DocumentFiles {
  private extractor: Extractor | undefined;
  private isClosed = false;
  /** Files that are read at one time. */
  readonly nAtOnce = Math.max(1, availableParallelism());

  /** @throws {ExtractionError} of any kind, its message naming no file; {InputError} as `readBytes` */
  async text(path: string): Promise<ExtractedText> {
    const { size } = await stat(path).catch((cause: NodeJS.ErrnoException) => {
      throw fileError(path, cause);
    });
    if (size > MOST_FILE_BYTES) {
      throw new ExtractionError('too-large', `The file has ${size} bytes, and ${MOST_FILE_BYTES} are read at most`);
    }
    const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      throw fileError(path, cause);
    });
    if (this.isClosed) throw new ExtractionError('broke-down', 'The file is not read any more');
    this.extractor ??= new Extractor({
      ...DEFAULT_EXTRACTOR,
      timeoutMs: TIMEOUT_MS,
      nProcesses: this.nAtOnce,
      maxWaiting: 4 * this.nAtOnce,
      filesPerProcess: FILES_PER_PROCESS,
    });
    return this.extractor.extract({ bytes, name: basename(path) });
  }

  /** Ends the processes, and what they are reading. */
  close(): void {
    this.isClosed = true;
    this.extractor?.stop();
  }
}
