import { InputError } from '@catchword/core';
import type { LineBatch } from './read-lines.js';
import { readLines } from './read-lines.js';

export interface CsvRow {
  /** As many as the header has; those that the row lacks are empty. */
  readonly fields: readonly string[];
  /** The line that the row begins in, from 1; quoted fields may run over several lines. */
  readonly line: number;
  /** How many fields the row lacks. */
  readonly nMissing: number;
}

/** A run of rows. */
export interface CsvBatch {
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

export interface CsvOptions {
  /**
   * Called for a row that cannot be used, which is then passed over; without it such a row is an error.
   *
   * @param what without path and line, for example `the row has 4 fields but the header 3`
   */
  readonly onProblem?: (what: string, line: number) => void;
}

/** Characters of one row: beyond this a quote was opened and never closed. Strings end at 512 Mi. */
const MAX_ROW_LENGTH = 1 << 28;

/**
 * Reads CSV with a header row: commas, double quotes, quotes doubled inside; gzipped or not. Memory is bounded by the
 * longest row.
 *
 * Line ends inside quotes become LF. Blank lines are passed over. The first batch comes even where no row follows the
 * header.
 *
 * @throws {InputError} as `readLines`; `input-invalid` for a file without a header, a quote that is never closed, and
 *   without `onProblem` a row that cannot be used
 */
export async function* readCsv(path: string, options: CsvOptions = {}): AsyncGenerator<CsvBatch, void, undefined> {
  yield* csvOf(readLines(path), path, options);
}

/** Reads CSV from lines; see `readCsv`. */
export async function* csvOf(
  lines: AsyncIterable<LineBatch>,
  name: string,
  options: CsvOptions = {},
): AsyncGenerator<CsvBatch, void, undefined> {
  const { default: papa } = await import('papaparse');
  const parser = new papa.Parser({ delimiter: ',', newline: '\n' });
  const rows = new RowReader(name, options);
  let text = '';
  let enough = 0; // the length below which parsing again would find no further row
  for await (const batch of lines) {
    text += `${batch.lines.join('\n')}\n`;
    if (text.length < enough) continue;
    const parsed = parser.parse(text, 0, true) as Parsed;
    text = text.slice(parsed.meta.cursor);
    enough = parsed.data.length === 0 ? 2 * text.length : 0;
    if (text.length > MAX_ROW_LENGTH) throw rows.unclosedQuote();
    const complete = rows.take(parsed);
    if (complete) yield complete;
  }
  if (text !== '') {
    const parsed = parser.parse(text.slice(0, -1), 0, false) as Parsed;
    const last = rows.take(parsed);
    if (last) yield last;
  }
  if (!rows.header) {
    throw new InputError('input-invalid', `Cannot read ${name} as CSV: it has no header row`, {
      hint: 'The first row names the columns, separated by commas.',
      context: { path: name },
    });
  }
}

/** What papaparse's parser gives back. */
interface Parsed {
  readonly data: readonly (readonly string[])[];
  readonly errors: readonly { readonly code: string; readonly row: number }[];
  readonly meta: { readonly cursor: number };
}

/** Gives rows their line numbers and checks them against the header. */
class RowReader {
  header: readonly string[] | undefined;
  private line = 1;
  private readonly name: string;
  private readonly options: CsvOptions;

  constructor(name: string, options: CsvOptions) {
    this.name = name;
    this.options = options;
  }

  /** @returns undefined where nothing is complete yet, the header included */
  take({ data, errors }: Parsed): CsvBatch | undefined {
    const isFirst = !this.header;
    const badQuotes = new Set<number>();
    for (const { code, row } of errors) {
      if (row >= data.length) continue; // of a row that is not complete: it is parsed again
      if (code === 'MissingQuotes') {
        for (let i = 0; i < row; i++) this.line += nLines(data[i] as readonly string[]);
        throw this.unclosedQuote();
      }
      badQuotes.add(row);
    }
    const rows: CsvRow[] = [];
    data.forEach((fields, i) => {
      const line = this.line;
      this.line += nLines(fields);
      if (fields.length === 1 && fields[0] === '') return;
      if (badQuotes.has(i)) this.problem('a quoted field of the row goes on after its closing quote', line);
      else if (!this.header) this.header = fields;
      else {
        const row = this.fit(fields, this.header, line);
        if (row) rows.push(row);
      }
    });
    return this.header && (isFirst || rows.length > 0) ? { header: this.header, rows } : undefined;
  }

  unclosedQuote(): InputError {
    return this.error('a quote that is opened in this row is never closed', this.line);
  }

  private fit(fields: readonly string[], header: readonly string[], line: number): CsvRow | undefined {
    const nMissing = Math.max(0, header.length - fields.length);
    if (nMissing > 0) return { fields: [...fields, ...Array<string>(nMissing).fill('')], line, nMissing };
    if (fields.length === header.length) return { fields, line, nMissing };
    if (fields.slice(header.length).every((field) => field === '')) {
      return { fields: fields.slice(0, header.length), line, nMissing };
    }
    this.problem(`the row has ${fields.length} fields but the header ${header.length}`, line);
    return undefined;
  }

  private problem(what: string, line: number): void {
    if (!this.options.onProblem) throw this.error(what, line);
    this.options.onProblem(what, line);
  }

  private error(what: string, line: number): InputError {
    return new InputError('input-invalid', `${this.name}, line ${line}: ${what}`, {
      hint: 'A field with a comma, a quote or a line end stands in double quotes; a quote inside it is doubled.',
      context: { path: this.name, line },
    });
  }
}

function nLines(fields: readonly string[]): number {
  let n = 1;
  for (const field of fields) {
    for (let i = field.indexOf('\n'); i >= 0; i = field.indexOf('\n', i + 1)) n++;
  }
  return n;
}
