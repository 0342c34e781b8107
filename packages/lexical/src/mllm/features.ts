import type { Vocabulary } from '@catchword/core';
import type { CsrPattern } from '@catchword/math';
import { type Candidates, N_EVIDENCE } from './candidate-set.js';
import * as E from './evidence-columns.js';
import type { LabelHistory } from './label-history.js';

interface FeatureName {
  readonly name: string;
  /** What it says, for people who read an explanation. */
  readonly text: string;
}

const TEXT_FEATURES: readonly FeatureName[] = [
  { name: 'count', text: 'how often the label occurs' },
  { name: 'density', text: 'how often the label occurs for the length of the text' },
  { name: 'sentenceShare', text: 'share of the sentences that hold the label' },
  { name: 'exactShare', text: 'share of the places with the very form of the label' },
  { name: 'prefShare', text: 'share of the places with the preferred label' },
  { name: 'strippedShare', text: 'share of the places without the qualifier of the label' },
  { name: 'maximalShare', text: 'share of the places that no longer label covers' },
  { name: 'firstOccurrence', text: 'where in the text the label occurs first' },
  { name: 'firstToken', text: 'how many words come before the label' },
  { name: 'spread', text: 'how far the places lie apart' },
  { name: 'inFirstSentence', text: 'the label is in the first sentence' },
  { name: 'nTerms', text: 'how many words the label has' },
  { name: 'sharers', text: 'how many concepts share the label' },
  { name: 'apart', text: 'how many sentences hold the words of the label apart' },
  { name: 'gap', text: 'how far apart the words of the label are' },
  { name: 'coverage', text: 'how much of the label the text covers' },
  { name: 'coveredWeight', text: 'how rare the covered words are' },
  { name: 'begins', text: 'how many words begin with the label' },
  { name: 'ends', text: 'how many words end with the label' },
  { name: 'partShare', text: 'how much of a word the label is' },
  { name: 'holds', text: 'how many words the label begins or ends with' },
  { name: 'holdShare', text: 'how much of the label a word is' },
  { name: 'firstOther', text: 'where the words of the label occur first, apart or in compounds' },
  { name: 'acronymShare', text: 'share of the places with an acronym in capital letters' },
  { name: 'weight', text: 'how rare the words of the label are' },
  { name: 'nLabels', text: 'how many labels the concept has' },
  { name: 'nTokens', text: 'how long the text is' },
  { name: 'nMatched', text: 'how many concepts the text speaks of' },
  { name: 'broaderSupport', text: 'broader concepts in the text' },
  { name: 'narrowerSupport', text: 'narrower concepts in the text' },
  { name: 'relatedSupport', text: 'related concepts in the text' },
  { name: 'siblingSupport', text: 'sibling concepts in the text' },
  { name: 'collectionSupport', text: 'concepts of the same collection in the text' },
  { name: 'nNarrower', text: 'how many narrower concepts there are' },
  { name: 'orderedShare', text: 'share of the sentences with its words apart that keep the order of the label' },
  { name: 'ancestorSupport', text: 'concepts above its broader ones in the text' },
  { name: 'relativeCount', text: 'how often the label occurs, compared with the commonest one' },
];

const HISTORY_FEATURES: readonly FeatureName[] = [
  { name: 'subjectFrequency', text: 'how many records have the concept' },
  { name: 'documentFrequency', text: 'share of the records whose text holds the label' },
  { name: 'keyphraseness', text: 'how often records have the concept when their text holds the label' },
  { name: 'candidateness', text: 'how often records have the concept when their text hints at it' },
  { name: 'tfidf', text: 'how often the label occurs, weighed by its rarity in the records' },
];

export const FEATURES: readonly FeatureName[] = [...TEXT_FEATURES, ...HISTORY_FEATURES];
export const N_FEATURES = FEATURES.length;
export const N_TEXT_FEATURES = TEXT_FEATURES.length;
const DENSITY = 1;
/** Concepts more levels above are too general to tell. */
const HIGHEST_ANCESTOR = 5;

/** ln(1 + n) of small counts, which most counts are. */
const SMALL_LOGS = Float64Array.from({ length: 4096 }, (_, n) => Math.log1p(n));

function logCount(n: number): number {
  return n < 4096 ? SMALL_LOGS[n] : Math.log1p(n);
}

/** How many documents' worth of the average the smoothed shares of `LabelHistory` are mixed with. */
const SMOOTHING = 4;

/** Turns evidence into the text features: those that know the text and the vocabulary, and no training record. */
export class TextFeatures {
  private readonly vocabulary: Vocabulary;
  private readonly matched: Uint8Array;
  private readonly childrenMatched: Uint16Array;
  private readonly collectionMatched: Uint32Array;

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary;
    this.matched = new Uint8Array(vocabulary.nSubjects);
    this.childrenMatched = new Uint16Array(vocabulary.nSubjects);
    this.collectionMatched = new Uint32Array(vocabulary.collections.nCols);
  }

  /**
   * @param stride length of a row of `X`, at least N_TEXT_FEATURES
   * @param X row i gains the features of candidate i
   */
  fill(candidates: Candidates, X: Float32Array, stride: number): void {
    const { vocabulary, matched, childrenMatched, collectionMatched } = this;
    const { n, subjects, evidence: e, nTokens, nSentences } = candidates;
    const { broader, narrower, related, collections, labels } = vocabulary;
    let nMatched = 0;
    let most = 1;
    for (let i = 0; i < n; i++) {
      const count = e[i * N_EVIDENCE + E.count];
      if (count === 0) continue;
      const s = subjects[i];
      matched[s] = 1;
      nMatched++;
      if (count > most) most = count;
      for (let k = broader.indptr[s]; k < broader.indptr[s + 1]; k++) childrenMatched[broader.indices[k]]++;
      for (let k = collections.indptr[s]; k < collections.indptr[s + 1]; k++)
        collectionMatched[collections.indices[k]]++;
    }
    const logTokens = logCount(nTokens);
    const logMatched = logCount(nMatched);
    for (let i = 0; i < n; i++) {
      const s = subjects[i];
      const row = i * N_EVIDENCE;
      const count = e[row + E.count];
      const o = i * stride;
      const parts = e[row + E.begins] + e[row + E.ends];
      X[o] = logCount(count);
      X[o + 1] = (count * 100) / (nTokens + 20);
      X[o + 2] = e[row + E.sentences] / nSentences;
      if (count > 0) {
        X[o + 3] = e[row + E.exact] / count;
        X[o + 4] = e[row + E.pref] / count;
        X[o + 5] = e[row + E.stripped] / count;
        X[o + 6] = e[row + E.maximal] / count;
        X[o + 7] = e[row + E.first] / nTokens;
        X[o + 8] = logCount(e[row + E.first]);
        X[o + 9] = (e[row + E.last] - e[row + E.first]) / nTokens;
        X[o + 23] = 1 - e[row + E.lowerAcronym] / count;
      } else {
        X[o + 3] = X[o + 4] = X[o + 5] = X[o + 6] = X[o + 9] = X[o + 23] = 0;
        X[o + 7] = 1; // nowhere is behind the end
        X[o + 8] = logTokens;
      }
      X[o + 10] = count > 0 && e[row + E.firstSentence] > 0 ? 1 : 0;
      X[o + 11] = e[row + E.terms];
      X[o + 12] = e[row + E.sharers];
      X[o + 13] = logCount(e[row + E.apart]);
      X[o + 14] = e[row + E.apart] > 0 ? e[row + E.gap] : Number.NaN;
      X[o + 15] = e[row + E.coverage];
      X[o + 16] = e[row + E.coveredWeight];
      X[o + 17] = logCount(e[row + E.begins]);
      X[o + 18] = logCount(e[row + E.ends]);
      X[o + 19] = e[row + E.partShare];
      X[o + 20] = logCount(e[row + E.holds]);
      X[o + 21] = e[row + E.holdShare];
      let firstOther = Number.NaN;
      if (e[row + E.apart] > 0) firstOther = e[row + E.firstApart];
      if (parts > 0 && !(firstOther <= e[row + E.firstPart])) firstOther = e[row + E.firstPart];
      if (e[row + E.holds] > 0 && !(firstOther <= e[row + E.firstHold])) firstOther = e[row + E.firstHold];
      X[o + 22] = Number.isNaN(firstOther) ? firstOther : logCount(firstOther);
      X[o + 24] = e[row + E.weight];
      X[o + 25] = labels.indptr[s + 1] - labels.indptr[s];
      X[o + 26] = logTokens;
      X[o + 27] = logMatched;
      X[o + 28] = this.nMatched(broader, s);
      X[o + 29] = logCount(childrenMatched[s]);
      X[o + 30] = this.nMatched(related, s);
      let siblings = 0;
      for (let k = broader.indptr[s]; k < broader.indptr[s + 1]; k++) {
        siblings = Math.max(siblings, childrenMatched[broader.indices[k]] - (count > 0 ? 1 : 0));
      }
      X[o + 31] = logCount(siblings);
      let collection = 0;
      for (let k = collections.indptr[s]; k < collections.indptr[s + 1]; k++) {
        collection = Math.max(collection, collectionMatched[collections.indices[k]] - (count > 0 ? 1 : 0));
      }
      X[o + 32] = nMatched > 0 ? collection / nMatched : 0;
      X[o + 33] = logCount(narrower.indptr[s + 1] - narrower.indptr[s]);
      X[o + 34] = e[row + E.apart] > 0 ? e[row + E.ordered] / e[row + E.apart] : 0;
      X[o + 35] = this.nAncestorsMatched(s);
      X[o + 36] = count / most;
    }
    for (let i = 0; i < n; i++) {
      const s = subjects[i];
      if (matched[s] === 0) continue;
      matched[s] = 0;
      for (let k = broader.indptr[s]; k < broader.indptr[s + 1]; k++) childrenMatched[broader.indices[k]] = 0;
      for (let k = collections.indptr[s]; k < collections.indptr[s + 1]; k++)
        collectionMatched[collections.indices[k]] = 0;
    }
  }

  /** Broader concepts of broader ones are counted along the first path, so that cycles and wide hierarchies cost little. */
  private nAncestorsMatched(s: number): number {
    const { indptr, indices } = this.vocabulary.broader;
    let n = 0;
    let at = s;
    for (let level = 0; level < HIGHEST_ANCESTOR && indptr[at + 1] > indptr[at]; level++) {
      at = indices[indptr[at]];
      if (level > 0) n += this.matched[at];
    }
    return n;
  }

  private nMatched(relation: CsrPattern, s: number): number {
    let n = 0;
    for (let k = relation.indptr[s]; k < relation.indptr[s + 1]; k++) n += this.matched[relation.indices[k]];
    return n;
  }
}

/** Averages over all subjects that smoothed shares lean on. */
export interface HistoryPriors {
  readonly keyphraseness: number;
  readonly candidateness: number;
}

export function historyPriors(history: LabelHistory): HistoryPriors {
  const share = (part: Uint32Array, whole: Uint32Array): number => {
    let p = 0;
    let w = 0;
    for (let s = 0; s < whole.length; s++) {
      p += part[s];
      w += whole[s];
    }
    return w > 0 ? p / w : 0;
  };
  return {
    keyphraseness: share(history.togetherGold, history.together),
    candidateness: share(history.candidateGold, history.candidate),
  };
}

/**
 * Fills the history features of one row, whose text features are there already.
 *
 * @param own counts of the row's own part of the training records, to be taken out; undefined for a new document. Parts
 *   hold many documents: with the row's own document alone taken out, positive rows of a subject would count one record
 *   less than its negative ones, and trees learn to read the answer from that
 * @param isHidden whether the subject counts as one that no record has used
 * @param o where the row begins in X
 */
export function fillHistory(
  history: LabelHistory,
  priors: HistoryPriors,
  own: LabelHistory | undefined,
  subject: number,
  isHidden: boolean,
  X: Float32Array,
  o: number,
): void {
  const h = o + N_TEXT_FEATURES;
  const nDocs = history.nDocs - (own?.nDocs ?? 0);
  const gold = history.gold[subject] - (own?.gold[subject] ?? 0);
  const together = history.together[subject] - (own?.together[subject] ?? 0);
  if (gold === 0 || isHidden) {
    // No record has used the concept: that is all that is known, and not that it was passed over.
    X[h] = 0;
    X[h + 2] = Number.NaN;
    X[h + 3] = Number.NaN;
  } else {
    const togetherGold = history.togetherGold[subject] - (own?.togetherGold[subject] ?? 0);
    const candidate = history.candidate[subject] - (own?.candidate[subject] ?? 0);
    const candidateGold = history.candidateGold[subject] - (own?.candidateGold[subject] ?? 0);
    X[h] = logCount(gold);
    X[h + 2] = (togetherGold + SMOOTHING * priors.keyphraseness) / (together + SMOOTHING);
    X[h + 3] = (candidateGold + SMOOTHING * priors.candidateness) / (candidate + SMOOTHING);
  }
  X[h + 1] = together / Math.max(1, nDocs);
  X[h + 4] = X[o + DENSITY] * (logCount(nDocs) - logCount(together) + 1);
}
