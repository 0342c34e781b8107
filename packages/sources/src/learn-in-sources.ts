import type { Document, Source } from '@catchword/core';

/** @returns whether any source learns */
export function canLearn(sources: readonly Source[]): boolean {
  return sources.some(({ learn }) => learn !== undefined);
}

/** Hands records to all sources that can learn. */
export async function learnInSources(sources: readonly Source[], docs: readonly Document[]): Promise<void> {
  for (const source of sources) await source.learn?.(docs);
}
