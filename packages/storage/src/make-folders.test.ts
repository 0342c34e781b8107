import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { lockFolder } from './folder-lock.js';
import { makeFolders } from './make-folders.js';

test('makes the folders that are missing, and names the first', () => {
  const dir = mkdtempSync(join(tmpdir(), 'catchword-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  expect(makeFolders(join(dir, 'a', 'b', 'c'))).toBe(join(dir, 'a'));
  expect(existsSync(join(dir, 'a', 'b', 'c'))).toBe(true);
  expect(makeFolders(join(dir, 'a', 'b', 'c'))).toBeUndefined();
  expect(makeFolders(join(dir, 'a', 'd'))).toBe(join(dir, 'a', 'd'));
  writeFileSync(join(dir, 'file'), '');
  expect(() => makeFolders(join(dir, 'file'))).toThrow(/EEXIST/);
  expect(() => makeFolders(join(dir, 'file', 'x'))).toThrow(/ENOTDIR/);
});

test.skipIf(!existsSync('/proc/self'))('ends where the file system lets nobody make a folder', () => {
  expect(() => makeFolders('/proc/catchword/vocabs/x')).toThrow(/ENOENT/);
  expect(() => lockFolder('/proc/catchword/vocabs/x')).toThrow(
    expect.objectContaining({ code: 'write-failed', message: expect.stringContaining('no folder can be made there') }),
  );
});
