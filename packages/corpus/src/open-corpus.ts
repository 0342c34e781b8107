import type { Readable } from 'node:stream';
import type { Corpus, Document, SubjectId, SubjectIndex } from '@catchword/core';
import { readLines } from '@catchword/input';
import { type CorpusReport, Tally, Warnings } from './corpus-report.js';
import { DocumentReader } from './document-reader.js';
import { readTsv } from './read-tsv.js';

export interface OpenCorpusOptions {
  /** Looks up gold subjects. */
  readonly subjects: SubjectIndex;
  /** The language of gold subjects that are stated by label. */
  readonly language: string;
  /** Keeps out documents without a known gold subject; true by default. */
  readonly requireSubjects?: boolean;
  /** Subjects that the project's vocabulary rules exclude: they are dropped from the gold subjects. */
  readonly isExcluded?: (id: SubjectId) => boolean;
  /** Hands out at most so many documents. */
  readonly docsLimit?: number | undefined;
  /** Called for the first problems of each kind; the report counts all. */
  readonly onWarning?: (message: string) => void;
  /** What `-` reads; standard input by default. */
  readonly stdin?: Readable;
}

/** A corpus that counts what it comes upon. */
export interface OpenCorpus extends Corpus {
  /** The counts of the latest pass, complete when it has ended. */
  report(): CorpusReport;
}

/**
 * Opens files and folders as one corpus, in the order given; nothing is read before `documents()` is called.
 */
export function openCorpus(paths: readonly string[], options: OpenCorpusOptions): OpenCorpus {
  const warnings = new Warnings(options.onWarning);
  let tally = new Tally();
  const settings = {
    subjects: options.subjects,
    language: options.language,
    requireSubjects: options.requireSubjects ?? true,
    isExcluded: options.isExcluded,
    docsLimit: options.docsLimit ?? Number.POSITIVE_INFINITY,
    warnings,
  };
  return {
    name: paths.map((path) => (path === '-' ? 'standard input' : path)).join(', '),
    report: () => tally.toReport(),
    async *documents() {
      tally = new Tally();
      const reader = new DocumentReader(settings, tally);
      for (const path of paths) {
        if (reader.isFull) return;
        for await (const documents of readPath(path, reader)) yield* documents;
      }
    },
  };
}

async function* readPath(path: string, reader: DocumentReader): AsyncGenerator<Document[], void, undefined> {
  yield* readTsv(readLines(path), path, reader);
}
