import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openChat } from '../reader/open-reader.js';
import { parseServiceParams } from '../reader/params.js';
import { Budget } from './budget.js';
import { GRADES } from './client.test.fixture.js';
import { GgufChat } from './gguf-chat.js';

test('a model for this process needs no endpoint, and what is missing is told with what to do', async () => {
  const problems: string[] = [];
  const params = parseServiceParams({ model: 'gguf:/no/such/model.gguf' }, (key) => problems.push(key));
  expect(problems).toEqual([]);
  const chat = openChat(params, { projectId: 'p' }, 0, '1');
  expect(chat.name).toBe('gguf:/no/such/model.gguf');
  for (let again = 0; again < 2; again++) {
    await expect(chat.chat(GRADES, { budget: new Budget() })).rejects.toMatchObject({
      failure: 'misconfigured',
      message: expect.stringContaining('Cannot open the model /no/such/model.gguf'),
      hint: expect.any(String),
    });
  }
  await chat.close?.();
});

test('the file of a model is named from the root', () => {
  const problems: string[] = [];
  const params = parseServiceParams({ model: 'gguf:model.gguf' }, (key) => problems.push(key));
  expect(problems).toEqual(['model']);
  expect(params.gguf).toBeUndefined();
});

test('answers of a file are not taken for those of another one in its place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'catchword-gguf-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'model.gguf');
  writeFileSync(file, 'one');
  const { name, version } = new GgufChat(file, 1000);
  expect(new GgufChat(file, 1000)).toMatchObject({ name, version });
  writeFileSync(file, 'another');
  const other = new GgufChat(file, 1000);
  expect(other.name).toBe(name);
  expect(other.version).not.toBe(version);
});
