import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SubjectIndex } from '@catchword/core';
import { SuggestionBatch } from '@catchword/core';
import { afterAll, expect, test } from 'vitest';
import { corpusResultPath, documentResultPath, indexLine, suggestionLines } from './index-output.js';
import { openCorpus } from './open-corpus.js';

const folder = mkdtempSync(join(tmpdir(), 'catchword-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

const subjects: SubjectIndex = {
  nSubjects: 3,
  idOfUri: (uri) => ['u:0', 'u:1', 'u:2'].indexOf(uri),
  idOfLabel: () => -1,
  uri: (id) => `u:${id}`,
  label: (id) => ['Käse', 'bread', undefined][id],
  notation: (id) => (id === 1 ? '42.42' : undefined),
};
const options = { subjects, language: 'de' };
const batch = new SuggestionBatch(
  3,
  Uint32Array.of(0, 3, 3),
  Uint32Array.of(1, 0, 2),
  Float32Array.of(1, 0.12, 0.03125),
);

test('suggestionLines writes the layout of suggest', () => {
  expect(suggestionLines(batch, 0, options)).toEqual([
    '<u:1>\tbread\t42.42\t1.0000',
    '<u:0>\tKäse\t0.1200',
    '<u:2>\t\t0.0312',
  ]);
  expect(suggestionLines(batch, 1, options)).toEqual([]);
});

test('indexLine writes JSON as Annif does', () => {
  const document = {
    text: 'a "b"\n\u00e9\ud83d\ude00\u007f\ud800',
    documentId: 'd1',
    metadata: { title: 't' },
    subjects: [0, 2],
  };
  expect(indexLine(document, batch, 0, options)).toBe(
    '{"text": "a \\"b\\"\\n\\u00e9\\ud83d\\ude00\\u007f\\ud800", "document_id": "d1", "metadata": {"title": "t"}, ' +
      '"subjects": [{"uri": "u:0", "label": "K\\u00e4se"}, {"uri": "u:2", "label": null}], ' +
      '"results": [{"uri": "u:1", "label": "bread", "notation": "42.42", "score": 1.0}, ' +
      '{"uri": "u:0", "label": "K\\u00e4se", "notation": null, "score": 0.11999999731779099}, ' +
      '{"uri": "u:2", "label": null, "notation": null, "score": 0.03125}]}',
  );
  expect(indexLine({ text: '' }, batch, 1, options)).toBe('{"text": "", "results": []}');
  expect(indexLine(document, batch, 1, options, false)).toBe('{"document_id": "d1", "results": []}');
});

test('paths of results follow those of documents', () => {
  expect(documentResultPath('/a.b/doc1.txt', '.annif')).toBe('/a.b/doc1.annif');
  expect(documentResultPath('doc.v2.json', '.annif')).toBe('doc.v2.annif');
  expect(documentResultPath('doc.txt.gz', '.annif')).toBe('doc.annif');
  expect(corpusResultPath('/x/documents.tsv', '.annif', false)).toBe('/x/documents.annif.jsonl');
  expect(corpusResultPath('documents.csv.gz', '.annif', true)).toBe('documents.annif.jsonl.gz');
  expect(corpusResultPath('documents', '.out.jsonl', false)).toBe('documents.out.jsonl');
});

test('the lines of index are a corpus that can be read back', async () => {
  const lines = Array.from({ length: 3000 }, (_, i) =>
    indexLine({ text: `text ${i}`, subjects: [1] }, batch, 0, options),
  );
  const path = join(folder, 'out.jsonl');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  const warnings: string[] = [];
  let n = 0;
  for await (const { text, subjects: gold } of openCorpus([path], {
    ...options,
    onWarning: (message) => warnings.push(message),
  }).documents()) {
    expect([text, gold]).toEqual([`text ${n++}`, [1]]);
  }
  expect([n, warnings]).toEqual([3000, []]);
});
