import type { Document } from '@catchword/core';
import { readLines } from '@catchword/input';
import type { DocumentReader, Place } from './document-reader.js';
import { jsonDocument } from './json-document.js';

/** Reads documents of a JSONL corpus: a JSON object a line; see `jsonDocument`. Blank lines are passed over. */
export async function* readJsonlCorpus(
  path: string,
  reader: DocumentReader,
): AsyncGenerator<Document[], void, undefined> {
  for await (const { lines, firstLine } of readLines(path)) {
    const documents: Document[] = [];
    for (let i = 0; i < lines.length && !reader.isFull; i++) {
      const line = lines[i] as string;
      if (line.trim() === '') continue;
      const place = { path, line: firstLine + i };
      const value = parse(line, place, reader);
      const document = value === undefined ? undefined : jsonDocument(value, place, reader, undefined);
      if (document) documents.push(document);
    }
    if (documents.length > 0) yield documents;
    if (reader.isFull) return;
  }
  reader.endSource(path, 'a JSONL corpus', 'Each line is an object like {"text": "…", "subjects": [{"uri": "…"}]}.');
}

/** Reads a JSON file: one document, or a list of documents. */
export async function* readJsonCorpus(
  path: string,
  reader: DocumentReader,
): AsyncGenerator<Document[], void, undefined> {
  const value = await readJson(path, reader);
  const isList = Array.isArray(value);
  const documents: Document[] = [];
  for (const item of isList ? value : value === undefined ? [] : [value]) {
    if (reader.isFull) break;
    const document = jsonDocument(item, { path }, reader, isList ? undefined : path);
    if (document) documents.push(document);
  }
  if (documents.length > 0) yield documents;
  if (!reader.isFull) {
    reader.endSource(path, 'a JSON corpus', 'It holds an object like {"text": "…", "subjects": [{"uri": "…"}]}.');
  }
}

/** Reads a file that is one document; undefined for one that is not, or not wanted. */
export async function readJsonDocument(path: string, reader: DocumentReader): Promise<Document | undefined> {
  const value = await readJson(path, reader);
  return value === undefined ? undefined : jsonDocument(value, { path }, reader, path);
}

async function readJson(path: string, reader: DocumentReader): Promise<unknown> {
  const lines: string[] = [];
  for await (const batch of readLines(path)) for (const line of batch.lines) lines.push(line);
  const text = lines.join('\n');
  if (text.trim() === '') {
    reader.invalid('Skipping empty file', { path });
    return undefined;
  }
  return parse(text, { path }, reader);
}

function parse(text: string, place: Place, reader: DocumentReader): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    reader.invalid(`JSON parsing failed: ${(error as Error).message}`, place);
    return undefined;
  }
}
