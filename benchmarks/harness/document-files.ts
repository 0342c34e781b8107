import { createReadStream, createWriteStream, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import { cacheFolder } from './places.js';

/** @returns the documents of a gzipped TSV file, a line each, empty lines left out */
export function documentLines(path: string): string[] {
  return gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/**
 * The first n documents of a gzipped TSV file as a file of their own in the cache; Catchword and Annif read the very same.
 *
 * @param n 0 takes the file itself
 */
export function firstDocuments(path: string, n: number): string {
  return n === 0 ? path : derivedFile(path, `first-${n}`, (lines) => lines.slice(0, n));
}

/** The documents n times in a row, as one file in the cache. */
export function repeatedDocuments(path: string, n: number): string {
  return n === 1 ? path : derivedFile(path, `times-${n}`, (lines) => Array.from({ length: n }, () => lines).flat());
}

/**
 * n documents at equal steps as a file of their own in the cache: where a file is in order of time, its beginning is unlike
 * the rest.
 *
 * @param n 0 takes the file itself, as does a number that the file does not exceed
 */
export function documentsAtEqualSteps(path: string, n: number): string {
  if (n === 0 || documentLines(path).length <= n) return path;
  return derivedFile(path, `steps-${n}`, (lines) =>
    Array.from({ length: n }, (_, i) => lines[Math.floor((i * lines.length) / n)] as string),
  );
}

/** The documents without some of their labels, in the cache; a document that had no other is left out. */
export function withoutLabels(path: string, labels: ReadonlySet<string>): string {
  return derivedFile(path, 'masked', (lines) =>
    lines.flatMap((line) => {
      const [text = '', subjects = ''] = line.split('\t');
      const uris = subjects.split(/\s+/).filter((uri) => uri !== '');
      const kept = uris.filter((uri) => !labels.has(uri.replace(/^<|>$/g, '')));
      return kept.length === 0 ? [] : [`${text}\t${kept.join(' ')}`];
    }),
  );
}

/** @returns the URIs of a file that names one a line */
export function labelsOf(path: string): Set<string> {
  const lines = readFileSync(path, 'utf8').split('\n');
  const names = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return new Set(names.map((line) => (line.trim().split(/\s+/)[0] ?? '').replace(/^<|>$/g, '')));
}

function derivedFile(path: string, how: string, derive: (lines: readonly string[]) => readonly string[]): string {
  const folder = basename(join(path, '..'));
  const file = join(cacheFolder('documents', folder), `${basename(path, '.tsv.gz')}.${how}.tsv.gz`);
  if (!existsSync(file)) {
    writeFileSync(`${file}.part`, gzipSync(`${derive(documentLines(path)).join('\n')}\n`));
    renameSync(`${file}.part`, file);
  }
  return file;
}

/** A gzipped vocabulary unpacked in the cache, since Annif reads gzip for documents only. */
export async function unpackedVocabulary(path: string): Promise<string> {
  const file = join(cacheFolder('vocabularies'), basename(path, '.gz'));
  if (!existsSync(file)) {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(`${file}.part`));
    renameSync(`${file}.part`, file);
  }
  return file;
}
