import { closest } from '@catchword/core';
import { idProblem } from '@catchword/storage';
import type { VocabularyRule } from '@catchword/vocabulary';
import type { Setting } from './parsed-configuration.js';
import { quote } from './problems.js';

/** The keys of rules by which subjects are left out of a vocabulary or taken in again. */
export const VOCAB_RULE_KEYS = [
  'exclude',
  'exclude_type',
  'exclude_scheme',
  'exclude_collection',
  'include',
  'include_type',
  'include_scheme',
  'include_collection',
] as const satisfies readonly VocabularyRule['key'][];

/** The vocabulary of a project. */
export interface VocabSpec {
  readonly id: string;
  /** The language of labels that are shown, where it is not the project's. */
  readonly language?: string;
  /** In the order written. */
  readonly rules: readonly VocabularyRule[];
}

/**
 * Reads `yso`, `yso(fi)`, `yso(fi,exclude_type=A|B,include=C)`.
 *
 * A value may hold `=`, so that URIs with a query are kept whole; Annif drops those silently.
 *
 * @param problem called for each thing wrong
 */
export function parseVocabSpec(text: string, problem: (message: string) => void): VocabSpec | undefined {
  const match = /^([^(]*)(?:\(([\s\S]*)\))?$/.exec(text.trim());
  if (!match) {
    problem(`the vocabulary ${quote(text)} has no form like "yso", "yso(fi)" or "yso(fi,exclude=URI)"`);
    return undefined;
  }
  const positional: string[] = [];
  const named: [string, string][] = [];
  for (const part of (match[2] ?? '').split(',')) {
    const argument = part.trim();
    const equals = argument.indexOf('=');
    if (argument === '') continue;
    if (equals >= 0) named.push([argument.slice(0, equals).trim(), argument.slice(equals + 1)]);
    else if (named.length === 0) positional.push(argument);
    else problem(`${quote(argument)} in the vocabulary has no key; several values are written exclude=A|B`);
  }
  if (positional.length > 1) problem(`the vocabulary has two languages, ${positional.map(quote).join(' and ')}`);
  const rules = named.map(([key, values]) => ({ key, values: values.split('|') }));
  return assemble((match[1] as string).trim(), positional[0], rules, problem);
}

/** Reads the same from a map: `{id: yso, language: fi, exclude_type: [A, B]}`. */
export function vocabSpecFromMap(
  map: ReadonlyMap<string, Setting>,
  problem: (message: string) => void,
): VocabSpec | undefined {
  const id = map.get('id');
  const language = map.get('language');
  if (typeof id !== 'string') {
    problem('the vocabulary has no "id"');
    return undefined;
  }
  if (language !== undefined && typeof language !== 'string') problem('the language of the vocabulary is not a text');
  const rules: { key: string; values: string[] }[] = [];
  for (const [key, value] of map) {
    if (key === 'id' || key === 'language') continue;
    const values = Array.isArray(value) ? (value as Setting[]) : [value];
    if (values.every((item) => typeof item === 'string')) rules.push({ key, values: values as string[] });
    else problem(`${quote(key)} of the vocabulary has to be a text or a list of texts`);
  }
  return assemble(id, typeof language === 'string' ? language : undefined, rules, problem);
}

function assemble(
  id: string,
  language: string | undefined,
  rawRules: readonly { readonly key: string; readonly values: readonly string[] }[],
  problem: (message: string) => void,
): VocabSpec | undefined {
  const wrong = idProblem(id);
  if (wrong) problem(`${quote(id)} cannot be the id of a vocabulary: ${wrong}`);
  if (language !== undefined && !isLanguageTag(language)) problem(`${quote(language)} is not a language tag`);
  const rules: VocabularyRule[] = [];
  for (const { key, values } of rawRules) {
    const known = VOCAB_RULE_KEYS.find((name) => name === key);
    const nonEmpty = values.map((value) => value.trim()).filter((value) => value !== '');
    if (!known) problem(`unknown rule ${quote(key)} of the vocabulary${suggestion(key, VOCAB_RULE_KEYS)}`);
    else if (nonEmpty.length === 0) problem(`the rule ${key} of the vocabulary has no value`);
    else rules.push({ key: known, values: nonEmpty });
  }
  return wrong ? undefined : { id, ...(language === undefined ? undefined : { language }), rules };
}

/** @returns `; did you mean "x"?`, or nothing */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const meant = closest(word, candidates);
  return meant === undefined ? '' : `; did you mean ${quote(meant)}?`;
}

/** True for the form of a BCP 47 tag. */
export function isLanguageTag(text: string): boolean {
  return /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(text);
}
