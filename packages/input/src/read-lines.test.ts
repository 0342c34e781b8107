import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { IndexingError } from '@catchword/core';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { linesOf, readBytes, readLines, unpacked } from './read-lines.js';

const folder = mkdtempSync(join(tmpdir(), 'catchword-input-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function lines(path: string): Promise<string[]> {
  const all: string[] = [];
  for await (const batch of readLines(path)) {
    expect(batch.firstLine).toBe(all.length + 1);
    for (const line of batch.lines) all.push(line);
  }
  return all;
}

async function failure(work: Promise<unknown>): Promise<IndexingError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof IndexingError)) throw new Error(`expected an IndexingError, got ${String(error)}`);
  return error;
}

test('readLines reads LF, CRLF, a byte-order mark, no final line end, NUL, blank lines', async () => {
  expect(await lines(file('lf', 'a\nb\n'))).toEqual(['a', 'b']);
  expect(await lines(file('crlf', 'a\r\nb\r\n'))).toEqual(['a', 'b']);
  expect(await lines(file('bom', '\ufeffa\n\ufeffb'))).toEqual(['a', '\ufeffb']);
  expect(await lines(file('open', 'a\nb'))).toEqual(['a', 'b']);
  expect(await lines(file('nul', 'a\0b\n'))).toEqual(['a\0b']);
  expect(await lines(file('blank', '\n\na\n\n'))).toEqual(['', '', 'a', '']);
  expect(await lines(file('empty', ''))).toEqual([]);
  expect(await lines(file('only-bom', '\ufeff'))).toEqual(['']);
});

test('readLines unpacks gzip whatever its name, several members in a row too', async () => {
  expect(await lines(file('packed.txt', gzipSync('a\nb\n')))).toEqual(['a', 'b']);
  expect(await lines(file('members.gz', Buffer.concat([gzipSync('a\nb'), gzipSync('c\n')])))).toEqual(['a', 'bc']);
  expect(await lines(file('plain.gz', 'not packed\n'))).toEqual(['not packed']);
});

test('linesOf gives the same lines however the bytes are cut', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'ä', '€', '😀', '\n', '\r\n', '\0') });
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), async (content, sizes) => {
      const bytes = Buffer.from(content);
      const cut = async function* () {
        for (let from = 0, i = 0; from < bytes.length; i++) {
          const size = sizes[i % sizes.length] as number;
          yield bytes.subarray(from, from + size);
          from += size;
        }
      };
      const found: string[] = [];
      for await (const batch of linesOf(cut(), 'x')) found.push(...batch.lines);
      const wanted = content.split('\n').map((line) => line.replace(/\r$/, ''));
      if (wanted.at(-1) === '' && !content.endsWith('\r')) wanted.pop();
      expect(found).toEqual(wanted);
    }),
  );
});

test('readLines names a missing file, a folder, and a path through a file', async () => {
  const missing = await failure(lines(join(folder, 'missing')));
  expect([missing.code, missing.hint]).toEqual(['file-not-found', expect.stringContaining('path')]);
  expect(missing.message).toContain(join(folder, 'missing'));
  const aFolder = await failure(lines(folder));
  expect(aFolder.code).toBe('file-unreadable');
  expect(aFolder.message).toContain('it is a folder');
  expect((await failure(lines(join(file('f', 'x'), 'under')))).code).toBe('file-not-found');
});

test('readLines tells cut-off gzip from damaged gzip', async () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `line ${(i * 7919) % 10_007}\n`).join('');
  const cut = file('cut.gz', gzipSync(text));
  truncateSync(cut, 20_000);
  const cutOff = await failure(lines(cut));
  expect([cutOff.code, cutOff.message]).toEqual(['file-unreadable', `Cannot read ${cut}: the gzip data is cut off`]);
  const bytes = gzipSync(text);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0xff;
  const damaged = await failure(lines(file('damaged.gz', bytes)));
  expect(damaged.code).toBe('file-unreadable');
  expect(damaged.message).toMatch(/damaged \(/);
});

test('readLines names the line that is not UTF-8, and UTF-16 by its mark', async () => {
  const latin1 = await failure(lines(file('latin1', Buffer.from(`one\ntwo\nk\u00e4se\nfour\n`, 'latin1'))));
  expect(latin1.code).toBe('encoding-invalid');
  expect(latin1.message).toContain('latin1, line 3:');
  expect(latin1.context.line).toBe(3);
  expect(latin1.hint).toContain('iconv');
  const cut = await failure(lines(file('cut-character', Buffer.from('a\n€').subarray(0, 4))));
  expect(cut.context.line).toBe(2);
  const utf16 = await failure(lines(file('utf16', Buffer.from('\ufeffa\tb\n', 'utf16le'))));
  expect(utf16.message).toContain('it seems to be UTF-16');
  expect(utf16.hint).toContain('iconv -f utf-16 ');
});

test('readLines names a line far into a large file', async () => {
  const good = 'x'.repeat(99);
  const many = Array.from({ length: 50_000 }, () => good);
  many[41_233] = 'bad \u00ff';
  const error = await failure(lines(file('large', Buffer.from(many.join('\n'), 'latin1'))));
  expect(error.context.line).toBe(41_234);
});

test('readLines reads one line of 100 MB', async () => {
  const path = file('long', Buffer.alloc(100_000_000, 'word '));
  let length = 0;
  for await (const batch of readLines(path)) for (const line of batch.lines) length += line.length;
  rmSync(path);
  expect(length).toBe(100_000_000);
});

test('a reader that stops early leaves nothing open', async () => {
  const path = file('early.gz', gzipSync('a line\n'.repeat(1_000_000)));
  for (let i = 0; i < 50; i++) {
    for await (const batch of readLines(path)) {
      expect(batch.lines[0]).toBe('a line');
      break;
    }
  }
});

test('unpacked reads a stream, packed or not, in pieces of any size', async () => {
  for (const bytes of [Buffer.from('ab\ncd'), gzipSync('ab\ncd'), Buffer.alloc(0), Buffer.from('a')]) {
    const single = [...bytes].map((byte) => Buffer.of(byte));
    const chunks: Buffer[] = [];
    for await (const chunk of unpacked(Readable.from(single), 'stream')) chunks.push(chunk);
    const wanted = bytes.length > 5 ? 'ab\ncd' : bytes.toString();
    expect(Buffer.concat(chunks).toString()).toBe(wanted);
  }
});

test('unpacked names the stream in errors', async () => {
  const cut = gzipSync('text '.repeat(1000)).subarray(0, 30);
  const read = async () => {
    for await (const _ of unpacked(Readable.from([cut]), 'standard input'));
  };
  expect((await failure(read())).message).toBe('Cannot read standard input: the gzip data is cut off');
});

test('readBytes gives bytes as they are', async () => {
  const chunks: Buffer[] = [];
  for await (const chunk of readBytes(file('bytes', Buffer.of(0xef, 0xbb, 0xbf, 0xff, 0)))) chunks.push(chunk);
  expect([...Buffer.concat(chunks)]).toEqual([0xef, 0xbb, 0xbf, 0xff, 0]);
});
