import { type Document, SuggestionBatch } from '@catchword/core';

/**
 * Suggests for each document by itself, so that a source that fails for one is left out for that one alone.
 *
 * @returns the rows one after the other
 */
export async function suggestOneByOne(
  docs: readonly Document[],
  nSubjects: number,
  suggest: (doc: Document) => Promise<SuggestionBatch>,
): Promise<SuggestionBatch> {
  const rows: SuggestionBatch[] = [];
  for (const doc of docs) rows.push(await suggest(doc));
  return rows.length === 1 ? (rows[0] as SuggestionBatch) : SuggestionBatch.concat(nSubjects, rows);
}
