import { LABEL_HIDDEN, LABEL_PREF, SUBJECT_ACTIVE, type Vocabulary } from '@catchword/core';
import { hashString } from '@catchword/math';
import { languageRanks, RANK_EXACT, RANK_NONE } from '@catchword/vocabulary';

/** The labels that texts are compared with, and the distinct texts of these labels. */
export interface LabelTexts {
  /** Distinct, in the order of the labels. */
  readonly texts: readonly string[];
  /** Shape (nLabels), ascending: numbers in the vocabulary's table of labels. */
  readonly labels: Uint32Array;
  /** Shape (nLabels): the place in `texts`. */
  readonly textOf: Uint32Array;
  /** Shape (nLabels): 1 for labels of the first language. */
  readonly isFirstLanguage: Uint8Array;
}

/**
 * Lists preferred and alternative labels of active subjects. Where a subject has no preferred label in any of the languages, labels
 * of a regional variety, or without a language, stand in.
 *
 * @param wanted language tags, the project's first; `all` takes every language
 */
export function labelTexts(vocabulary: Vocabulary, wanted: readonly string[] | 'all', first: string): LabelTexts {
  const { labels, languages, status } = vocabulary;
  const firstRanks = languageRanks(languages, first);
  const ranks = new Uint8Array(languages.length);
  for (const tag of wanted === 'all' ? languages : wanted) {
    languageRanks(languages, tag).forEach((rank, i) => {
      ranks[i] = Math.max(ranks[i] as number, rank);
    });
  }
  const places = new Map<string, number>();
  const [chosen, textOf, isFirst]: number[][] = [[], [], []];
  for (let s = 0; s < vocabulary.nSubjects; s++) {
    if (status[s] !== SUBJECT_ACTIVE) continue;
    const [from, to] = [labels.indptr[s] as number, labels.indptr[s + 1] as number];
    let hasPref = false;
    for (let l = from; l < to; l++) {
      if (labels.kind[l] === LABEL_PREF && ranks[labels.language[l] as number] === RANK_EXACT) hasPref = true;
    }
    for (let l = from; l < to; l++) {
      const language = labels.language[l] as number;
      const rank = ranks[language] as number;
      if (labels.kind[l] === LABEL_HIDDEN || rank === RANK_NONE || (hasPref && rank !== RANK_EXACT)) continue;
      const text = labels.texts.get(l);
      let place = places.get(text);
      if (place === undefined) {
        place = places.size;
        places.set(text, place);
      }
      chosen?.push(l);
      textOf?.push(place);
      isFirst?.push(firstRanks[language] === RANK_NONE ? 0 : 1);
    }
  }
  return {
    texts: [...places.keys()],
    labels: Uint32Array.from(chosen ?? []),
    textOf: Uint32Array.from(textOf ?? []),
    isFirstLanguage: Uint8Array.from(isFirst ?? []),
  };
}

/** Labels that are embedded together, on average. */
const GROUP_TEXTS = 48;

/**
 * Deals texts into groups that stay mostly the same when a few texts come or go.
 *
 * @returns places of the texts of each group
 */
export function textGroups(texts: readonly string[]): number[][] {
  const nGroups = 2 ** Math.max(0, Math.ceil(Math.log2(texts.length / GROUP_TEXTS)));
  const groups: number[][] = Array.from({ length: nGroups }, () => []);
  for (const [i, text] of texts.entries()) groups[hashString(text) & (nGroups - 1)]?.push(i);
  // The order within a group must not depend on that of the vocabulary, since vectors are kept for the group.
  for (const group of groups) group.sort((a, b) => ((texts[a] as string) < (texts[b] as string) ? -1 : 1));
  return groups.filter((group) => group.length > 0);
}
