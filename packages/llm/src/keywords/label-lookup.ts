import {
  type Analyzer,
  LABEL_HIDDEN,
  LABEL_PREF,
  SUBJECT_ACTIVE,
  type SubjectId,
  type Vocabulary,
} from '@catchword/core';
import { foldLabel, languageRanks, RANK_NONE } from '@catchword/vocabulary';

/** How a keyword led to a label: it is the label; without the label's qualifier; in another form of its words; it holds the label; it is near in meaning. */
export const MATCH_KINDS = ['label', 'bare', 'form', 'part', 'meaning'] as const;
export type MatchKind = (typeof MATCH_KINDS)[number];

/** A label that a keyword leads to. */
export interface LabelMatch {
  readonly subjectId: SubjectId;
  /** The number of the label in the vocabulary's table. */
  readonly label: number;
  readonly kind: MatchKind;
  /** Share of the keyword's terms that the label has, or how near it is in meaning; in (0, 1]. */
  readonly coverage: number;
  readonly isPref: boolean;
}

/** A label that a keyword merely holds has to be at least so much of it. */
const LEAST_PART = 0.5;

/** Finds the subjects that a keyword names, by all labels of the project's language and those that stand in for it. */
export class LabelLookup {
  private readonly vocabulary: Vocabulary;
  private readonly analyzer: Analyzer;
  private readonly folded = new Map<string, number[]>();
  private readonly bare = new Map<string, number[]>();
  /** By the terms of a label, sorted. */
  private readonly forms = new Map<string, number[]>();
  /** The most terms that a label has, of those that could be part of a keyword. */
  private mostTerms = 0;

  constructor(vocabulary: Vocabulary, analyzer: Analyzer, language: string) {
    this.vocabulary = vocabulary;
    this.analyzer = analyzer;
    const { labels, languages, status } = vocabulary;
    const ranks = languageRanks(languages, language);
    for (let l = 0; l < labels.kind.length; l++) {
      if (status[labels.subject[l] as number] !== SUBJECT_ACTIVE || ranks[labels.language[l] as number] === RANK_NONE) {
        continue;
      }
      const text = labels.texts.get(l);
      add(this.folded, foldLabel(text), l);
      if (labels.kind[l] === LABEL_HIDDEN) continue;
      const bare = text.replace(/\s*[([][^)\]]*[)\]]\s*/g, ' ').trim();
      if (bare !== text) add(this.bare, foldLabel(bare), l);
      const terms = this.termsOf(bare === '' ? text : bare);
      this.mostTerms = Math.max(this.mostTerms, terms.length);
      add(this.forms, terms.join(' '), l);
    }
  }

  /** @returns matches of the best kind that there is, the best one of each subject, by ascending subject */
  find(keyword: string): LabelMatch[] {
    const folded = foldLabel(keyword);
    const exact = this.folded.get(folded);
    if (exact) return this.matches(exact, 'label', 1);
    const bare = this.bare.get(folded) ?? this.bare.get(foldLabel(keyword.replace(/\s*[([][^)\]]*[)\]]/g, '')));
    if (bare) return this.matches(bare, 'bare', 1);
    const terms = this.termsOf(keyword);
    const form = this.forms.get(terms.join(' '));
    if (form && terms.length > 0) return this.matches(form, 'form', 1);
    return this.parts(keyword);
  }

  /** The longest runs of the keyword's words that are a label. */
  private parts(keyword: string): LabelMatch[] {
    const words = this.analyzer.terms(keyword);
    for (let n = Math.min(words.length - 1, this.mostTerms); n >= Math.max(1, words.length * LEAST_PART); n--) {
      const found: number[] = [];
      for (let from = 0; from + n <= words.length; from++) {
        found.push(...(this.forms.get(sortedTerms(words.slice(from, from + n)).join(' ')) ?? []));
      }
      if (found.length > 0) return this.matches(found, 'part', n / words.length);
    }
    return [];
  }

  private matches(labels: readonly number[], kind: MatchKind, coverage: number): LabelMatch[] {
    const best = new Map<SubjectId, LabelMatch>();
    for (const label of labels) {
      const subjectId = this.vocabulary.labels.subject[label] as number;
      const isPref = this.vocabulary.labels.kind[label] === LABEL_PREF;
      if (best.has(subjectId) && !isPref) continue;
      best.set(subjectId, { subjectId, label, kind, coverage, isPref });
    }
    return [...best.values()].sort((a, b) => a.subjectId - b.subjectId);
  }

  private termsOf(text: string): string[] {
    return sortedTerms(this.analyzer.terms(text));
  }
}

function sortedTerms(terms: readonly string[]): string[] {
  return [...new Set(terms)].sort();
}

function add(map: Map<string, number[]>, key: string, label: number): void {
  if (key === '') return;
  const there = map.get(key);
  if (there) there.push(label);
  else map.set(key, [label]);
}
