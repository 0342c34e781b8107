import type { Analysis, Analyzer } from '@catchword/core';
import { NO_TERM } from '@catchword/core';
import { CandidateSet, type Candidates, type MatchRecord } from './candidate-set.js';
import * as E from './evidence-columns.js';
import { LabelCoverage } from './label-coverage.js';
import {
  ACRONYM,
  BEGINS_LEFT_OUT,
  ENDS_LEFT_OUT,
  KIND_MASK,
  type LabelIndex,
  MOST_OUTER,
  mixSurface,
  STRIPPED,
} from './label-index.js';
import { TokenTerms } from './token-terms.js';
import { WordParts } from './word-parts.js';
import { WordsApart } from './words-apart.js';

/** Sentences are cut to such stretches, so that the words of a label are not looked for pages apart. */
const LONGEST_STRETCH = 120;
/** How many left-out tokens (`of`, `the`) may stand between two words of a label. */
const MOST_SKIPPED = 2;
const HIGHEST_STAMP = 0xffffffff;

export interface MatcherOptions {
  /** Whether parts of compound words are looked at. */
  readonly compounds: boolean;
  /** Least share of a label's weight that makes a candidate although words are missing; above 1: none. */
  readonly leastCoverage: number;
}

/** Finds the subjects whose labels a text may speak of. Linear in the text for a given vocabulary. */
export class Matcher {
  readonly index: LabelIndex;
  private readonly analyzer: Analyzer;
  private readonly candidates: CandidateSet;
  private readonly tokens: TokenTerms;
  private readonly apart: WordsApart;
  private readonly coverage: LabelCoverage;
  private readonly parts: WordParts | undefined;
  /** Per node of the trie the stretch in which a label that ends there was last found together. */
  private readonly nodeStamp: Uint32Array;
  private readonly isTogether = (node: number): boolean => this.nodeStamp[node] === this.stretch;
  private stretch = 0;
  private readonly path = new Uint32Array(64);
  private readonly pathEnd = new Uint32Array(64);
  /** One past the last token of the places found in the sentence. */
  private reach = 0;
  /** The tokens that `isExact` found to be the label's. */
  private exactFrom = 0;
  private exactTo = 0;

  constructor(index: LabelIndex, analyzer: Analyzer, options: MatcherOptions) {
    this.index = index;
    this.analyzer = analyzer;
    this.candidates = new CandidateSet(index.nSubjects);
    this.tokens = new TokenTerms(index, analyzer);
    this.apart = new WordsApart(index, this.candidates);
    this.coverage = new LabelCoverage(index, this.candidates, options.leastCoverage);
    this.parts = options.compounds ? new WordParts(index, analyzer, this.candidates) : undefined;
    this.nodeStamp = new Uint32Array(index.nNodes);
  }

  /** @param records where given, every match is added to it with its place */
  match(text: string, records?: MatchRecord[]): Candidates {
    const analysis = this.analyzer.analyze(text);
    const { nTokens, nSentences, sentenceStarts } = analysis;
    const { candidates, tokens, apart } = this;
    candidates.begin(records);
    tokens.lookUp(analysis);
    apart.beginDocument(nTokens);
    if (this.stretch > HIGHEST_STAMP - nTokens - 1) {
      this.stretch = 0;
      this.nodeStamp.fill(0);
    }
    for (let s = 0; s < nSentences; s++) {
      const end = sentenceStarts[s + 1];
      this.reach = 0;
      for (let from = sentenceStarts[s]; from < end; from += LONGEST_STRETCH) {
        const to = Math.min(end, from + LONGEST_STRETCH);
        this.stretch++;
        this.matchTogether(analysis, text, from, to, s);
        apart.match(tokens.terms, from, to, this.isTogether);
      }
    }
    this.coverage.match(tokens.terms, nTokens);
    this.parts?.match(analysis);
    const { n, subjects, evidence } = candidates;
    return { n, subjects, evidence, nTokens, nSentences: Math.max(1, nSentences) };
  }

  /** Walks the trie from every token of a stretch of a sentence; labels may reach beyond its end. */
  private matchTogether(analysis: Analysis, text: string, from: number, to: number, sentence: number): void {
    const { index, path, pathEnd } = this;
    const { nodeSubjects } = index;
    const { terms } = this.tokens;
    const sentenceEnd = analysis.sentenceStarts[sentence + 1];
    for (let i = from; i < to; i++) {
      if (terms[i] < 0) continue;
      let node = index.first(terms[i]);
      if (node === 0) continue;
      let depth = 0;
      let skipped = 0;
      if (nodeSubjects[node] > 0) {
        path[depth] = node;
        pathEnd[depth++] = i + 1;
      }
      for (let j = i + 1; j < sentenceEnd && index.hasChildren(node); j++) {
        const term = terms[j];
        const next = term >= 0 ? index.child(node, term) : 0;
        if (next === 0) {
          if (analysis.terms[j] !== NO_TERM || ++skipped > MOST_SKIPPED) break;
          continue;
        }
        node = next;
        skipped = 0;
        if (nodeSubjects[node] > 0 && depth < path.length) {
          path[depth] = node;
          pathEnd[depth++] = j + 1;
        }
      }
      for (let d = 0; d < depth; d++) {
        const end = pathEnd[d];
        const maximal = d === depth - 1 && this.reach < end;
        this.countTogether(analysis, text, path[d], i, end, sentence, maximal);
      }
      if (depth > 0 && pathEnd[depth - 1] > this.reach) this.reach = pathEnd[depth - 1];
    }
  }

  private countTogether(
    analysis: Analysis,
    text: string,
    node: number,
    from: number,
    to: number,
    sentence: number,
    maximal: boolean,
  ): void {
    const { index, candidates } = this;
    this.nodeStamp[node] = this.stretch;
    let surface = 0;
    for (let i = from; i < to; i++) surface = mixSurface(surface, this.tokens.hashOf(analysis.surfaces[i]));
    const variants = index.nodeVariants;
    let k = index.nodePtr[node];
    const end = index.nodePtr[node + 1];
    while (k < end) {
      // The variants of one subject stand together: an exact one counts before others, a preferred label before others.
      const subject = index.variantSubject[variants[k]];
      let best = variants[k];
      let exact = this.isExact(analysis, best, surface, from, to, sentence);
      for (k++; k < end && index.variantSubject[variants[k]] === subject; k++) {
        if (!exact && this.isExact(analysis, variants[k], surface, from, to, sentence)) {
          best = variants[k];
          exact = true;
        }
      }
      const flags = index.variantFlags[best];
      const row = candidates.row(subject);
      const e = candidates.evidence;
      if (e[row + E.count] === 0) e[row + E.first] = from;
      e[row + E.count]++;
      e[row + E.last] = from;
      if (exact) e[row + E.exact]++;
      if (sentence === 0) e[row + E.firstSentence]++;
      if ((flags & KIND_MASK) === 0) e[row + E.pref]++;
      if (flags & STRIPPED) e[row + E.stripped]++;
      if (maximal) e[row + E.maximal]++;
      if (
        flags & ACRONYM &&
        !isUpperCase(text.charCodeAt(analysis.starts[from]), text.charCodeAt(analysis.ends[from] - 1))
      ) {
        e[row + E.lowerAcronym]++;
      }
      if (e[row + E.lastSentence] !== sentence + 1) {
        e[row + E.lastSentence] = sentence + 1;
        e[row + E.sentences]++;
      }
      const nTerms = index.variantTermsPtr[best + 1] - index.variantTermsPtr[best];
      if (nTerms > e[row + E.terms]) e[row + E.terms] = nTerms;
      const sharers = index.nodeSubjects[node];
      if (e[row + E.sharers] === 0 || sharers < e[row + E.sharers]) e[row + E.sharers] = sharers;
      const weight = index.variantWeight[best];
      if (weight > e[row + E.weight]) e[row + E.weight] = weight;
      if (exact)
        candidates.records?.push({ subject, variant: best, from: this.exactFrom, to: this.exactTo, kind: 'label' });
      else candidates.records?.push({ subject, variant: best, from, to, kind: 'form' });
    }
  }

  /**
   * Whether the very form of a label stands at tokens [from, to), which hold its terms. Where the label has words before
   * or after them that the analyzer leaves out (`vitamin C`), these have to stand there as well.
   */
  private isExact(
    analysis: Analysis,
    variant: number,
    surface: number,
    from: number,
    to: number,
    sentence: number,
  ): boolean {
    const { variantFlags, variantSurface } = this.index;
    const flags = variantFlags[variant];
    this.exactFrom = from;
    this.exactTo = to;
    if ((flags & (BEGINS_LEFT_OUT | ENDS_LEFT_OUT)) === 0) return variantSurface[variant] === surface;
    const { terms, surfaces, sentenceStarts } = analysis;
    const first = flags & BEGINS_LEFT_OUT ? Math.max(sentenceStarts[sentence], from - MOST_OUTER) : from;
    const last = flags & ENDS_LEFT_OUT ? Math.min(sentenceStarts[sentence + 1], to + MOST_OUTER) : to;
    for (let a = from; a >= first && (a === from || terms[a] === NO_TERM); a--) {
      let hash = 0;
      for (let i = a; i < to; i++) hash = mixSurface(hash, this.tokens.hashOf(surfaces[i]));
      for (let b = to; ; b++) {
        if (hash === variantSurface[variant]) {
          this.exactFrom = a;
          this.exactTo = b;
          return true;
        }
        if (b === last || terms[b] !== NO_TERM) break;
        hash = mixSurface(hash, this.tokens.hashOf(surfaces[b]));
      }
    }
    return false;
  }
}

/** Whether first and last letter of a word are capitals, as in an acronym. */
function isUpperCase(first: number, last: number): boolean {
  const capital = (c: number): boolean =>
    (c >= 65 && c <= 90) || (c > 127 && String.fromCharCode(c) !== String.fromCharCode(c).toLowerCase());
  return capital(first) && (capital(last) || (last >= 48 && last <= 57) || last === 115);
}
