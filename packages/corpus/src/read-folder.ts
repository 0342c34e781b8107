import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Document } from '@catchword/core';
import { InputError } from '@catchword/core';
import { fileError, readLines } from '@catchword/input';
import { DocumentFiles, EXTRACTED_ENDINGS, isExtracted } from './document-files.js';
import type { DocumentReader } from './document-reader.js';
import { ExtractionError } from './extraction/extraction.js';
import { readJsonDocument } from './read-json-corpus.js';
import { readTextFile } from './text-file.js';

/** A document file of a folder. */
export interface FolderEntry {
  readonly path: string;
  /** The file with the gold subjects of a text, where there is one. */
  readonly sidecar?: string;
}

/** Endings of documents, in the order in which one is chosen where several have the same name: results have names without endings. */
const ENDINGS = ['.txt', '.txt.gz', ...EXTRACTED_ENDINGS];

/**
 * Lists the documents of a folder in the order in which a corpus reads them: texts (`*.txt`, `*.txt.gz`, HTML, DOCX, ODT, EPUB,
 * PDF) by name, then `*.json` by name. Of files that differ in their ending alone it is the first in this order.
 *
 * A text's subjects stand in the `.tsv` file of the same name, or else the `.key` file. Hidden files and
 * folders inside the folder are passed over.
 *
 * @throws {InputError} `file-not-found` or `file-unreadable`; `corpus-empty` where it holds no document
 */
export async function listFolder(path: string): Promise<FolderEntry[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    throw fileError(path, cause);
  });
  const names = entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
  const known = new Set(names);
  const chosen = new Map<string, { name: string; rank: number }>();
  for (const name of names) {
    const rank = endingRank(name);
    if (rank < 0) continue;
    const stem = name.slice(0, -(ENDINGS[rank] as string).length);
    const other = chosen.get(stem);
    if (!other || rank < other.rank) chosen.set(stem, { name, rank });
  }
  const texts = [...chosen].map(([stem, { name }]) => {
    const sidecar = [`${stem}.tsv`, `${stem}.key`].find((other) => known.has(other));
    return { path: join(path, name), ...(sidecar === undefined ? undefined : { sidecar: join(path, sidecar) }) };
  });
  texts.sort((a, b) => (a.path < b.path ? -1 : 1));
  const jsons = names.filter((name) => name.endsWith('.json')).map((name) => ({ path: join(path, name) }));
  if (texts.length + jsons.length === 0) {
    throw new InputError(
      'corpus-empty',
      `The folder ${path} holds no document: no text, HTML, DOCX, ODT, EPUB, PDF or JSON file`,
      {
        hint: 'Name files such as train.tsv.gz themselves, not the folder around them.',
        context: { path },
      },
    );
  }
  return [...texts, ...jsons];
}

/** @returns the place of a name's ending in ENDINGS, or -1 */
function endingRank(name: string): number {
  const lower = name.toLowerCase();
  return ENDINGS.findIndex((ending) => lower.endsWith(ending));
}

/** Reads the documents of a folder; files whose text has to be extracted are read some at a time, and handed out in their order. */
export async function* readFolder(path: string, reader: DocumentReader): AsyncGenerator<Document[], void, undefined> {
  const files = new DocumentFiles();
  try {
    const entries = await listFolder(path);
    const ahead: Promise<Prepared>[] = [];
    for (const [i, entry] of entries.entries()) {
      if (reader.isFull) return;
      for (let k = i + ahead.length; k < entries.length && ahead.length <= files.nAtOnce; k++) {
        const next = prepare(entries[k] as FolderEntry, reader, files);
        next.catch(() => undefined); // thrown when its turn comes
        ahead.push(next);
      }
      const turn = ahead.shift() as Promise<Prepared>;
      const document = await documentOf(entry, turn, reader).catch((error) => reader.unreadable(entry.path, error));
      if (document) yield [document];
    }
  } finally {
    files.close();
  }
  reader.endSource(
    path,
    'a folder of documents',
    'Documents are texts, HTML, DOCX, ODT, EPUB or PDF files with .tsv or .key files beside them, or .json.',
  );
}

/** Reads a file that is one document, its text to be extracted, with its subjects beside it. */
export async function* readDocumentFile(
  path: string,
  reader: DocumentReader,
): AsyncGenerator<Document[], void, undefined> {
  const files = new DocumentFiles();
  try {
    const stem = path.slice(0, -(ENDINGS[endingRank(path)] as string).length);
    const sidecar = [`${stem}.tsv`, `${stem}.key`].find((other) => existsSync(other));
    const entry = { path, ...(sidecar === undefined ? undefined : { sidecar }) };
    const document = await documentOf(entry, prepare(entry, reader, files), reader);
    if (document) yield [document];
  } finally {
    files.close();
  }
  if (!reader.isFull) reader.endSource(path, 'a document', 'Try another form of it, such as its text alone.');
}

/** The text of a file, or why there is none; nothing where it is not looked at. */
type Prepared =
  | { readonly text: string; readonly warnings: readonly string[] }
  | { readonly problem: string }
  | 'passed over'
  | undefined;

async function prepare(
  { path, sidecar }: FolderEntry,
  reader: DocumentReader,
  files: DocumentFiles,
): Promise<Prepared> {
  if (!reader.wants(path)) return 'passed over';
  if (path.endsWith('.json') || (sidecar === undefined && reader.requireSubjects)) return undefined;
  if (!isExtracted(path)) {
    const { text, hasReplacements } = await readTextFile(path);
    return { text, warnings: hasReplacements ? ['Bytes that are not UTF-8 were replaced'] : [] };
  }
  try {
    return await files.text(path);
  } catch (error) {
    if (error instanceof ExtractionError) return { problem: error.message };
    throw error;
  }
}

async function documentOf(
  entry: FolderEntry,
  turn: Promise<Prepared>,
  reader: DocumentReader,
): Promise<Document | undefined> {
  const prepared = await turn;
  if (prepared === 'passed over') return reader.passOver(entry.path);
  return entry.path.endsWith('.json') ? readJsonDocument(entry.path, reader) : textDocument(entry, prepared, reader);
}

async function textDocument(
  { path, sidecar }: FolderEntry,
  prepared: Exclude<Prepared, 'passed over'>,
  reader: DocumentReader,
): Promise<Document | undefined> {
  if (prepared === undefined) return reader.document({ text: '', path });
  if ('problem' in prepared) {
    if (reader.setsAside) return reader.unreadable(path, new InputError('file-unreadable', prepared.problem));
    return reader.invalid(`Skipping file: ${prepared.problem}`, { path });
  }
  for (const warning of prepared.warnings) {
    reader.warn('remarks on files', `${path} ${warning}`, () => `${warning} (${path})`);
  }
  if (sidecar !== undefined) await readSidecar(sidecar, reader);
  return reader.document({ text: prepared.text, path });
}

/** Each line is a subject: a field in angle brackets is its URI, or else the first field its label. */
async function readSidecar(path: string, reader: DocumentReader): Promise<void> {
  for await (const { lines, firstLine } of readLines(path)) {
    lines.forEach((line, i) => {
      const fields = line.split('\t').map((field) => field.trim());
      const label = fields.findIndex((field) => field !== '' && !isBracketed(field));
      const uri = fields.findLast((field, f) => isBracketed(field) && (label < 0 || f < label));
      if (uri !== undefined) reader.uri(uri, path, firstLine + i);
      else if (label >= 0) reader.label(fields[label] as string, path, firstLine + i);
    });
  }
}

function isBracketed(field: string): boolean {
  return field.startsWith('<') && field.endsWith('>') && field.length > 2;
}
