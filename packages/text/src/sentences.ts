import { primaryLanguage, sentenceRules } from './sentence-rules.js';
import { SurfaceTable } from './surface-table.js';
import { Tokenizer } from './tokenizer.js';

/** A language's table is emptied above so many surfaces. */
const MAX_SURFACES = 1 << 17;

interface Splitter {
  readonly table: SurfaceTable;
  readonly tokenizer: Tokenizer;
}

const splitters = new Map<string, Splitter>();

/**
 * Splits a text into sentences, by the same rules that an analyzer of the language follows.
 *
 * @returns the sentences without white space around them, in order; together they hold all other characters of the text
 */
export function splitSentences(text: string, language: string): string[] {
  const { table, tokenizer } = splitterOf(primaryLanguage(language));
  if (table.size > MAX_SURFACES) table.clear();
  tokenizer.run(text);
  const offsets = tokenizer.sentenceOffsets.data;
  const n = tokenizer.sentenceOffsets.length - 1;
  const sentences: string[] = [];
  for (let s = 0; s < n; s++) sentences.push(text.slice(offsets[s], offsets[s + 1]).trim());
  if (n === 0 && text.trim() !== '') sentences.push(text.trim());
  return sentences;
}

function splitterOf(language: string): Splitter {
  let splitter = splitters.get(language);
  if (!splitter) {
    const rules = sentenceRules(language);
    const table = new SurfaceTable((surface) => ({ termId: 0, flags: rules.flags(surface) }));
    splitter = { table, tokenizer: new Tokenizer(language, table) };
    splitters.set(language, splitter);
  }
  return splitter;
}
