import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { listFolder } from '@catchword/corpus';
import { fileError } from '@catchword/input';

/** Bytes of a file that are looked at; the rest of a longer one is taken to be like them. */
const SAMPLE_BYTES = 1 << 16;

/** What stands so often in a file of the kind, for each document. */
const MARKS: readonly { readonly name: RegExp; readonly mark: Buffer; readonly times: number }[] = [
  { name: /\.(tsv|txt|jsonl|csv)$/, mark: Buffer.from('\n'), times: 1 },
  { name: /\.(mrc|marc)$/, mark: Buffer.from('\x1d'), times: 1 },
  // Begin and end of the leader, with or without a prefix.
  { name: /\.xml$/, mark: Buffer.from('leader>'), times: 2 },
];

/**
 * Guesses how many documents files and folders hold, for a progress that knows its end: files of a folder, lines or records of other
 * files. Long files are judged by their beginning, so that a job on many gigabytes begins at once.
 *
 * @returns undefined where a file does not tell, as JSON
 * @throws {InputError} as `readBytes`, where a file cannot be opened
 */
export async function expectedDocuments(paths: readonly string[]): Promise<number | undefined> {
  let sum = 0;
  for (const path of paths) {
    const n = statSync(path).isDirectory() ? (await listFolder(path)).length : expectedInFile(path);
    if (n === undefined) return undefined;
    sum += n;
  }
  return sum;
}

function expectedInFile(path: string): number | undefined {
  const name = path.toLowerCase().replace(/\.gz$/, '');
  const kind = MARKS.find((each) => each.name.test(name));
  if (!kind) return undefined;
  const { mark, times } = kind;
  const { size } = statSync(path);
  const packed = beginning(path);
  const isWhole = packed.length === size;
  const sample = packed[0] === 0x1f && packed[1] === 0x8b ? unpackedBeginning(packed) : packed;
  let nMarks = 0;
  for (let i = sample.indexOf(mark); i >= 0; i = sample.indexOf(mark, i + mark.length)) nMarks++;
  if (isWhole && mark[0] === 0x0a && sample.length > 0 && sample.at(-1) !== 0x0a) nMarks++;
  if (!isWhole && nMarks === 0) return undefined; // longer than the sample is even one
  const n = isWhole ? nMarks / times : (nMarks / times) * (size / packed.length);
  return name.endsWith('.csv') ? Math.max(0, Math.round(n) - 1) : Math.round(n);
}

function beginning(path: string): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const bytes = Buffer.alloc(SAMPLE_BYTES);
    let n = 0;
    for (let read = -1; read !== 0 && n < bytes.length; n += read) read = readSync(file, bytes, n, bytes.length - n, n);
    return bytes.subarray(0, n);
  } catch (cause) {
    throw fileError(path, cause as NodeJS.ErrnoException);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** @returns what the beginning of a gzip file holds; nothing where it is damaged, which reading it will tell */
function unpackedBeginning(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
