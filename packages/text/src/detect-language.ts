import { ConfigurationError, closest } from '@catchword/core';
import { primaryLanguage } from './sentence-rules.js';

/** ISO 639-1 codes of the languages that can be told apart. */
export const DETECTED_LANGUAGES: readonly string[] = (
  'am ar az be bg bn ca cs da de el en es et eu fa fi fr gu he hi hr hu hy is it ja ka kn ko ku lo lt lv ml mr ms nl no ' +
  'or pa pl pt ro ru sk sl sq sr sv ta te th tl tr uk ur vi yo zh'
).split(' ');

/** How much a text looks like one language. */
export interface LanguageScore {
  /** ISO 639-1 code. */
  readonly language: string;
  /** From 0 to 1; the scores of several languages do not sum to 1. */
  readonly score: number;
}

/** Evidence for each language: sums that are proportional to n-gram scores. Empty where nothing is known of the text. */
export type LanguageEvidence = ReadonlyMap<string, number>;
export type LanguageDetector = (text: string) => LanguageEvidence;

/** The detector reads no more than about 350 bytes at once. */
const PIECE = 350;
const MAX_PIECES = 8;

/**
 * Loads the detector: the extra-small table of eld, which is as right as the larger ones on catalogue texts and loads
 * fastest (about 150 ms).
 */
export async function loadDetector(): Promise<LanguageDetector> {
  const { eld } = await import('eld/extrasmall');
  return (text) => {
    const evidence = new Map<string, number>();
    for (const piece of piecesOf(text)) {
      for (const [language, score] of Object.entries(eld.detect(piece).getScores())) {
        // eld gives x / (x + 25) for a mean n-gram score x.
        evidence.set(language, (evidence.get(language) ?? 0) + score / (1 - score));
      }
    }
    return evidence;
  };
}

/** Pieces spread evenly over a long text. */
function piecesOf(text: string): string[] {
  const n = Math.min(MAX_PIECES, Math.ceil(text.length / PIECE));
  if (n <= 1) return [text];
  const pieces: string[] = [];
  for (let i = 0; i < n; i++) {
    const start = Math.floor(((text.length - PIECE) * i) / (n - 1));
    pieces.push(text.slice(start, start + PIECE));
  }
  return pieces;
}

/** The code by which the detector knows a language, or undefined. */
export function detectedLanguage(language: string): string | undefined {
  const primary = primaryLanguage(language);
  const code = primary === 'nb' || primary === 'nn' ? 'no' : primary;
  return DETECTED_LANGUAGES.includes(code) ? code : undefined;
}

/**
 * Tells in which of several languages a text is written.
 *
 * @param candidates ISO 639-1 codes, or longer tags of which the primary part counts
 * @returns all candidates as they were given, the likeliest first; empty where the text has nothing to go by
 * @throws {ConfigurationError} `usage-invalid` for a candidate that cannot be told
 */
export async function detectLanguage(text: string, candidates: readonly string[]): Promise<LanguageScore[]> {
  for (const candidate of candidates) {
    if (detectedLanguage(candidate) !== undefined) continue;
    const meant = closest(candidate, DETECTED_LANGUAGES);
    throw new ConfigurationError('usage-invalid', `Cannot detect the language "${candidate}": it is not known`, {
      hint: `Choose from: ${DETECTED_LANGUAGES.join(', ')}${meant ? `. Did you mean "${meant}"?` : '.'}`,
      context: { language: candidate },
    });
  }
  const detect = await loadDetector();
  const evidence = detect(text);
  if (evidence.size === 0) return [];
  const nPieces = piecesOf(text).length;
  return candidates
    .map((language) => {
      const mean = (evidence.get(detectedLanguage(language) as string) ?? 0) / nPieces;
      return { language, score: mean / (mean + 1) };
    })
    .sort((a, b) => b.score - a.score);
}
