import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataFolderPath, idProblem } from './data-folder.js';

test('dataFolderPath puts projects and vocabularies where Annif does', () => {
  expect(dataFolderPath('data', 'projects', 'yso-mllm_fi.2')).toBe(join('data', 'projects', 'yso-mllm_fi.2'));
  expect(dataFolderPath('/srv', 'vocabs', 'yso')).toBe(join('/srv', 'vocabs', 'yso'));
});

test.each([
  '',
  '.',
  '..',
  '...',
  '../x',
  'a/b',
  'a\\b',
  '/etc',
  '%2e%2e%2f',
  'a\0b',
  'a b',
  'a\n',
  'ä',
  'CON',
  'nul.txt',
  'com1',
  '__proto__',
  '-p',
  'x.',
  'x'.repeat(101),
  'x'.repeat(10_000),
])('dataFolderPath refuses %j', (id) => {
  expect(() => dataFolderPath('data', 'projects', id)).toThrow(expect.objectContaining({ code: 'id-invalid' }));
});

test('ids that look odd and do no harm are allowed', () => {
  for (const id of ['constructor', 'a..b', '.hidden', '0', 'x'.repeat(100), 'console']) {
    expect(idProblem(id)).toBeUndefined();
  }
});

test('dataFolderPath never leads out of its folder', () => {
  const parts = fc.constantFrom('.', '..', '/', '\\', 'a', '\0', '%2e', '~', ':', ' ');
  const ids = fc.oneof(
    fc.string(),
    fc.array(parts).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(ids, (id) => {
      if (idProblem(id)) return;
      const folder = resolve('data', 'vocabs');
      const path = resolve(dataFolderPath('data', 'vocabs', id));
      expect(path.startsWith(folder + sep)).toBe(true);
      expect(path.slice(folder.length + 1)).toBe(id);
    }),
  );
});
