import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document, SubjectIndex } from '@catchword/core';
import { docxOf, epubOf, odtOf, pdfOf } from '@catchword/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listFolder, openCorpus } from './index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catchword-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const subjects: SubjectIndex = {
  nSubjects: 1,
  idOfUri: (uri) => (uri === 'u:bats' ? 0 : -1),
  idOfLabel: (label) => (label === 'bats' ? 0 : -1),
  uri: () => 'u:bats',
  label: () => 'bats',
  notation: () => undefined,
};

function folderOf(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
  return path;
}

async function read(path: string, options: { requireSubjects?: boolean; docsLimit?: number } = {}) {
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message.replaceAll(`${path}/`, ''));
  const corpus = openCorpus([path], { subjects, language: 'en', onWarning, ...options });
  const documents: Document[] = [];
  for await (const document of corpus.documents()) documents.push(document);
  return { documents, warnings, report: corpus.report() };
}

const FILES = {
  'a.pdf': pdfOf(['bats hunt']),
  'a.key': 'bats\n',
  'b.docx': docxOf('<w:p><w:r><w:t>bats sleep</w:t></w:r></w:p>'),
  'c.odt': odtOf('<text:p>bats fly</text:p>'),
  'd.epub': epubOf(['<p>bats sing</p>']),
  'd.tsv': '<u:bats>\tbats\n',
  'e.HTML': '<html><body><p>bats eat</p></body></html>',
  'f.txt': 'bats drink',
  'f.pdf': pdfOf(['not this one']),
  'g.json': '{"text": "bats rest"}',
};

test('a folder of files of many kinds is read in the order of their names, with their subjects beside them', async () => {
  const path = folderOf('kinds', FILES);
  const { documents, warnings } = await read(path, { requireSubjects: false });
  expect(documents.map(({ path: file = '', text, subjects }) => [file.slice(path.length + 1), text, subjects])).toEqual(
    [
      ['a.pdf', 'bats hunt', [0]],
      ['b.docx', 'bats sleep', undefined],
      ['c.odt', 'bats fly', undefined],
      ['d.epub', 'bats sing', [0]],
      ['e.HTML', 'bats eat', undefined],
      ['f.txt', 'bats drink', undefined],
      ['g.json', 'bats rest', undefined],
    ],
  );
  expect(warnings).toEqual([]);
  expect((await read(path)).documents.map(({ text }) => text)).toEqual(['bats hunt', 'bats sing']);
  expect((await read(path, { requireSubjects: false, docsLimit: 3 })).documents).toHaveLength(3);
});

test('listFolder takes one of the files that differ in their ending alone', async () => {
  const path = folderOf('twins', { 'a.pdf': 'x', 'a.html': 'x', 'a.txt.gz': 'x', 'b.pdf': 'x', 'b.docx': 'x' });
  expect((await listFolder(path)).map((entry) => entry.path.slice(path.length + 1))).toEqual(['a.txt.gz', 'b.docx']);
});

test('each file that cannot be read has a line, and the rest goes on', async () => {
  const path = folderOf('bad', {
    'a.pdf': '%PDF-1.7 nothing of it',
    'b.docx': docxOf('<w:p/>').subarray(0, 80),
    'c.docx': docxOf(`<w:p><w:r><w:t>${' '.repeat(20 << 20)}</w:t></w:r></w:p>`),
    'd.epub': Buffer.from([0, 1, 2, 3]),
    'e.pdf': pdfOf(['']),
    'f.pdf': pdfOf(['bats hunt']),
    'g.pdf': pdfOf(['bats'])
      .toString('latin1')
      .replace(
        '/Root 1 0 R',
        `/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <${'00'.repeat(32)}> /U <${'00'.repeat(32)}> >>`,
      ),
    'h.docx': Buffer.from('d0cf11e0a1b11ae1', 'hex'),
  });
  const { documents, warnings, report } = await read(path, { requireSubjects: false });
  expect(documents.map(({ text }) => text)).toEqual(['', 'bats hunt']);
  expect(report).toMatchObject({ nInvalid: 6, nWithoutText: 1 });
  expect(warnings).toEqual([
    expect.stringMatching(/^Skipping file: The file is damaged: .* \(a\.pdf\)$/),
    expect.stringMatching(/^Skipping file: The file is damaged: .* \(b\.docx\)$/),
    'Skipping file: The file unpacks to more than is allowed (c.docx)',
    'Skipping file: Text, HTML, PDF, DOCX, ODT and EPUB can be read; this file is none of them (d.epub)',
    'The file has no text, perhaps only images of pages (e.pdf)',
    'Skipping file: The file is protected by a password (g.pdf)',
    'Skipping file: The file is of an old Office format, or protected by a password (h.docx)',
  ]);
});

test('a file that is named itself is one document', async () => {
  const path = folderOf('one', { 'a.pdf': pdfOf(['bats hunt']), 'a.key': 'bats\n', 'b.pdf': '%PDF-1.7 nothing' });
  expect((await read(join(path, 'a.pdf'))).documents).toEqual([
    { text: 'bats hunt', subjects: [0], path: join(path, 'a.pdf') },
  ]);
  await expect(read(join(path, 'b.pdf'), { requireSubjects: false })).rejects.toMatchObject({
    code: 'input-invalid',
    message: expect.stringContaining('holds no document\n  Skipping file: '),
  });
});
