import { InputError } from '@catchword/core';
import { readLines } from '@catchword/input';

/** The suggestions for one document, as `index` wrote them in JSON Lines. */
export interface DocumentResults {
  readonly documentId: string | undefined;
  /** The best first. */
  readonly results: readonly { readonly uri: string; readonly score: number }[];
}

/**
 * Reads results that `index` wrote in JSON Lines, gzipped or not.
 *
 * @throws {InputError} as `readLines`; `input-invalid` with path and line for what is no such line
 */
export async function* readResults(path: string): AsyncGenerator<DocumentResults, void, undefined> {
  for await (const { lines, firstLine } of readLines(path)) {
    for (const [i, line] of lines.entries()) {
      if (line.trim() === '') continue;
      const results = documentResults(line);
      if (results === undefined) {
        throw new InputError('input-invalid', `${path}, line ${firstLine + i}: this is no line of results`, {
          hint: 'Results are made by: catchword index … --format jsonl',
          context: { path, line: firstLine + i },
        });
      }
      yield results;
    }
  }
}

function documentResults(line: string): DocumentResults | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('results' in value) || !Array.isArray(value.results)) {
    return undefined;
  }
  const results: { uri: string; score: number }[] = [];
  for (const result of value.results as unknown[]) {
    if (typeof result !== 'object' || result === null || !('uri' in result) || !('score' in result)) return undefined;
    const { uri, score } = result;
    if (typeof uri !== 'string' || typeof score !== 'number') return undefined;
    results.push({ uri, score });
  }
  const documentId = 'document_id' in value && typeof value.document_id === 'string' ? value.document_id : undefined;
  return { documentId, results };
}
