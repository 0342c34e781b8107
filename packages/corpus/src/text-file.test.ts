import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { readTextFile, readTextStream } from './text-file.js';

const folder = mkdtempSync(join(tmpdir(), 'catchword-text-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(content: string | Uint8Array) {
  const path = join(folder, 'text');
  writeFileSync(path, content);
  return readTextFile(path);
}

test('readTextFile reads UTF-8 and UTF-16 with their marks, line ends, gzip', async () => {
  expect(await read('\ufeffé\r\nb\rc\n')).toEqual({ text: 'é\nb\rc\n', hasReplacements: false });
  expect((await read(Buffer.from('\ufeffé\r\n', 'utf16le'))).text).toBe('é\n');
  expect((await read(Buffer.from('\ufeffé', 'utf16le').swap16())).text).toBe('é');
  expect((await read(gzipSync('packed'))).text).toBe('packed');
  expect(await read('')).toEqual({ text: '', hasReplacements: false });
});

test('readTextFile replaces bytes that are not UTF-8 and says so', async () => {
  expect(await read(Buffer.of(0x61, 0xe9, 0x62))).toEqual({ text: 'a\ufffdb', hasReplacements: true });
  expect(await read(Buffer.of(0x61, 0xf0, 0x9f, 0x98))).toEqual({ text: 'a\ufffd', hasReplacements: true });
  expect((await read('a\ufffdb')).hasReplacements).toBe(false);
});

test('readTextFile names a folder and a missing file', async () => {
  await expect(readTextFile(folder)).rejects.toMatchObject({ code: 'file-unreadable' });
  await expect(readTextFile(join(folder, 'missing'))).rejects.toMatchObject({ code: 'file-not-found' });
});

test('readTextStream unpacks gzip as a file is unpacked', async () => {
  expect((await readTextStream(Readable.from([gzipSync('packed')]), 'input')).text).toBe('packed');
  expect((await readTextStream(Readable.from([Buffer.from('plain')]), 'input')).text).toBe('plain');
});
