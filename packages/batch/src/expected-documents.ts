import { statSync } from 'node:fs';
import { listFolder } from '@catchword/corpus';
import { readBytes } from '@catchword/input';

/** Bytes of a file that are looked at; of a longer one the rest is taken to be like them. */
const MOST_BYTES = 256 << 20;

/**
 * Guesses how many documents files and folders hold, for a progress that knows its end: files of a folder, lines of other files.
 *
 * @returns undefined where a file does not tell, as JSON
 */
export async function expectedDocuments(paths: readonly string[]): Promise<number | undefined> {
  let sum = 0;
  for (const path of paths) {
    const n = statSync(path).isDirectory() ? (await listFolder(path)).length : await expectedLines(path);
    if (n === undefined) return undefined;
    sum += n;
  }
  return sum;
}

async function expectedLines(path: string): Promise<number | undefined> {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  if (!/\.(tsv|txt|jsonl|csv)$/.test(name)) return undefined;
  let nBytes = 0;
  let nLines = 0;
  let last = 0x0a;
  for await (const chunk of readBytes(path)) {
    for (let i = chunk.indexOf(0x0a); i >= 0; i = chunk.indexOf(0x0a, i + 1)) nLines++;
    nBytes += chunk.length;
    last = chunk[chunk.length - 1] as number;
    if (nBytes < MOST_BYTES) continue;
    return path.endsWith('.gz') ? undefined : Math.round((nLines * statSync(path).size) / nBytes);
  }
  if (last !== 0x0a) nLines++;
  return name.endsWith('.csv') ? Math.max(0, nLines - 1) : nLines;
}
