import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AnswerFolder } from './answer-folder.js';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'catchword-answers-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const KEY = 'ab'.repeat(32);

test('AnswerFolder gives back what it was given, also to another one', async () => {
  const folder = join(await temporaryFolder(), 'answers');
  const answers = new AnswerFolder(folder);
  expect(await answers.get(KEY)).toBeUndefined();
  await answers.put(KEY, 'kyllä\n');
  expect(await new AnswerFolder(folder).get(KEY)).toBe('kyllä\n');
  await answers.put(KEY, 'no');
  expect(await answers.get(KEY)).toBe('no');
  expect(await readdir(join(folder, 'ab'))).toEqual([KEY]);
});

test('AnswerFolder takes any number of writers of one answer', async () => {
  const folder = await temporaryFolder();
  const long = (i: number) => String(i % 10).repeat(10_000);
  await Promise.all(Array.from({ length: 40 }, (_, i) => new AnswerFolder(folder).put(KEY, long(i))));
  const answer = (await new AnswerFolder(folder).get(KEY)) ?? '';
  expect(answer).toBe((answer[0] ?? '').repeat(10_000));
  expect(await readdir(join(folder, 'ab'))).toEqual([KEY]);
});

test('AnswerFolder loses answers where it cannot write, and nothing else', async () => {
  const parent = await temporaryFolder();
  const file = join(parent, 'answers');
  await writeFile(file, 'a file in its place');
  const answers = new AnswerFolder(file);
  await answers.put(KEY, 'yes');
  expect(await answers.get(KEY)).toBeUndefined();
});

test('AnswerFolder takes no key that could lead outside', async () => {
  const answers = new AnswerFolder(await temporaryFolder());
  for (const key of ['', '../../etc/passwd', 'ab', `${KEY}/x`, KEY.toUpperCase()]) {
    await expect(answers.get(key)).rejects.toThrow(RangeError);
    await expect(answers.put(key, 'x')).rejects.toThrow(RangeError);
  }
});
