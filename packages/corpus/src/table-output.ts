import type { Document } from '@catchword/core';
import { floatRepr } from '@catchword/math';
import type { IndexOutputOptions } from './index-output.js';
import type { ResultFormat } from './result-format.js';

/** Tables: CSV is for spreadsheets, TSV for programs. */
export type TableFormat = 'csv' | 'tsv';

const COLUMNS = ['document_id', 'title', 'rank', 'uri', 'label', 'notation', 'score'];
/** Code units of a title. */
const MOST_TITLE = 200;

/**
 * Results as rows of a table, the best of each document first; a document without any has a row without a subject.
 *
 * In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe. TSV has no quotes, and is exact but for
 * tabs and line ends, which become blanks.
 *
 * @see OWASP ASVS 5, 1.2.10
 */
export function tableFormat(options: IndexOutputOptions, format: TableFormat): ResultFormat {
  const { subjects, language } = options;
  return {
    head: rowOf(COLUMNS, format),
    end: '',
    piece(document, batch, row) {
      const first = [document.documentId || document.path || '', titleOf(document)];
      const rows = batch
        .row(row)
        .map(({ subjectId, score }, k) => [
          ...first,
          String(k + 1),
          subjects.uri(subjectId),
          subjects.label(subjectId, language) ?? '',
          subjects.notation(subjectId) ?? '',
          floatRepr(score),
        ]);
      if (rows.length === 0) rows.push([...first, '', '', '', '', '']);
      return rows.map((cells) => rowOf(cells, format)).join('');
    },
  };
}

function titleOf({ text, metadata }: Document): string {
  const title = metadata?.title ?? text;
  const [line = ''] = title
    .slice(0, 10 * MOST_TITLE)
    .trimStart()
    .split('\n');
  return line.slice(0, MOST_TITLE).trim();
}

function rowOf(cells: readonly string[], format: TableFormat): string {
  return format === 'tsv'
    ? `${cells.map((cell) => cell.replace(/[\t\r\n\0]+/g, ' ')).join('\t')}\n`
    : `${cells.map((cell) => quoted(harmless(cell))).join(',')}\n`;
}

/** Spreadsheets calculate what begins like this, also with the wide forms of the signs. */
function harmless(cell: string): string {
  return /^[=+\-@\t\r\n\0＝＋－＠]/.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
