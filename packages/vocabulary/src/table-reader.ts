import { ConfigurationError, InputError } from '@catchword/core';
import { csvOf, linesOf } from '@catchword/input';
import type { ConceptCollector } from './concept-collector.js';
import { NOTATION, PREF_LABEL } from './skos-predicates.js';

const MAX_PROBLEMS = 10;

/**
 * Reads Annif's CSV: columns `uri`, `label_xx` for each language, `notation`; other columns are passed over.
 *
 * A row without labels is a deprecated concept.
 *
 * @throws {InputError} `input-invalid` with path and line: no such columns, up to ten bad rows
 */
export async function readCsvTable(
  bytes: AsyncIterable<Buffer>,
  path: string,
  collector: ConceptCollector,
  warn: (message: string) => void,
): Promise<void> {
  const rows = new TableRows(path, 'CSV', collector);
  let columns: CsvColumns | undefined;
  for await (const batch of csvOf(linesOf(bytes, path), path, {
    onProblem: (what, line) => rows.problem(what, line),
  })) {
    columns ??= csvColumns(batch.header, path);
    for (const { fields, line } of batch.rows) {
      const labels: [string, string][] = [];
      for (const { at, language } of columns.labels) labels.push([fields[at] as string, language]);
      rows.add(
        fields[columns.uri] as string,
        labels,
        columns.notation < 0 ? '' : (fields[columns.notation] as string),
        line,
      );
    }
  }
  rows.finish(warn);
}

/**
 * Reads Annif's TSV: `uri<TAB>label` and, if there is a third field, the notation; URIs with or without `<>`.
 *
 * A line without label is a deprecated concept, also where its tab is missing.
 *
 * @param language the language of the labels, which the file does not say
 * @throws {ConfigurationError} `usage-invalid` without a language
 * @throws {InputError} `input-invalid` with path and line: up to ten bad lines
 */
export async function readTsvTable(
  bytes: AsyncIterable<Buffer>,
  path: string,
  language: string | undefined,
  collector: ConceptCollector,
  warn: (message: string) => void,
): Promise<void> {
  if (language === undefined || language === '') {
    throw new ConfigurationError(
      'usage-invalid',
      `Cannot read ${path}: a TSV file does not say the language of its labels`,
      {
        hint: 'Please use --language option to set the language of a TSV vocabulary.',
        context: { path },
      },
    );
  }
  const tag = language.toLowerCase();
  const rows = new TableRows(path, 'TSV', collector);
  for await (const { lines, firstLine } of linesOf(bytes, path)) {
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i] as string;
      if (line.trim() === '') continue;
      const [uri = '', label = '', notation = ''] = line.split('\t', 3);
      if (!line.includes('\t') && (/\s/.test(uri.trim()) || !uri.includes(':')))
        rows.problem('there is no tab between URI and label', firstLine + i);
      else rows.add(uri, [[label, tag]], notation, firstLine + i);
    }
  }
  rows.finish(warn);
}

interface CsvColumns {
  readonly uri: number;
  readonly notation: number;
  readonly labels: readonly { readonly at: number; readonly language: string }[];
}

function csvColumns(header: readonly string[], path: string): CsvColumns {
  const names = header.map((name) => name.trim());
  const labels = names.flatMap((name, at) =>
    name.startsWith('label_') ? [{ at, language: name.slice('label_'.length).toLowerCase().replaceAll('_', '-') }] : [],
  );
  const uri = names.indexOf('uri');
  if (uri < 0 || labels.length === 0) {
    throw new InputError(
      'input-invalid',
      `Cannot read ${path}, line 1: the header has no column ${uri < 0 ? '"uri"' : 'of labels'}, but: ${names.join(', ')}`,
      { hint: 'A vocabulary in CSV begins like: uri,label_en,label_fi,notation', context: { path, line: 1 } },
    );
  }
  return { uri, labels, notation: names.indexOf('notation') };
}

/** Takes the rows of a table and keeps account of what is wrong with them. */
class TableRows {
  private readonly path: string;
  private readonly format: string;
  private readonly collector: ConceptCollector;
  private readonly problems: { readonly what: string; readonly line: number }[] = [];
  private nRepeated = 0;
  private repeated = '';

  constructor(path: string, format: string, collector: ConceptCollector) {
    this.path = path;
    this.format = format;
    this.collector = collector;
  }

  add(field: string, labels: readonly [text: string, language: string][], notation: string, line: number): void {
    let uri = field.trim();
    if (uri.startsWith('<') && uri.endsWith('>')) uri = uri.slice(1, -1);
    if (uri === '' || !uri.includes(':') || /[\s<>]/.test(uri)) {
      this.problem(uri === '' ? 'there is no URI' : `"${uri}" is no URI`, line);
      return;
    }
    if (!this.collector.addConcept(uri) && this.nRepeated++ === 0) this.repeated = `<${uri}> in line ${line}`;
    let hasLabel = false;
    for (const [text, language] of labels) {
      if (text.trim() === '') continue;
      hasLabel = true;
      this.collector.addLabel(uri, PREF_LABEL, text, language);
    }
    if (!hasLabel) this.collector.deprecate(uri);
    if (notation.trim() !== '') this.collector.addLabel(uri, NOTATION, notation, '');
  }

  problem(what: string, line: number): void {
    this.problems.push({ what, line });
    if (this.problems.length === MAX_PROBLEMS) this.fail();
  }

  finish(warn: (message: string) => void): void {
    if (this.problems.length > 0) this.fail();
    if (this.nRepeated === 0) return;
    const rows = this.nRepeated === 1 ? '1 row repeats a concept' : `${this.nRepeated} rows repeat concepts`;
    warn(`${this.path}: ${rows} of earlier rows, first ${this.repeated}; their labels are taken as alternatives`);
  }

  private fail(): never {
    const [first, ...others] = this.problems.map(({ what, line }) => `line ${line}: ${what}`);
    const more = others.map((each) => `\n  ${each}`).join('');
    const stopped = this.problems.length === MAX_PROBLEMS ? '\n  reading stopped there' : '';
    throw new InputError('input-invalid', `Cannot read ${this.path}, ${first}${more}${stopped}`, {
      hint: `Correct the file; it was read as ${this.format}.`,
      context: { path: this.path, line: this.problems[0]?.line, problems: this.problems },
    });
  }
}
