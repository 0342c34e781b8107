import type { SimilarRecord } from '@catchword/core';
import type { CandidateLines } from './candidate-lines.js';

const MOST_TITLE_CHARACTERS = 200;
const MOST_EXAMPLE_SUBJECTS = 10;

/** @returns the beginning of a text, without control characters and without half a character at its end */
export function shownText(text: string, mostCharacters: number): string {
  return text
    .slice(0, mostCharacters)
    .replace(/[\ud800-\udbff]$/, '')
    .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, ' ')
    .trim();
}

/**
 * Describes similar records with their subjects, a line each.
 *
 * @param hidden shape (nSubjects): 1 for subjects that no record is to have
 */
export function exampleLines(
  records: readonly SimilarRecord[],
  lines: CandidateLines,
  hidden: Uint8Array | undefined,
): string[] {
  return records.flatMap(({ title, subjects }) => {
    const known = subjects.filter((id) => hidden?.[id] !== 1).slice(0, MOST_EXAMPLE_SUBJECTS);
    if (known.length === 0) return [];
    const shown = shownText(title.replace(/\s+/g, ' '), MOST_TITLE_CHARACTERS);
    return [`- ${shown}: ${known.map((id) => lines.label(id)).join('; ')}`];
  });
}
