import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { gzipMembers } from '@catchword/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkOutput, ended, writeOutput } from './write-output.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-output-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* failing(): AsyncGenerator<string> {
  yield 'a';
  throw new Error('source');
}

test('writeOutput writes lines, packed or not', async () => {
  await writeOutput(join(folder, 'a'), ended(['x', 'y']));
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('x\ny\n');
  await writeOutput(join(folder, 'a.gz'), gzipMembers(ended(['x', 'y'])));
  expect(gunzipSync(readFileSync(join(folder, 'a.gz'))).toString()).toBe('x\ny\n');
});

test('writeOutput leaves the old file where the source fails', async () => {
  const path = join(folder, 'a');
  writeFileSync(path, 'old');
  await expect(writeOutput(path, ended(failing()))).rejects.toThrow('source');
  await expect(writeOutput(path, gzipMembers(ended(failing())))).rejects.toThrow('source');
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a']);
});

test('writeOutput follows a link and leaves a device in its place', async () => {
  writeFileSync(join(folder, 'target'), 'old');
  symlinkSync(join(folder, 'target'), join(folder, 'link'));
  await writeOutput(join(folder, 'link'), 'new');
  expect(readFileSync(join(folder, 'target'), 'utf8')).toBe('new');
  expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  if (process.platform === 'win32') return;
  symlinkSync('/dev/null', join(folder, 'null'));
  await writeOutput(join(folder, 'null'), ended(['x']));
  expect(lstatSync(join(folder, 'null')).isSymbolicLink()).toBe(true);
});

test('writeOutput says where it could not write', async () => {
  await expect(writeOutput(join(folder, 'no/such'), 'x')).rejects.toMatchObject({ code: 'write-failed' });
  await expect(writeOutput(folder, 'x')).rejects.toMatchObject({ code: 'write-failed' });
});

test.skipIf(process.platform !== 'linux')('writeOutput says that a device takes no more', async () => {
  await expect(writeOutput('/dev/full', 'x')).rejects.toMatchObject({ code: 'write-failed' });
});

test('checkOutput finds what is in the way before the work', () => {
  expect(() => checkOutput(join(folder, 'new'))).not.toThrow();
  expect(() => checkOutput(join(folder, 'missing', 'new'))).toThrow('its folder does not exist');
  expect(() => checkOutput(folder)).toThrow('there is a folder in its place');
});
