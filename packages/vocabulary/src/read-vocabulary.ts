import { basename } from 'node:path';
import { InputError, type Progress } from '@catchword/core';
import { readBytes, textOf } from '@catchword/input';
import { ConceptCollector } from './concept-collector.js';
import { jsonLdReader } from './json-ld-reader.js';
import { rdfXmlReader } from './rdf-xml-reader.js';
import { readCsvTable, readTsvTable } from './table-reader.js';
import type { RdfReader } from './triple-sink.js';
import { turtleReader } from './turtle-reader.js';
import type { ParsedVocabulary } from './vocabulary-content.js';
import { detectFormat, type VocabularyFormat } from './vocabulary-format.js';

const MAX_HEAD = 1 << 12;

export interface ReadVocabularyOptions {
  /** The language of labels in TSV, which does not say it; other formats pass it over. */
  readonly language?: string;
  readonly onProgress?: (progress: Progress) => void;
  /** Receives what was left out or mended; each kind of thing once, with counts. */
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads a vocabulary file: SKOS in Turtle, N-Triples, RDF/XML or JSON-LD, or Annif's CSV and TSV; gzipped or not.
 *
 * Triples are folded into typed arrays as they come, so that memory holds the vocabulary and not the file.
 * Inverses of relations are inferred; relations to what is no concept, from a concept to itself and repetitions are
 * left out. SKOS-XL labels become labels. A concept is what has the type skos:Concept.
 *
 * @returns concepts in the order that their types are stated, as Annif's; those with owl:deprecated come last
 * @throws {InputError} `file-not-found`, `file-unreadable`, `encoding-invalid`; `input-invalid` with file and line for
 *   bad syntax, and for a file without concepts
 * @throws {ConfigurationError} `usage-invalid` for TSV without a language
 */
export async function readVocabulary(path: string, options: ReadVocabularyOptions = {}): Promise<ParsedVocabulary> {
  const warn = options.onWarning ?? (() => undefined);
  const collector = new ConceptCollector(path);
  const bytes = watched(readBytes(path), collector, options);
  let format: VocabularyFormat;
  try {
    format = await readInto(collector, path, bytes, options.language, warn);
  } finally {
    await bytes.return(); // closes the file also where its format was refused
  }
  if (collector.nConcepts === 0) throw noConcepts(path, format, collector.nTriples);
  const isTable = format === 'CSV' || format === 'TSV';
  return collector.finish({ deprecatedLast: !isTable, isSkos: !isTable }, warn);
}

/** @returns the format that the file turned out to have */
async function readInto(
  collector: ConceptCollector,
  path: string,
  bytes: AsyncGenerator<Buffer, void, undefined>,
  language: string | undefined,
  warn: (message: string) => void,
): Promise<VocabularyFormat> {
  const head = await firstBytes(bytes);
  if (head.length < MAX_HEAD && head.toString().trim() === '') {
    throw new InputError('input-invalid', `Cannot read ${path}: the file is empty`, {
      hint: 'Fetch or export the vocabulary again.',
      context: { path },
    });
  }
  const { format, promised } = detectFormat(path, head.subarray(0, MAX_HEAD));
  if (promised) warn(`${path}: by its name it should be ${promised}, but it holds ${format} and is read as that`);
  const all = joined(head, bytes);
  if (format === 'CSV') await readCsvTable(all, path, collector, warn);
  else if (format === 'TSV') await readTsvTable(all, path, language, collector, warn);
  else {
    const reader = await rdfReader(path, format, collector);
    for await (const text of textOf(all, path)) await reader.write(text);
    await reader.end();
  }
  return format;
}

function rdfReader(path: string, format: VocabularyFormat, collector: ConceptCollector): Promise<RdfReader> {
  const baseIri = `file:///${encodeURIComponent(basename(path))}`; // without the folder: the same on every machine
  if (format === 'RDF/XML') return rdfXmlReader(path, baseIri, collector);
  if (format === 'JSON-LD') return jsonLdReader(path, baseIri, collector);
  return turtleReader(
    path,
    format as Exclude<VocabularyFormat, 'RDF/XML' | 'JSON-LD' | 'CSV' | 'TSV'>,
    baseIri,
    collector,
  );
}

async function* watched(
  bytes: AsyncIterable<Buffer>,
  collector: ConceptCollector,
  { onProgress, signal }: ReadVocabularyOptions,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    yield chunk;
    onProgress?.({ stage: 'reading vocabulary', done: collector.nConcepts, unit: 'concepts' });
  }
}

async function firstBytes(bytes: AsyncGenerator<Buffer, void, undefined>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < MAX_HEAD) {
    const next = await bytes.next();
    if (next.done) break;
    head = head.length === 0 ? (next.value as Buffer<ArrayBuffer>) : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* joined(head: Buffer, rest: AsyncGenerator<Buffer, void, undefined>) {
  yield head;
  yield* rest;
}

function noConcepts(path: string, format: VocabularyFormat, nTriples: number): InputError {
  const isTable = format === 'CSV' || format === 'TSV';
  const holds = isTable ? 'it has no row with a concept' : `there is no skos:Concept among its ${nTriples} triples`;
  return new InputError('input-invalid', `Cannot use ${path} as a vocabulary: ${holds}`, {
    hint: isTable
      ? 'Each row is a concept: its URI and its label.'
      : 'Concepts need the type skos:Concept; an OWL or other vocabulary has to be converted to SKOS first.',
    context: { path, format, nTriples },
  });
}
