import type { Analyzer } from '@catchword/core';

/** A stretch of a text; positions in UTF-16 code units. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
}

export interface ChunkOptions {
  /** Words of a chunk, about. */
  readonly words: number;
  /** Chunks of a text; of more, so many at equal distances are taken, the first always. */
  readonly most: number;
}

/** What is beyond says nothing to any model: a chunk is some dozen words. */
const MOST_CHARACTERS = 4000;

/** Cuts a text into chunks of whole sentences; a sentence that is longer than a chunk is cut between words. */
export function chunkText(analyzer: Analyzer, text: string, { words, most }: ChunkOptions): Chunk[] {
  const { nTokens, starts, ends, nSentences, sentenceStarts } = analyzer.analyze(text);
  const chunks: Chunk[] = [];
  let from = 0;
  const close = (to: number): void => {
    if (to > from) chunks.push({ start: starts[from] as number, end: ends[to - 1] as number });
    from = to;
  };
  for (let s = 0; s < nSentences; s++) {
    const end = s + 1 < nSentences ? (sentenceStarts[s + 1] as number) : nTokens;
    if (end - from > words) close(sentenceStarts[s] as number);
    while (end - from > words) close(from + words);
  }
  close(nTokens);
  if (chunks.length <= most) return chunks;
  return Array.from({ length: most }, (_, i) => chunks[Math.floor((i * chunks.length) / most)] as Chunk);
}

/** @returns the words of a chunk as a model is given them: white space is one space each, and no half of a character is left */
export function chunkWords(text: string, { start, end }: Chunk): string {
  return text
    .slice(start, Math.min(end, start + MOST_CHARACTERS))
    .replace(/[\s\0]+/gu, ' ')
    .trim()
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
