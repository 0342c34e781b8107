import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { documentLines } from '../harness/document-files.js';
import { cacheFolder, dataFile } from '../harness/places.js';

/** Titles that are given again and again, each time with another number before them. */
const SOURCE = 'yso-finna/train.en.tsv.gz';

/**
 * @param sourceName texts that are taken in place of titles, below the data folder
 * @returns a TSV file of so many texts in the cache, or undefined where the collection is not there
 */
export function titleFile(nTitles: number, sourceName = SOURCE): string | undefined {
  const source = dataFile(sourceName);
  if (!source) return undefined;
  const name = sourceName === SOURCE ? 'titles' : sourceName.replace(/\W/g, '-');
  const path = join(cacheFolder('documents', 'batch'), `${name}-${nTitles}.tsv`);
  if (existsSync(path)) return path;
  const titles = documentLines(source).map((line) => line.split('\t')[0] as string);
  const file = openSync(`${path}.part`, 'w');
  for (let from = 0; from < nTitles; from += 10_000) {
    const n = Math.min(10_000, nTitles - from);
    const lines = Array.from({ length: n }, (_, i) => `${from + i} ${titles[(from + i) % titles.length]}\n`);
    writeSync(file, lines.join(''));
  }
  closeSync(file);
  renameSync(`${path}.part`, path);
  return path;
}
