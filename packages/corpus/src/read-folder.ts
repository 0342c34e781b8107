import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Document } from '@catchword/core';
import { InputError } from '@catchword/core';
import { fileError, readLines } from '@catchword/input';
import type { DocumentReader } from './document-reader.js';
import { readJsonDocument } from './read-json-corpus.js';
import { readTextFile } from './text-file.js';

/** A document file of a folder. */
export interface FolderEntry {
  readonly path: string;
  /** The file with the gold subjects of a text, where there is one. */
  readonly sidecar?: string;
}

/**
 * Lists the documents of a folder in the order in which a corpus reads them: `*.txt` and `*.txt.gz` by name, then
 * `*.json` by name. Of `a.txt` and `a.txt.gz` it is the first.
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
  const texts = names
    .filter((name) => name.endsWith('.txt') || (name.endsWith('.txt.gz') && !known.has(name.slice(0, -'.gz'.length))))
    .map((name) => {
      const stem = name.replace(/\.txt(\.gz)?$/, '');
      const sidecar = [`${stem}.tsv`, `${stem}.key`].find((other) => known.has(other));
      return { path: join(path, name), ...(sidecar === undefined ? undefined : { sidecar: join(path, sidecar) }) };
    });
  const jsons = names.filter((name) => name.endsWith('.json')).map((name) => ({ path: join(path, name) }));
  if (texts.length + jsons.length === 0) {
    throw new InputError('corpus-empty', `The folder ${path} holds no document: no .txt, .txt.gz or .json file`, {
      hint: 'Name files such as train.tsv.gz themselves, not the folder around them.',
      context: { path },
    });
  }
  return [...texts, ...jsons];
}

/** Reads the documents of a folder, one at a time. */
export async function* readFolder(path: string, reader: DocumentReader): AsyncGenerator<Document[], void, undefined> {
  for (const entry of await listFolder(path)) {
    if (reader.isFull) return;
    const document = entry.path.endsWith('.json')
      ? await readJsonDocument(entry.path, reader)
      : await readTextDocument(entry, reader);
    if (document) yield [document];
  }
  reader.endSource(
    path,
    'a folder of documents',
    'Documents are .txt files with .tsv or .key files beside them, or .json.',
  );
}

async function readTextDocument(entry: FolderEntry, reader: DocumentReader): Promise<Document | undefined> {
  const { path, sidecar } = entry;
  if (sidecar === undefined && reader.requireSubjects) return reader.document({ text: '', path });
  const { text, hasReplacements } = await readTextFile(path);
  if (hasReplacements) {
    reader.warn('texts that are not UTF-8', path, () => `Bytes that are not UTF-8 were replaced (${path})`);
  }
  if (sidecar !== undefined) await readSidecar(sidecar, reader);
  return reader.document({ text, path });
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
