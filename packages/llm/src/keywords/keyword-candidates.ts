import type { SubjectId } from '@catchword/core';
import { foldLabel } from '@catchword/vocabulary';
import { type LabelMatch, MATCH_KINDS } from './label-lookup.js';

/** All are the same for all subjects: none names one. */
export const FEATURES = [
  { name: 'place', text: 'where the keyword stands in the list of the model' },
  { name: 'kind', text: 'how the keyword led to the label' },
  { name: 'coverage', text: 'how much of the keyword the label covers, or how near it is in meaning' },
  { name: 'ambiguity', text: 'how many subjects the keyword leads to' },
  { name: 'isPref', text: 'whether the label is a preferred one' },
  { name: 'keywords', text: 'how many keywords lead to the subject' },
  { name: 'inText', text: 'whether the keyword stands in the text' },
  { name: 'written', text: 'how many keywords the model wrote' },
] as const;

export const N_FEATURES = FEATURES.length;

/** What the fixed rule thinks of each kind of match. */
const KIND_WORTH = [0.6, 0.4, 0.5, 0.2, 0.3];

/** A subject that keywords lead to. */
export interface KeywordCandidate {
  readonly subjectId: SubjectId;
  /** The first keyword that leads to it, and how. */
  readonly keyword: string;
  readonly match: LabelMatch;
}

/** What the keywords of a text lead to. */
export interface MappedKeywords {
  readonly candidates: readonly KeywordCandidate[];
  /** Shape (nCandidates, N_FEATURES), row-major. */
  readonly X: Float32Array;
  /** Keywords that lead nowhere, in their order: terms that the vocabulary may lack. */
  readonly unknown: readonly string[];
}

/**
 * Maps keywords to subjects. Nothing but subjects of the vocabulary comes out, whatever the keywords are.
 *
 * @param find the labels that a keyword leads to, one of each subject
 */
export function mapKeywords(
  find: (keyword: string) => readonly LabelMatch[],
  keywords: readonly string[],
  text: string,
): MappedKeywords {
  const folded = ` ${foldLabel(text)} `;
  const found = new Map<SubjectId, { candidate: KeywordCandidate; row: number[]; n: number }>();
  const unknown: string[] = [];
  for (const [place, keyword] of keywords.entries()) {
    const matches = find(keyword);
    if (matches.length === 0) unknown.push(keyword);
    for (const match of matches) {
      const there = found.get(match.subjectId);
      if (there) {
        there.n++;
        continue;
      }
      const row = [
        place + 1,
        MATCH_KINDS.indexOf(match.kind),
        match.coverage,
        matches.length,
        match.isPref ? 1 : 0,
        1,
        folded.includes(` ${foldLabel(keyword)} `) ? 1 : 0,
        keywords.length,
      ];
      found.set(match.subjectId, { candidate: { subjectId: match.subjectId, keyword, match }, row, n: 1 });
    }
  }
  const all = [...found.values()];
  const rows = all.map(({ row, n }) => row.with(5, n));
  return { candidates: all.map(({ candidate }) => candidate), X: Float32Array.from(rows.flat()), unknown };
}

/** The score of a candidate where nothing was trained, in (0, 1). @param row from where its features stand in X */
export function fixedScore(X: Float32Array, row: number): number {
  const [place = 1, kind = 0, coverage = 1, ambiguity = 1, , , , written = 1] = X.subarray(row, row + N_FEATURES);
  return (
    ((KIND_WORTH[kind] ?? 0.1) * coverage * (1 - (0.6 * (place - 1)) / Math.max(1, written))) / Math.sqrt(ambiguity)
  );
}
