import type { Analyzer, Document } from '@catchword/core';
import { type Chunk, chunkText, chunkWords } from './chunks.js';
import type { CodeRows } from './code-rows.js';
import type { GroupEmbedder, GroupOptions } from './group-embedder.js';
import type { EmbeddingParams } from './params.js';

/** A document in pieces, each with a vector. */
export interface EmbeddedDocument {
  readonly chunks: readonly Chunk[];
  readonly rows: CodeRows;
}

/** Cuts documents into pieces and embeds these. */
export async function embedDocuments(
  embedder: GroupEmbedder,
  analyzer: Analyzer,
  docs: readonly Document[],
  { chunkWords: words, chunks: most, textPrefix }: EmbeddingParams,
  options: GroupOptions,
): Promise<EmbeddedDocument[]> {
  const chunks = docs.map(({ text }) => chunkText(analyzer, text, { words, most }));
  const groups = docs.map(({ text }, i) =>
    (chunks[i] as readonly Chunk[]).map((chunk) => textPrefix + chunkWords(text, chunk)),
  );
  const rows = await embedder.embed(groups, options);
  return rows.map((own, i) => ({ chunks: chunks[i] as readonly Chunk[], rows: own }));
}
