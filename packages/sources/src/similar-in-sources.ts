import type { Document, SimilarRecord, Source } from '@catchword/core';

/** @returns whether any source compares documents with records */
export function findsSimilar(sources: readonly Source[]): boolean {
  return sources.some(({ similar }) => similar !== undefined);
}

/**
 * Has the sources that compare records find those most like a document; records that several know count once.
 *
 * @returns at most n, by falling similarity
 */
export async function similarInSources(sources: readonly Source[], doc: Document, n: number): Promise<SimilarRecord[]> {
  const found = new Map<string, SimilarRecord>();
  for (const source of sources) {
    for (const record of (await source.similar?.(doc, n)) ?? []) {
      const key = record.documentId ?? record.title;
      const other = found.get(key);
      if (!other || other.similarity < record.similarity) found.set(key, record);
    }
  }
  return [...found.values()].sort((a, b) => b.similarity - a.similarity).slice(0, n);
}
