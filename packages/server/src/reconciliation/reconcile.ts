import { LABEL_PREF, SUBJECT_ACTIVE, type SubjectId, type Vocabulary } from '@catchword/core';
import { foldLabel, type LabelSearch, languageRanks, RANK_NONE } from '@catchword/vocabulary';
import { SimilarityTo } from './similarity.js';

/** A concept that a keyword may mean. */
export interface Candidate {
  readonly subjectId: SubjectId;
  /** From 0 to 100; 100 where a preferred label of the language is the keyword, but for case and marks. */
  readonly score: number;
  /** True for the one candidate that can be taken without a look. */
  readonly match: boolean;
  /** The label that is most alike; absent where none was compared. */
  readonly label?: number;
}

export interface ReconcileOptions {
  readonly limit: number;
  /** Labels of other languages count a little less. */
  readonly language: string;
  /** Whether a subject is of the types that are asked for. */
  readonly isWanted?: (subjectId: SubjectId) => boolean;
  /** Waited for now and then, so that others come in between; rejects where nobody wants the answer any more. */
  readonly pause?: () => Promise<void>;
}

/** What a label of another kind, or language, is worth beside a preferred one of the language. */
const OTHER_KIND = 0.97;
const OTHER_LANGUAGE = 0.97;
/** Less alike is not alike. */
const LEAST_SCORE = 30;
const MOST_LABELS_A_WORD = 400;
/** A keyword has few words; of a whole text the first ones are read, and so many labels are compared. */
const MOST_WORDS = 12;
const MOST_LABELS = 5000;
const LABELS_A_TURN = 1000;
/** Of a word's letters so many begin the words that are compared with it: endings differ, beginnings hardly. */
const STEM_SHARE = 0.65;
/** Where there is a typing error, it is hardly among the first letters. */
const BEGINNING = 4;

/** Finds the concepts that a free keyword may mean, the likeliest first. */
export async function reconcile(
  vocabulary: Vocabulary,
  search: LabelSearch,
  keyword: string,
  { limit, language, isWanted = () => true, pause = async () => undefined }: ReconcileOptions,
): Promise<Candidate[]> {
  const folded = foldLabel(keyword.slice(0, 300));
  if (folded === '') return [];
  const { labels, status } = vocabulary;
  const ranks = languageRanks(vocabulary.languages, language);
  const similarity = new SimilarityTo(folded);
  const best = new Map<SubjectId, { score: number; label: number; isExact: boolean }>();
  let nCompared = 0;
  for (const label of labelsLike(search, folded)) {
    if (nCompared++ % LABELS_A_TURN === 0) await pause();
    const subjectId = labels.subject[label] as number;
    if (status[subjectId] !== SUBJECT_ACTIVE || !isWanted(subjectId)) continue;
    const alike = similarity.of(search.foldedLabel(label));
    const kind = labels.kind[label] === LABEL_PREF ? 1 : OTHER_KIND;
    const tongue = ranks[labels.language[label] as number] === RANK_NONE ? OTHER_LANGUAGE : 1;
    const score = Math.round(1000 * alike * kind * tongue) / 10;
    const before = best.get(subjectId);
    if (score >= LEAST_SCORE && (!before || before.score < score))
      best.set(subjectId, { score, label, isExact: alike === 1 });
  }
  const sorted = [...best].sort(([a, x], [b, y]) => y.score - x.score || a - b);
  const nWhole = sorted.filter(([, { score }]) => score === 100).length;
  const nExact = sorted.filter(([, { isExact }]) => isExact).length;
  return sorted.slice(0, limit).map(([subjectId, { score, label, isExact }], i) => ({
    subjectId,
    score,
    label,
    match: i === 0 && isExact && (score === 100 ? nWhole === 1 : nExact === 1),
  }));
}

/** Labels that have the words of the keyword, or words that begin like them; the nearest first where there are too many. */
function labelsLike(search: LabelSearch, folded: string): Set<number> {
  const labels = new Set(search.labelsWithPrefix(folded, MOST_LABELS_A_WORD));
  const words = [...new Set(folded.split(' '))].slice(0, MOST_WORDS);
  const lengths = words.map((word) => {
    const stemLength = Math.max(3, Math.ceil(word.length * STEM_SHARE));
    return [...new Set([word.length, stemLength, BEGINNING])];
  });
  for (let k = 0; k < 3; k++) {
    for (const [i, word] of words.entries()) {
      const length = lengths[i]?.[k];
      if (length === undefined) continue;
      for (const label of search.labelsWithPrefix(word.slice(0, length), MOST_LABELS_A_WORD)) labels.add(label);
      if (labels.size >= MOST_LABELS) return labels;
    }
  }
  return labels;
}
