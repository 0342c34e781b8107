import { createReadStream, readFileSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError } from '@catchword/core';

/** Bytes that are handed out at once: as a string still small enough for the part of the heap that is collected often. */
const CHUNK = 1 << 16;
/** Bytes that are read at once: a call takes as long as to read tens of kilobytes. */
const READ = 1 << 18;
/** Files up to this size are read at once. */
const SMALL_FILE = 1 << 16;

/** A run of whole lines. */
export interface LineBatch {
  /** Without line ends; a byte-order mark is gone. */
  readonly lines: readonly string[];
  /** The number of the first line, from 1. */
  readonly firstLine: number;
}

/**
 * Opens a file as bytes, unpacked where it begins with gzip's magic number, whatever its name.
 *
 * @throws {InputError} `file-not-found`, or `file-unreadable` for a folder, no permission, damaged or cut-off gzip
 */
export async function* readBytes(path: string): AsyncGenerator<Buffer, void, undefined> {
  const info = attempt(path, () => statSync(path));
  if (info.isDirectory()) {
    throw new InputError('file-unreadable', `Cannot read ${path}: it is a folder`, {
      hint: 'Name a file.',
      context: { path },
    });
  }
  if (info.isFile() && info.size <= SMALL_FILE) {
    // a folder of many small files is read many times as fast this way
    const bytes = attempt(path, () => readFileSync(path));
    if (isGzip(bytes)) yield* unpacked(Readable.from([bytes]), path);
    else if (bytes.length > 0) yield bytes;
    return;
  }
  for await (const bytes of unpacked(createReadStream(path, { highWaterMark: READ }), path)) {
    for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw fileError(path, cause as NodeJS.ErrnoException);
  }
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Like `readBytes`, from a stream such as standard input. */
export async function* unpacked(source: Readable, name: string): AsyncGenerator<Buffer, void, undefined> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    let head: Buffer = Buffer.alloc(0);
    let ended = false;
    while (head.length < 2 && !ended) {
      const next = await chunks.next();
      if (next.done) ended = true;
      else head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    }
    const rest = async function* () {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    };
    if (isGzip(head)) {
      const packed = Readable.from(rest());
      const gunzip = createGunzip({ chunkSize: CHUNK });
      packed.on('error', (error) => gunzip.destroy(error));
      yield* packed.pipe(gunzip) as AsyncIterable<Buffer>;
    } else {
      yield* rest();
    }
  } catch (cause) {
    throw fileError(name, cause as NodeJS.ErrnoException);
  } finally {
    source.destroy();
  }
}

/**
 * Reads UTF-8 text line by line, in batches as they come from the disk; memory is bounded by the longest line.
 *
 * Lines end with LF or CRLF. NUL characters are kept.
 *
 * @throws {InputError} as `readBytes`; `encoding-invalid` with path and line where bytes are not UTF-8
 */
export async function* readLines(path: string): AsyncGenerator<LineBatch, void, undefined> {
  yield* linesOf(readBytes(path), path);
}

/** Splits bytes into lines; see `readLines`. */
export async function* linesOf(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<LineBatch, void, undefined> {
  let firstLine = 1;
  let pending: Buffer[] = [];
  let nPending = 0;
  const decode = (block: Buffer): LineBatch => {
    const lines = decodeUtf8(block, name, firstLine).split('\n');
    lines.pop(); // what follows the last line end
    for (let i = 0; i < lines.length; i++)
      if ((lines[i] as string).endsWith('\r')) lines[i] = (lines[i] as string).slice(0, -1);
    const batch = { lines, firstLine };
    firstLine += lines.length;
    return batch;
  };
  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(0x0a) + 1;
    if (end === 0) {
      pending.push(chunk);
      nPending += chunk.length;
      if (nPending > MAX_LINE_BYTES) throw tooLong(name, firstLine);
      continue;
    }
    const block = pending.length > 0 ? Buffer.concat([...pending, chunk.subarray(0, end)]) : chunk.subarray(0, end);
    pending = end < chunk.length ? [chunk.subarray(end)] : [];
    nPending = chunk.length - end;
    yield decode(block);
  }
  if (pending.length > 0) yield decode(Buffer.concat([...pending, Buffer.from('\n')]));
}

/** A string ends at 512 Mi characters, and a block may bring one more chunk. */
const MAX_LINE_BYTES = 500 << 20;

function tooLong(path: string, line: number): InputError {
  return new InputError('input-invalid', `${path}, line ${line}: the line is longer than 500 MiB`, {
    hint: 'Check that the file is text with line ends.',
    context: { path, line },
  });
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function decodeUtf8(block: Buffer, name: string, firstLine: number): string {
  const start = firstLine === 1 && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf ? 3 : 0;
  const body = start > 0 ? block.subarray(start) : block;
  try {
    return strict.decode(body);
  } catch (cause) {
    if (firstLine === 1 && ((block[0] === 0xff && block[1] === 0xfe) || (block[0] === 0xfe && block[1] === 0xff))) {
      throw encodingError(name, 1, 'it seems to be UTF-16', cause, 'utf-16');
    }
    let line = firstLine;
    for (let from = 0; from < body.length; ) {
      const end = body.indexOf(0x0a, from) + 1 || body.length;
      try {
        strict.decode(body.subarray(from, end));
      } catch {
        throw encodingError(name, line, 'a byte sequence there is none', cause);
      }
      from = end;
      line++;
    }
    throw encodingError(name, firstLine, 'a byte sequence there is none', cause);
  }
}

function encodingError(path: string, line: number, what: string, cause: unknown, from = 'latin1'): InputError {
  return new InputError('encoding-invalid', `${path}, line ${line}: the text is not UTF-8 (${what})`, {
    hint: `Convert it first, for example: iconv -f ${from} -t utf-8 ${path} > converted`,
    context: { path, line },
    cause,
  });
}

/** Gives an error of the file system or of zlib its path, a code and a hint. */
export function fileError(path: string, cause: NodeJS.ErrnoException): Error {
  if (cause instanceof InputError) return cause;
  const code = cause.code ?? '';
  const context = { path };
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new InputError('file-not-found', `Cannot read ${path}: there is no such file`, {
      hint: 'Check the path; relative paths start at the current folder.',
      context,
      cause,
    });
  }
  if (code.startsWith('Z_')) {
    const cut = code === 'Z_BUF_ERROR';
    return new InputError(
      'file-unreadable',
      `Cannot read ${path}: the gzip data is ${cut ? 'cut off' : `damaged (${cause.message})`}`,
      { hint: `Test it with: gzip -t ${path} — and fetch it again.`, context, cause },
    );
  }
  if (code.startsWith('E')) {
    const why = code === 'EACCES' ? 'no permission' : code === 'EISDIR' ? 'it is a folder' : cause.message;
    return new InputError('file-unreadable', `Cannot read ${path}: ${why}`, {
      hint: 'Check its permissions.',
      context,
      cause,
    });
  }
  return cause;
}
