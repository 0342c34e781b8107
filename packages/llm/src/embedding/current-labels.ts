import type { BackendContext } from '@catchword/core';
import { StringTable } from '@catchword/math';
import type { Budget } from '../client/budget.js';
import { EndpointError } from '../client/endpoint-error.js';
import { type CodeRows, joinRows } from './code-rows.js';
import { embedLabels } from './embed-labels.js';
import type { GroupEmbedder } from './group-embedder.js';
import { type LabelTexts, labelTexts } from './label-texts.js';
import { type LabelVectors, rowsOfLabels } from './label-vectors.js';

/** Labels that came with a new version of the vocabulary and are embedded when they are first needed, at most. */
const MOST_NEW_TEXTS = 5000;

/** The labels of a vocabulary as it is now, with their vectors. */
export interface CurrentLabels {
  readonly texts: LabelTexts;
  /** Shape (nLabels): the row of each label's vector, or -1. */
  readonly rowOf: Int32Array;
  readonly rows: CodeRows;
  /** Labels that have no vector, and why. */
  readonly warnings: readonly string[];
}

/**
 * Finds the vectors of all labels; those that are new since the training are embedded now.
 *
 * @param languages as `labelTexts` takes them
 */
export async function currentLabels(
  { vocabulary, language, projectId }: BackendContext,
  languages: readonly string[] | 'all',
  vectors: LabelVectors,
  embedder: GroupEmbedder,
  { budget, signal }: { readonly budget: Budget; readonly signal: AbortSignal },
): Promise<CurrentLabels> {
  const texts = labelTexts(vocabulary, languages, language);
  const { rows } = vectors;
  const rowOf = rowsOfLabels(vectors, texts);
  const known = new Uint8Array(texts.texts.length);
  for (const [i, t] of texts.textOf.entries()) if ((rowOf[i] as number) >= 0) known[t] = 1;
  const missing = texts.texts.filter((_, t) => known[t] === 0);
  if (missing.length === 0) return { texts, rowOf, rows, warnings: [] };
  if (missing.length > MOST_NEW_TEXTS) {
    const warning =
      `${missing.length} labels have no vector, and "${projectId}" does not find by them. ` +
      `Train the project again: catchword train ${projectId} <corpus>`;
    return { texts, rowOf, rows, warnings: [warning] };
  }
  try {
    const fresh = await embedLabels(embedder, missing, vectors.labelPrefix, { budget, signal });
    const joined = {
      texts: StringTable.from([...textsOf(vectors.texts), ...missing]),
      rows: joinRows(rows.dimensions, [rows, fresh]),
    };
    return { texts, rowOf: rowsOfLabels(joined, texts), rows: joined.rows, warnings: [] };
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error;
    return { texts, rowOf, rows, warnings: [`${missing.length} labels have no vector yet: ${error.message}`] };
  }
}

function* textsOf(table: StringTable): Generator<string> {
  for (let i = 0; i < table.length; i++) yield table.get(i);
}
