import type { Document } from '@catchword/core';
import type { LineBatch } from '@catchword/input';
import type { DocumentReader } from './document-reader.js';

/**
 * Reads documents of a TSV corpus: text, tab, URIs separated by blanks or tabs; no quoting.
 *
 * Where subjects are not required, a line without a tab is a text. Blank lines are then documents without text, so that
 * results stand in the order of the lines; else they are passed over.
 */
export async function* readTsv(
  lines: AsyncIterable<LineBatch>,
  path: string,
  reader: DocumentReader,
): AsyncGenerator<Document[], void, undefined> {
  for await (const batch of lines) {
    const documents: Document[] = [];
    for (let i = 0; i < batch.lines.length && !reader.isFull; i++) {
      const line = batch.lines[i] as string;
      const number = batch.firstLine + i;
      const tab = line.indexOf('\t');
      let text = line;
      if (tab >= 0) {
        text = line.slice(0, tab);
        reader.uris(line, tab + 1, path, number);
      } else if (reader.requireSubjects) {
        if (line.trim() !== '')
          reader.invalid(`Skipping invalid line (missing tab): "${excerpt(line)}"`, { path, line: number });
        continue;
      } else text = line.trim();
      const document = reader.document({ text });
      if (document) documents.push(document);
    }
    if (documents.length > 0) yield documents;
    if (reader.isFull) return;
  }
  reader.endSource(path, 'a TSV corpus', 'Each line is a text, a tab, and the URIs of its subjects.');
}

function excerpt(line: string): string {
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}
