import type { Vocabulary } from '@catchword/core';
import { labelLanguages } from '@catchword/project';
import { Problem } from '../problem.js';

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

const choices = new WeakMap<Vocabulary, ReadonlySet<string>>();

/**
 * @param wanted what a client asks for; empty or absent: `otherwise`
 * @returns a language that the vocabulary has labels in, `en` also where all are those of regions (`en-gb`)
 * @throws {Problem} 400 for any other, with Annif's words
 */
export function labelLanguage(vocabulary: Vocabulary, wanted: string | undefined, otherwise: string): string {
  if (!wanted) return otherwise;
  let known = choices.get(vocabulary);
  if (!known) {
    known = new Set(languagesOf(vocabulary).flatMap((tag) => [tag, tag.split('-')[0] as string]));
    choices.set(vocabulary, known);
  }
  if (known.has(wanted)) return wanted;
  throw new Problem(400, `language "${wanted.slice(0, 60)}" not supported by vocabulary`, {
    code: 'language-not-supported',
    hint: `Languages of the vocabulary: ${languagesOf(vocabulary).join(', ')}.`,
    errors: [{ field: 'language', message: 'the vocabulary has no labels in it' }],
  });
}

/** @returns English where the vocabulary has it, else its first language */
export function shownLanguage(vocabulary: Vocabulary): string {
  const languages = languagesOf(vocabulary);
  return languages.find((tag) => tag === 'en' || tag.startsWith('en-')) ?? languages[0] ?? '';
}
