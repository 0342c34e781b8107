import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { gzipMembers } from './gzip-members.js';
import { faultyFileSystem } from './model-folder.test.faults.js';
import { PartFile } from './part-file.js';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-part-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const bytes = (text: string) => Buffer.from(text);

test('PartFile goes on from the noted length, whatever was written after it', async () => {
  const folder = newFolder();
  const path = join(folder, 'part');
  const first = await PartFile.open(path, 0);
  await first.append(bytes('one '));
  await first.sync();
  const { length } = first;
  await first.append(bytes('half a '));
  await first.close();
  appendFileSync(path, 'line');
  const second = await PartFile.open(path, length);
  await second.append(bytes('two'));
  expect(Buffer.from(await second.content()).toString()).toBe('one two');
  await second.sync();
  await second.close();
  await PartFile.rename(path, join(folder, 'whole'));
  expect(readFileSync(join(folder, 'whole'), 'utf8')).toBe('one two');
  expect(readdirSync(folder)).toEqual(['whole']);
});

test('PartFile refuses to go on with less than was written', async () => {
  const path = join(newFolder(), 'part');
  await expect(PartFile.open(path, 5)).rejects.toMatchObject({ code: 'file-not-found' });
  const file = await PartFile.open(path, 0);
  await file.append(bytes('abc'));
  await file.close();
  await expect(PartFile.open(path, 5)).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining('it has 3 bytes, and 5 were written'),
  });
  const anew = await PartFile.open(path, 0);
  expect(anew.length).toBe(0);
  await anew.close();
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('PartFile writes all bytes where a call takes only some, and tells the file that fails', async () => {
  for (let n = 0; n < 8; n++) {
    const path = join(newFolder(), 'part');
    const short = await PartFile.open(path, 0, { fs: faultyFileSystem(n, 'short') });
    await short.append(bytes('abcdef'));
    await short.close();
    expect(readFileSync(path, 'utf8')).toBe('abcdef');
  }
  const path = join(newFolder(), 'part');
  const fs = faultyFileSystem(5, 'ENOSPC');
  const full = await PartFile.open(path, 0, { fs });
  await expect(full.append(bytes('abc'))).rejects.toMatchObject({ code: 'write-failed', context: { path } });
  expect(fs.calls.at(-1)).toBe(`write ${path}`);
  await full.close();
});

test('gzipMembers packs to the same bytes in whatever pieces the text comes', async () => {
  const text = Array.from({ length: 100_000 }, (_, i) => `line ${i} of a long text\n`).join('');
  const packed = async (size: number) => {
    const pieces = async function* () {
      for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size);
    };
    const members: Uint8Array[] = [];
    for await (const member of gzipMembers(pieces())) members.push(member);
    return { members, all: Buffer.concat(members) };
  };
  const large = await packed(3 << 20);
  expect(large.members.length).toBe(3);
  expect(gunzipSync(large.all).toString()).toBe(text);
  expect((await packed(777)).all.equals(large.all)).toBe(true);
});

test('gzipMembers packs nothing as an empty file', async () => {
  const members: Uint8Array[] = [];
  for await (const member of gzipMembers((async function* () {})())) members.push(member);
  expect(gunzipSync(Buffer.concat(members)).length).toBe(0);
});
