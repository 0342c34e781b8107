import { closest, type Document, IndexingError, type Transform } from '@catchword/core';
import { DETECTED_LANGUAGES, detectedLanguage, type LanguageDetector, loadDetector } from './detect-language.js';
import { splitSentences } from './sentences.js';
import { parseSpecList, type Spec, type SpecCheck, throwProblems, wholeNumber } from './spec.js';

/** Names of transforms. */
export const TRANSFORM_NAMES: readonly string[] = ['filter_lang', 'limit', 'pass', 'select'];

export interface TransformOptions {
  /** The project's language, as BCP 47 tags it. */
  readonly language: string;
}

type Step =
  | { readonly name: 'pass' }
  | { readonly name: 'limit'; readonly nCharacters: number }
  | { readonly name: 'select'; readonly fields: readonly string[] }
  | {
      readonly name: 'filter_lang';
      readonly textMinLength: number;
      readonly sentenceMinLength: number;
      readonly minRatio: number;
    };
type Apply = Transform['apply'];

/**
 * Makes the chain of transforms that a spec names, applied from left to right.
 *
 * - `pass` changes nothing.
 * - `limit(n)` keeps the first n characters (code points).
 * - `select(field,…)` joins the named fields by line breaks; `text` is the text, the others are metadata, a missing one
 *   is empty.
 * - `filter_lang(text_min_length=500,sentence_min_length=50,min_ratio=0.5)` drops sentences of other languages. Shorter
 *   texts and shorter sentences stay. A sentence stays if the evidence for the project's language is at least `min_ratio`
 *   of that for the likeliest language; one that gives no evidence stays. (Annif takes the share of words that a dictionary
 *   of the language knows, and so drops tables and names as well.)
 *
 * @throws {ConfigurationError} `configuration-invalid` where the spec cannot be used
 */
export async function createTransform(spec: string, options: TransformOptions): Promise<Transform> {
  const { steps, ...check } = resolveTransform(spec, options.language);
  throwProblems('transform', spec, check);
  const chain: Apply[] = [];
  for (const step of steps) {
    if (step.name === 'limit') chain.push((text) => firstCharacters(text, step.nCharacters));
    else if (step.name === 'select') chain.push((text, metadata) => selectFields(step.fields, text, metadata));
    else if (step.name === 'filter_lang') chain.push(languageFilter(step, options.language, await loadDetector()));
  }
  return {
    spec,
    apply: (text, metadata) => chain.reduce((current, apply) => apply(current, metadata), text),
  };
}

/** Applies a transform. @returns the document itself where its text stays the same, else a copy with all other fields */
export function transformDocument(document: Document, transform: Transform): Document {
  const text = transform.apply(document.text, document.metadata);
  return text === document.text ? document : { ...document, text };
}

/**
 * Checks a chain of transforms without loading any package.
 *
 * @param language the project's, as `filter_lang` does not know all
 */
export function checkTransformSpec(spec: string, language?: string): SpecCheck {
  const { problems, warnings } = resolveTransform(spec, language);
  return { problems, warnings };
}

function resolveTransform(spec: string, language: string | undefined): SpecCheck & { readonly steps: readonly Step[] } {
  const problems: string[] = [];
  const steps: Step[] = [];
  try {
    for (const one of parseSpecList(spec)) {
      const step = resolveStep(one, language, problems);
      if (step) steps.push(step);
    }
  } catch (error) {
    if (!IndexingError.is(error)) throw error;
    problems.push(error.message);
  }
  return { problems, warnings: [], steps };
}

function resolveStep(spec: Spec, language: string | undefined, problems: string[]): Step | undefined {
  switch (spec.name) {
    case 'pass':
      readArguments(spec, {}, problems);
      return { name: 'pass' };
    case 'limit': {
      const { input_limit } = readArguments(spec, { input_limit: undefined }, problems);
      const nCharacters = wholeNumber(input_limit ?? '');
      if (nCharacters === undefined || nCharacters < 0) {
        problems.push(`"limit" needs a whole number from 0, for example limit(5000); it has "${input_limit ?? ''}"`);
        return undefined;
      }
      return { name: 'limit', nCharacters };
    }
    case 'select':
      for (const key of Object.keys(spec.params)) problems.push(`"select" has no parameter "${key}"`);
      if (spec.args.length === 0) problems.push('"select" needs the names of fields, for example select(title,text)');
      return { name: 'select', fields: spec.args };
    case 'filter_lang': {
      const defaults = { text_min_length: '500', sentence_min_length: '50', min_ratio: '0.5' };
      const values = readArguments(spec, defaults, problems);
      const read = (key: keyof typeof defaults, fits: (n: number) => boolean, wanted: string): number => {
        const n = values[key].trim() === '' ? Number.NaN : Number(values[key]);
        if (!fits(n)) problems.push(`${key} of "filter_lang" is "${values[key]}" and has to be ${wanted}`);
        return n;
      };
      const isLength = (n: number): boolean => Number.isInteger(n) && n >= 0;
      if (language !== undefined && detectedLanguage(language) === undefined) {
        problems.push(
          `"filter_lang" cannot tell the language "${language}"; it knows ${DETECTED_LANGUAGES.join(', ')}`,
        );
      }
      return {
        name: 'filter_lang',
        textMinLength: read('text_min_length', isLength, 'a whole number from 0'),
        sentenceMinLength: read('sentence_min_length', isLength, 'a whole number from 0'),
        minRatio: read('min_ratio', (n) => n >= 0 && n <= 1, 'a number from 0 to 1'),
      };
    }
    default: {
      const meant = closest(spec.name, TRANSFORM_NAMES);
      problems.push(
        `there is no transform "${spec.name}"; there are ${TRANSFORM_NAMES.join(', ')}${meant ? ` — did you mean "${meant}"?` : ''}`,
      );
      return undefined;
    }
  }
}

/** Takes arguments by place or by name. */
function readArguments<T extends Record<string, string | undefined>>(spec: Spec, defaults: T, problems: string[]): T {
  const keys = Object.keys(defaults);
  const values: Record<string, string | undefined> = { ...defaults };
  if (spec.args.length > keys.length) {
    problems.push(`"${spec.name}" takes at most ${keys.length} arguments, not ${spec.args.length}`);
  }
  for (const [i, value] of spec.args.slice(0, keys.length).entries()) values[keys[i]] = value;
  for (const [key, value] of Object.entries(spec.params)) {
    if (!keys.includes(key)) problems.push(`"${spec.name}" has no parameter "${key}"`);
    else if (keys.indexOf(key) < spec.args.length) problems.push(`${key} of "${spec.name}" is given twice`);
    else values[key] = value;
  }
  return values as T;
}

/** The first n code points; no surrogate pair is cut. */
function firstCharacters(text: string, n: number): string {
  if (text.length <= n) return text;
  let end = 0;
  for (let count = 0; count < n && end < text.length; count++) {
    const high = (text.charCodeAt(end) & 0xfc00) === 0xd800;
    end += high && (text.charCodeAt(end + 1) & 0xfc00) === 0xdc00 ? 2 : 1;
  }
  return text.slice(0, end);
}

function selectFields(
  fields: readonly string[],
  text: string,
  metadata: Readonly<Record<string, string>> | undefined,
): string {
  const values = fields.map((field) => {
    if (field === 'text') return text;
    return metadata && Object.hasOwn(metadata, field) ? metadata[field] : '';
  });
  return values.join('\n');
}

function languageFilter(step: Step & { name: 'filter_lang' }, language: string, detect: LanguageDetector): Apply {
  const own = detectedLanguage(language) as string;
  const belongs = (sentence: string): boolean => {
    if (sentence.length < step.sentenceMinLength) return true;
    const evidence = detect(sentence);
    const most = Math.max(0, ...evidence.values());
    return (evidence.get(own) ?? 0) >= step.minRatio * most;
  };
  return (text) => {
    if (text.length < step.textMinLength) return text;
    return splitSentences(text, language).filter(belongs).join(' ');
  };
}
