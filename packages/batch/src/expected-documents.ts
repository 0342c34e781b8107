import { statSync } from 'node:fs';
import { listFolder } from '@catchword/corpus';
import { readBytes } from '@catchword/input';

/** Bytes of a file that are looked at; of a longer one the rest is taken to be like them. */
const MOST_BYTES = 256 << 20;

/** What stands so often in a file of the kind, for each document. */
const MARKS: readonly { readonly name: RegExp; readonly mark: Buffer; readonly times: number }[] = [
  { name: /\.(tsv|txt|jsonl|csv)$/, mark: Buffer.from('\n'), times: 1 },
  { name: /\.(mrc|marc)$/, mark: Buffer.from('\x1d'), times: 1 },
  // Begin and end of the leader, with or without a prefix.
  { name: /\.xml$/, mark: Buffer.from('leader>'), times: 2 },
];

/**
 * Guesses how many documents files and folders hold, for a progress that knows its end: files of a folder, lines or records of other
 * files.
 *
 * @returns undefined where a file does not tell, as JSON
 */
export async function expectedDocuments(paths: readonly string[]): Promise<number | undefined> {
  let sum = 0;
  for (const path of paths) {
    const n = statSync(path).isDirectory() ? (await listFolder(path)).length : await expectedInFile(path);
    if (n === undefined) return undefined;
    sum += n;
  }
  return sum;
}

async function expectedInFile(path: string): Promise<number | undefined> {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  const kind = MARKS.find((each) => each.name.test(name));
  if (!kind) return undefined;
  const { mark, times } = kind;
  let nBytes = 0;
  let nMarks = 0;
  let last = 0x0a;
  for await (const chunk of readBytes(path)) {
    for (let i = chunk.indexOf(mark); i >= 0; i = chunk.indexOf(mark, i + mark.length)) nMarks++;
    nBytes += chunk.length;
    last = chunk[chunk.length - 1] as number;
    if (nBytes < MOST_BYTES) continue;
    return path.endsWith('.gz') ? undefined : Math.round((nMarks * statSync(path).size) / nBytes / times);
  }
  if (mark[0] === 0x0a && last !== 0x0a) nMarks++;
  return name.endsWith('.csv') ? Math.max(0, nMarks - 1) : Math.round(nMarks / times);
}
