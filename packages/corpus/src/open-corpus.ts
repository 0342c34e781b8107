import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Corpus, Document, InputError, SubjectId, SubjectIndex } from '@catchword/core';
import { fileError, linesOf, peeked, readBytes, unpacked } from '@catchword/input';
import { MARC_HEAD_BYTES, type MarcMapping, marcFormatOf, openMarc, parseMarcMapping } from '@catchword/marc';
import { type CorpusReport, Tally, Warnings } from './corpus-report.js';
import { isExtracted } from './document-files.js';
import { DocumentReader } from './document-reader.js';
import { hasMarcName, openMarcFile } from './marc-file.js';
import { readCsvCorpus } from './read-csv-corpus.js';
import { readDocumentFile, readFolder } from './read-folder.js';
import { readJsonCorpus, readJsonlCorpus } from './read-json-corpus.js';
import { readMarcCorpus } from './read-marc.js';
import { readTsv } from './read-tsv.js';
import { ReplayedStream } from './replayed-stream.js';

const STDIN_NAME = 'standard input';

export interface OpenCorpusOptions {
  /** Looks up gold subjects. */
  readonly subjects: SubjectIndex;
  /** The language of gold subjects that are stated by label. */
  readonly language: string;
  /** Keeps out documents without a known gold subject; true by default. */
  readonly requireSubjects?: boolean;
  /** Subjects that the project's vocabulary rules exclude: they are dropped from the gold subjects. */
  readonly isExcluded?: (id: SubjectId) => boolean;
  /** Ends the sentence "Subject … " of a document all of whose subjects are excluded, for example `is deprecated`. */
  readonly whyExcluded?: (id: SubjectId) => string;
  /** Hands out at most so many documents. */
  readonly docsLimit?: number | undefined;
  /** Called for the first problems of each kind; the report counts all. */
  readonly onWarning?: (message: string) => void;
  /** What `-` reads; standard input by default. */
  readonly stdin?: Readable;
  /** How MARC records become documents; the mapping that ships where it is absent. */
  readonly marcMapping?: MarcMapping | undefined;
  /** Asked for each file that is one document, in their order and before it is read; false passes it over. */
  readonly isWanted?: (path: string) => boolean;
  /** Told of a file that is passed over, when its turn in the order of the documents has come. */
  readonly onPassedOver?: (path: string) => void | Promise<void>;
  /** Told in the same order of one that cannot be read, and the others go on; without it that is an error, or it is counted. */
  readonly onUnreadable?: (path: string, error: InputError) => void | Promise<void>;
  /** The corpus will be read once: standard input is not kept for a second pass. */
  readonly singlePass?: boolean;
}

/** A corpus that counts what it comes upon. */
export interface OpenCorpus extends Corpus {
  /** The counts of the latest pass, complete when it has ended. */
  report(): CorpusReport;
}

/**
 * Opens files and folders as one corpus, in the order given; nothing is read before `documents()` is called, which may
 * be called again and again. Memory is bounded by the longest document.
 *
 * A folder holds documents as files (`listFolder` tells which); `.csv`, `.jsonl` and `.json` are read as such, each also
 * with `.gz`; PDF, DOCX, ODT, EPUB and HTML files are one document each; `.mrc`, `.marc` and `.xml` are MARC; `-` is standard input; everything else, and standard input, is MARC where it
 * begins like it, and else TSV. Gzip is known by its content.
 *
 * `documents()` throws {InputError} for a file that is not there, cannot be read, is not UTF-8, or holds nothing that its
 * format allows; single lines, rows or objects that are no document are counted, the first ones with a warning.
 *
 * @see Annif 1.4 `annif/corpus`; unlike there, a document without a known gold subject is treated alike in all formats
 */
export function openCorpus(paths: readonly string[], options: OpenCorpusOptions): OpenCorpus {
  const warnings = new Warnings(options.onWarning);
  let tally = new Tally();
  const settings = {
    subjects: options.subjects,
    language: options.language,
    requireSubjects: options.requireSubjects ?? true,
    isExcluded: options.isExcluded,
    whyExcluded: options.whyExcluded,
    docsLimit: options.docsLimit ?? Number.POSITIVE_INFINITY,
    isWanted: options.isWanted,
    onPassedOver: options.onPassedOver,
    onUnreadable: options.onUnreadable,
    warnings,
  };
  const stdin = new ReplayedStream(options.stdin, !options.singlePass);
  const mapping = options.marcMapping ?? parseMarcMapping(undefined, () => undefined);
  return {
    name: paths.map((path) => (path === '-' ? STDIN_NAME : path)).join(', '),
    report: () => tally.toReport(),
    async *documents() {
      tally = new Tally();
      const reader = new DocumentReader(settings, tally);
      const sources = await Promise.all(paths.map(sourceOf));
      try {
        for (const source of sources) {
          if (reader.isFull) return;
          for await (const documents of readSource(source, reader, stdin, mapping)) yield* documents;
        }
      } finally {
        stdin.release();
      }
    },
  };
}

/** A path whose kind was looked up. */
interface Source {
  readonly path: string;
  readonly isFolder: boolean;
}

async function sourceOf(path: string): Promise<Source> {
  if (path === '-') return { path, isFolder: false };
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw fileError(path, cause);
  });
  return { path, isFolder: info.isDirectory() };
}

async function* readSource(
  { path, isFolder }: Source,
  reader: DocumentReader,
  stdin: ReplayedStream,
  mapping: MarcMapping,
): AsyncGenerator<Document[], void, undefined> {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (path === '-')
    yield* readByContent(unpacked(Readable.from(stdin.bytes()), STDIN_NAME), STDIN_NAME, reader, mapping);
  else if (isFolder) yield* readFolder(path, reader);
  else if (name.endsWith('.csv')) yield* readCsvCorpus(path, reader);
  else if (name.endsWith('.jsonl')) yield* readJsonlCorpus(path, reader);
  else if (name.endsWith('.json')) yield* readJsonCorpus(path, reader);
  else if (isExtracted(path)) yield* readDocumentFile(path, reader);
  else if (hasMarcName(path)) yield* readMarcCorpus(await openMarcFile(path), path, mapping, reader);
  else yield* readByContent(readBytes(path), path, reader, mapping);
}

/** MARC where it begins like it, else TSV. */
async function* readByContent(
  bytes: AsyncIterable<Buffer>,
  name: string,
  reader: DocumentReader,
  mapping: MarcMapping,
): AsyncGenerator<Document[], void, undefined> {
  const { head, all } = await peeked(bytes, MARC_HEAD_BYTES);
  if (marcFormatOf(head) !== undefined) yield* readMarcCorpus(await openMarc(all, name), name, mapping, reader);
  else yield* readTsv(linesOf(all, name), name, reader);
}
