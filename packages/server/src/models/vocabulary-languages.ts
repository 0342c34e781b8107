import type { Vocabulary } from '@catchword/core';
import { labelLanguages } from '@catchword/project';

const known = new WeakMap<Vocabulary, readonly string[]>();

/** As `labelLanguages`, found out once for each vocabulary. */
export function languagesOf(vocabulary: Vocabulary): readonly string[] {
  let languages = known.get(vocabulary);
  if (!languages) {
    languages = labelLanguages(vocabulary);
    known.set(vocabulary, languages);
  }
  return languages;
}

/** @returns English where the vocabulary has it, else its first language */
export function shownLanguage(vocabulary: Vocabulary): string {
  const languages = languagesOf(vocabulary);
  return languages.find((tag) => tag === 'en' || tag.startsWith('en-')) ?? languages[0] ?? '';
}
