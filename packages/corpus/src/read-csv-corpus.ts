import type { Document } from '@catchword/core';
import { InputError } from '@catchword/core';
import { readCsv } from '@catchword/input';
import type { DocumentReader } from './document-reader.js';

/** Columns with a meaning; every other column is metadata. */
const RESERVED: ReadonlySet<string> = new Set(['text', 'subject_uris', 'document_id']);

/**
 * Reads documents of a CSV corpus: columns `text`, `subject_uris` (URIs separated by blanks; optional where subjects are
 * not required), `document_id` (optional), and metadata.
 *
 * @throws {InputError} `input-invalid` where the header lacks a column or names one twice, or a quote is never closed
 */
export async function* readCsvCorpus(
  path: string,
  reader: DocumentReader,
): AsyncGenerator<Document[], void, undefined> {
  let columns: Columns | undefined;
  const onProblem = (what: string, line: number) => reader.invalid(`Skipping invalid row: ${what}`, { path, line });
  for await (const { header, rows } of readCsv(path, { onProblem })) {
    columns ??= columnsOf(header, path, reader.requireSubjects);
    const documents: Document[] = [];
    for (const { fields, line, nMissing } of rows) {
      if (reader.isFull) break;
      if (nMissing > 0) {
        const have = `${fields.length - nMissing} of ${fields.length}`;
        reader.warn('short rows', `${path}:${line}`, () => `The row has ${have} fields (${path}, line ${line})`);
      }
      if (columns.subjectUris >= 0) reader.uris(fields[columns.subjectUris] as string, 0, path, line);
      const documentId = columns.documentId < 0 ? '' : (fields[columns.documentId] as string);
      const document = reader.document({
        text: fields[columns.text] as string,
        documentId: documentId === '' ? undefined : documentId,
        metadata: metadataOf(columns.metadata, fields),
      });
      if (document) documents.push(document);
    }
    if (documents.length > 0) yield documents;
    if (reader.isFull) return;
  }
  reader.endSource(path, 'a CSV corpus', 'Each row is a document; see the columns in the header.');
}

/** Positions of columns, -1 for one that is absent. */
interface Columns {
  readonly text: number;
  readonly subjectUris: number;
  readonly documentId: number;
  readonly metadata: readonly (readonly [name: string, column: number])[];
}

function columnsOf(header: readonly string[], path: string, requireSubjects: boolean): Columns {
  const text = header.indexOf('text');
  const subjectUris = header.indexOf('subject_uris');
  if (text < 0 || (requireSubjects && subjectUris < 0)) {
    const wanted = requireSubjects ? "at least the columns 'text' and 'subject_uris'" : "at least the column 'text'";
    const found = header.map((name) => `'${name}'`).join(', ');
    const separator = header.length > 1 ? undefined : [';', '\t'].find((mark) => header[0]?.includes(mark));
    throw new InputError(
      'input-invalid',
      `Cannot parse CSV file ${path}. The file must have a header row that defines ${wanted}; it has ${found}.`,
      {
        hint: separator
          ? `The columns seem to be separated by ${separator === ';' ? 'semicolons' : 'tabs'}; save the file with commas.`
          : 'Name the columns in the first row of the file.',
        context: { path, line: 1 },
      },
    );
  }
  const twice = header.find((name, i) => name !== '' && header.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new InputError('input-invalid', `${path}, line 1: the header names the column '${twice}' twice`, {
      hint: 'Rename one of them.',
      context: { path, line: 1 },
    });
  }
  const metadata = header
    .map((name, column) => [name, column] as const)
    .filter(([name]) => name !== '' && !RESERVED.has(name));
  return { text, subjectUris, documentId: header.indexOf('document_id'), metadata };
}

function metadataOf(columns: Columns['metadata'], fields: readonly string[]): Record<string, string> | undefined {
  if (columns.length === 0) return undefined;
  const metadata: Record<string, string> = Object.create(null);
  for (const [name, column] of columns) metadata[name] = fields[column] as string;
  return metadata;
}
