import type { SubjectIndex } from '@catchword/core';
import { SuggestionBatch } from '@catchword/core';
import { csvOf, linesOf } from '@catchword/input';
import { expect, test } from 'vitest';
import { tableFormat } from './table-output.js';

const LABELS = ['cats', '=HYPERLINK("http://x")', 'a, b', 'tab\there'];
const subjects: SubjectIndex = {
  nSubjects: LABELS.length,
  idOfUri: () => -1,
  idOfLabel: () => -1,
  uri: (id) => `http://x.org/${id}`,
  label: (id) => LABELS[id],
  notation: (id) => (id === 0 ? '1.1' : undefined),
};
const options = { subjects, language: 'en' };
const batch = new SuggestionBatch(
  LABELS.length,
  Uint32Array.of(0, 4, 4),
  Uint32Array.of(0, 1, 2, 3),
  Float32Array.of(0.5, 0.25, 0.125, 0.1),
);

test('tableFormat writes CSV that a spreadsheet does not calculate, and readers of CSV read back', async () => {
  const { head, piece, end } = tableFormat(options, 'csv');
  const text = [
    head,
    piece({ text: '@SUM(A1)\nand more', documentId: '-1+2' }, batch, 0),
    piece({ text: '' }, batch, 1),
    end,
  ].join('');
  const bytes = async function* () {
    yield Buffer.from(text);
  };
  const rows: (readonly string[])[] = [];
  for await (const some of csvOf(linesOf(bytes(), 'x'), 'x')) {
    if (rows.length === 0) rows.push(some.header);
    rows.push(...some.rows.map(({ fields }) => fields));
  }
  expect(rows).toEqual([
    ['document_id', 'title', 'rank', 'uri', 'label', 'notation', 'score'],
    ["'-1+2", "'@SUM(A1)", '1', 'http://x.org/0', 'cats', '1.1', '0.5'],
    ["'-1+2", "'@SUM(A1)", '2', 'http://x.org/1', '\'=HYPERLINK("http://x")', '', '0.25'],
    ["'-1+2", "'@SUM(A1)", '3', 'http://x.org/2', 'a, b', '', '0.125'],
    ["'-1+2", "'@SUM(A1)", '4', 'http://x.org/3', 'tab\there', '', '0.10000000149011612'],
    ['', '', '', '', '', '', ''],
  ]);
});

test('tableFormat writes TSV exactly, but for tabs and line ends', () => {
  const document = { text: '=x', metadata: { title: 'A\ttitle\nand more' }, path: 'a.txt' };
  const lines = String(tableFormat(options, 'tsv').piece(document, batch, 0)).split('\n');
  expect(lines[1]).toBe('a.txt\tA title\t2\thttp://x.org/1\t=HYPERLINK("http://x")\t\t0.25');
  expect(lines[3]?.split('\t')[4]).toBe('tab here');
});
