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
  if (n === 0) return path;
  const folder = basename(join(path, '..'));
  const file = join(cacheFolder('documents', folder), `${basename(path, '.tsv.gz')}.first-${n}.tsv.gz`);
  if (!existsSync(file)) {
    const lines = documentLines(path).slice(0, n);
    writeFileSync(`${file}.part`, gzipSync(`${lines.join('\n')}\n`));
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
