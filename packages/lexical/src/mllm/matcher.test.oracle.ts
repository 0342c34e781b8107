import { LABEL_PREF, SUBJECT_ACTIVE, type Vocabulary } from '@catchword/core';
import { labelVariants } from './label-variants.js';

/** A token as the oracle sees it: its term where it is long enough to have one. */
interface Token {
  readonly surface: string;
  readonly term: string | undefined;
}

interface Variant {
  /** How many short words stand before and after its terms. */
  readonly before: number;
  readonly after: number;
  readonly subject: number;
  readonly kind: number;
  readonly stripped: boolean;
  readonly surface: string;
  /** Its terms in order; where it has none, its short words, marked. */
  readonly sequence: readonly string[];
}

/** What a text says of a subject, counted the slow way. */
export interface NaiveEvidence {
  count: number;
  exact: number;
  pref: number;
  stripped: number;
  maximal: number;
  first: number;
  last: number;
  sentences: number;
  firstSentence: number;
  apart: number;
  /** The shortest stretch that holds all words of a label apart, in tokens beyond the label's terms. */
  gap: number;
  /** Whether `gap` is that of a label of two terms, which the matcher finds exactly. */
  gapIsExact: boolean;
  coverage: number;
}

const MOST_SKIPPED = 2;

/** Words of letters and digits; those of three characters and more with a letter have themselves as terms. */
function tokensOf(text: string): Token[] {
  return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map((surface) => {
    return { surface, term: surface.length >= 3 && /[a-z]/.test(surface) ? surface : undefined };
  });
}

/** Matches labels by trying each at each place: for the analyzer `simple` and texts of ASCII words. */
export class NaiveMatcher {
  private readonly variants: Variant[] = [];

  constructor(vocabulary: Vocabulary, language: string, useHiddenLabels: boolean) {
    const { labels, languages, status } = vocabulary;
    for (let s = 0; s < vocabulary.nSubjects; s++) {
      if (status[s] !== SUBJECT_ACTIVE) continue;
      const own = Array.from(labels.subject.keys()).filter((l) => labels.subject[l] === s);
      const tag = (l: number) => languages[labels.language[l]];
      const hasPref = own.some((l) => tag(l) === language && labels.kind[l] === LABEL_PREF);
      for (const l of own) {
        if (tag(l) !== language && (tag(l) !== '' || hasPref)) continue;
        if (labels.kind[l] > (useHiddenLabels ? 2 : 1)) continue;
        for (const { text, stripped } of labelVariants(labels.texts.get(l))) {
          const tokens = tokensOf(text);
          if (tokens.length === 0) continue;
          const terms = tokens.flatMap(({ term }) => term ?? []);
          const isLong = tokens.map(({ term }) => term !== undefined);
          this.variants.push({
            before: Math.max(0, isLong.indexOf(true)),
            after: terms.length > 0 ? tokens.length - 1 - isLong.lastIndexOf(true) : 0,
            subject: s,
            kind: labels.kind[l],
            stripped,
            surface: tokens.map(({ surface }) => surface).join(' '),
            sequence: terms.length > 0 ? terms : tokens.map(({ surface }) => `short ${surface}`),
          });
        }
      }
    }
  }

  /** @param sentences the text's sentences */
  match(sentences: readonly string[], leastCoverage: number): Map<number, NaiveEvidence> {
    const evidence = new Map<number, NaiveEvidence>();
    let offset = 0;
    for (const [s, sentence] of sentences.entries()) {
      const tokens = tokensOf(sentence);
      this.matchSentence(tokens, offset, s, evidence);
      offset += tokens.length;
    }
    this.cover(new Set(sentences.flatMap((sentence) => tokensOf(sentence).map(nameOf))), leastCoverage, evidence);
    return evidence;
  }

  private matchSentence(tokens: Token[], offset: number, s: number, evidence: Map<number, NaiveEvidence>): void {
    const groups = new Map<string, Variant[]>();
    for (const variant of this.variants) {
      const key = `${variant.subject}|${variant.sequence.join('|')}`;
      groups.set(key, [...(groups.get(key) ?? []), variant]);
    }
    const found: { from: number; to: number; group: readonly Variant[] }[] = [];
    for (const group of groups.values()) {
      for (let from = 0; from < tokens.length; from++) {
        const to = endOfMatch(tokens, from, (group[0] as Variant).sequence);
        if (to > 0) found.push({ from, to, group });
      }
    }
    const seen = new Set<number>();
    for (const { from, to, group } of found.sort((a, b) => a.from - b.from)) {
      const exact = group.find(({ before, after, surface }) => {
        if (from < before) return false;
        const words = tokens.slice(from - before, to + after);
        return words.map((token) => token.surface).join(' ') === surface;
      });
      const best = exact ?? (group[0] as Variant);
      const e = evidenceOf(evidence, best.subject);
      if (e.count === 0) e.first = offset + from;
      e.count++;
      e.last = offset + from;
      if (exact) e.exact++;
      if (best.kind === LABEL_PREF) e.pref++;
      if (best.stripped) e.stripped++;
      if (s === 0) e.firstSentence++;
      const isCovered = found.some((other) => {
        return (other.from < from && other.to >= to) || (other.from === from && other.to > to);
      });
      if (!isCovered) e.maximal++;
      if (!seen.has(best.subject)) e.sentences++;
      seen.add(best.subject);
    }
    this.matchApart(tokens, new Set(found.map(({ group }) => group[0]?.sequence.join('|'))), evidence);
  }

  private matchApart(tokens: Token[], together: ReadonlySet<string | undefined>, evidence: Map<number, NaiveEvidence>) {
    const names = tokens.map(nameOf);
    const counted = new Set<number>();
    for (const { subject, sequence } of this.variants) {
      const terms = [...new Set(sequence)];
      if (terms.length < 2 || together.has(sequence.join('|')) || !terms.every((term) => names.includes(term)))
        continue;
      const e = evidenceOf(evidence, subject);
      if (!counted.has(subject)) e.apart++;
      counted.add(subject);
      let shortest = Number.POSITIVE_INFINITY;
      for (let from = 0; from < names.length; from++) {
        for (let to = from + 1; to <= names.length; to++) {
          if (terms.every((term) => names.slice(from, to).includes(term))) shortest = Math.min(shortest, to - from);
        }
      }
      const gap = shortest - terms.length;
      if (gap < e.gap) {
        e.gap = gap;
        e.gapIsExact = terms.length === 2;
      }
    }
  }

  private cover(names: ReadonlySet<string>, leastCoverage: number, evidence: Map<number, NaiveEvidence>): void {
    const rarity = (term: string): number => {
      const count = this.variants.filter(({ sequence }) => sequence.includes(term)).length;
      return Math.log((1 + this.variants.length) / (1 + count)) + 1;
    };
    for (const { subject, sequence } of this.variants) {
      const terms = [...new Set(sequence)];
      if (terms.length < 2) continue;
      let covered = 0;
      let weight = 0;
      for (const term of terms) {
        weight += rarity(term);
        if (names.has(term)) covered += rarity(term);
      }
      const share = covered / weight;
      if (share === 0 || (!evidence.has(subject) && share < leastCoverage)) continue;
      const e = evidenceOf(evidence, subject);
      e.coverage = Math.max(e.coverage, share);
    }
  }
}

const nameOf = ({ term, surface }: Token): string => term ?? `short ${surface}`;

/** @returns one past the last token where the sequence stands at `from`, left-out tokens between; 0 where it does not */
function endOfMatch(tokens: Token[], from: number, sequence: readonly string[]): number {
  if (nameOf(tokens[from] as Token) !== sequence[0]) return 0;
  let next = 1;
  let skipped = 0;
  let end = from + 1;
  for (let j = from + 1; j < tokens.length && next < sequence.length; j++) {
    const token = tokens[j] as Token;
    if (nameOf(token) === sequence[next]) {
      next++;
      skipped = 0;
      end = j + 1;
    } else if (token.term !== undefined || ++skipped > MOST_SKIPPED) return 0;
  }
  return next === sequence.length ? end : 0;
}

function evidenceOf(evidence: Map<number, NaiveEvidence>, subject: number): NaiveEvidence {
  let e = evidence.get(subject);
  if (!e) {
    e = {
      count: 0,
      exact: 0,
      pref: 0,
      stripped: 0,
      maximal: 0,
      first: 0,
      last: 0,
      sentences: 0,
      firstSentence: 0,
      apart: 0,
      gap: Number.POSITIVE_INFINITY,
      gapIsExact: false,
      coverage: 0,
    };
    evidence.set(subject, e);
  }
  return e;
}
