import { closest, IndexingError } from '@catchword/core';
import { primaryLanguage } from './sentence-rules.js';
import { parseSpec, type Spec, type SpecCheck, wholeNumber } from './spec.js';
import { NATURAL_LANGUAGES, SNOWBALL_LANGUAGES, snowballLanguage } from './stemmers.js';

/** Names of analyzers that are at hand. */
export const ANALYZER_NAMES: readonly string[] = ['natural', 'simple', 'snowball', 'wink'];
/** Names that Annif knows besides; the nearest that is at hand takes their place. */
const REPLACED_NAMES: readonly string[] = ['estnltk', 'simplemma', 'spacy', 'voikko'];

/** Annif's default: shorter tokens are left out. */
const TOKEN_MIN_LENGTH = 3;

/** What an analyzer's spec asks for. */
export interface ResolvedAnalyzer extends SpecCheck {
  readonly kind: 'simple' | 'snowball' | 'natural' | 'wink';
  /** The stemmer's language by the name that the spec uses; empty for `simple` and `wink`. */
  readonly stemmer: string;
  readonly tokenMinLength: number;
}

/**
 * Checks an analyzer's spec without loading any package.
 *
 * @returns all problems; a spec with other words for what is not available has warnings instead
 */
export function checkAnalyzerSpec(spec: string): SpecCheck {
  const { problems, warnings } = resolveAnalyzer(spec);
  return { problems, warnings };
}

/** Reads an analyzer's spec; where there are problems the rest of the result is a guess. */
export function resolveAnalyzer(text: string): ResolvedAnalyzer {
  const problems: string[] = [];
  const warnings: string[] = [];
  let spec: Spec;
  try {
    spec = parseSpec(text);
  } catch (error) {
    if (!IndexingError.is(error)) throw error;
    return { kind: 'simple', stemmer: '', tokenMinLength: TOKEN_MIN_LENGTH, problems: [error.message], warnings };
  }
  const tokenMinLength = readParams(spec, problems);
  const done = (kind: ResolvedAnalyzer['kind'], stemmer: string): ResolvedAnalyzer => ({
    kind,
    stemmer,
    tokenMinLength,
    problems,
    warnings,
  });
  const argument = spec.args[0] ?? '';
  const nArguments = spec.name === 'simple' || spec.name === 'wink' || spec.name === 'estnltk' ? 0 : 1;
  if (spec.args.length > nArguments) {
    problems.push(`"${spec.name}" takes ${nArguments === 0 ? 'no argument' : 'one argument'}, not ${spec.args.length}`);
  }
  switch (spec.name) {
    case 'simple':
    case 'wink':
      return done(spec.name, '');
    case 'snowball':
      checkLanguage(spec.name, argument, SNOWBALL_LANGUAGES, problems);
      return done('snowball', argument);
    case 'natural':
      checkLanguage(spec.name, argument, NATURAL_LANGUAGES, problems);
      return done('natural', argument);
    case 'simplemma':
    case 'voikko':
    case 'spacy':
    case 'estnltk': {
      const code = spec.name === 'estnltk' ? 'et' : primaryLanguage(argument);
      if (code === '') problems.push(`"${spec.name}" needs an argument, for example ${spec.name}(fi)`);
      const stemmer = snowballLanguage(code);
      const instead = stemmer ? `snowball(${stemmer})` : 'simple';
      warnings.push(`The analyzer "${spec.text}" is not available here; "${instead}" is used in its place`);
      return done(stemmer ? 'snowball' : 'simple', stemmer ?? '');
    }
    default: {
      const meant = closest(spec.name, [...ANALYZER_NAMES, ...REPLACED_NAMES]);
      problems.push(
        `there is no analyzer "${spec.name}"; there are ${ANALYZER_NAMES.join(', ')}${meant ? ` — did you mean "${meant}"?` : ''}`,
      );
      return done('simple', '');
    }
  }
}

function readParams(spec: Spec, problems: string[]): number {
  let tokenMinLength = TOKEN_MIN_LENGTH;
  for (const [key, value] of Object.entries(spec.params)) {
    if (key === 'token_min_length') {
      const n = wholeNumber(value);
      if (n === undefined || n < 0) problems.push(`token_min_length is "${value}" and has to be a whole number from 0`);
      else tokenMinLength = n;
    } else if (!(key === 'lowercase' && spec.name === 'spacy')) {
      problems.push(`"${spec.name}" has no parameter "${key}"; it has token_min_length`);
    }
  }
  return tokenMinLength;
}

function checkLanguage(name: string, language: string, known: readonly string[], problems: string[]): void {
  if (known.includes(language)) return;
  const meant = snowballLanguage(language.toLowerCase()) ?? closest(language, known);
  const hint = meant && known.includes(meant) ? ` — did you mean "${name}(${meant})"?` : '';
  if (language === '') problems.push(`"${name}" needs a language, one of ${known.join(', ')}`);
  else problems.push(`"${name}" knows no language "${language}"; it knows ${known.join(', ')}${hint}`);
}
