import type { Analysis, Analyzer } from '@catchword/core';
import { NO_TERM } from '@catchword/core';
import { hashString } from '@catchword/math';
import {
  ACRONYM,
  BEGINS_LEFT_OUT,
  ENDS_LEFT_OUT,
  KIND_MASK,
  type LabelIndex,
  MOST_OUTER,
  mixSurface,
  ROOT,
  STRIPPED,
} from './label-index.js';
import { LABEL_BEGINS_WORD, LABEL_ENDS_WORD, WordLinks } from './word-links.js';

/** Columns of `Candidates.evidence`: what a text says of a subject, in raw counts. */
export const E = {
  /** Places where all words of a label stand together, in order. */
  count: 0,
  /** … in the label's own surface form. */
  exact: 1,
  /** … of a preferred label. */
  pref: 2,
  /** … of a label without its qualifier. */
  stripped: 3,
  /** … that no longer match covers. */
  maximal: 4,
  /** … where an acronym is written in small letters. */
  lowerAcronym: 5,
  /** First and last such place, as token numbers. */
  first: 6,
  last: 7,
  /** Sentences with such a place; the last one counted. */
  sentences: 8,
  lastSentence: 9,
  /** Most terms of a label that stands together. */
  terms: 10,
  /** Fewest subjects that share the label. */
  sharers: 11,
  /** Rarity of the label's terms, summed. */
  weight: 12,
  /** Sentences that hold all words of a label apart; the last one counted; the shortest stretch, in tokens beyond the label. */
  apart: 13,
  lastApart: 14,
  gap: 15,
  firstApart: 16,
  /** Best share of a label's weight that the text covers, and that weight. */
  coverage: 17,
  coveredWeight: 18,
  /** Words of the text that the label begins, that it ends; best share of letters; first such word. */
  begins: 19,
  ends: 20,
  partShare: 21,
  firstPart: 22,
  /** Words of the text that begin or end the label; best share of letters. */
  holds: 23,
  holdShare: 24,
  firstHold: 25,
  /** Places in the first sentence where all words of a label stand together. */
  firstSentence: 26,
} as const;

export const N_EVIDENCE = 27;
const NONE = 0xffffffff;
/** No label was ever found in longer stretches that is not found in these. */
const LONGEST_SENTENCE = 120;
/** How many left-out tokens (`of`, `the`) may stand between two words of a label. */
const MOST_SKIPPED = 2;
/** So many candidates of which only some words occur are kept, the best covered ones; short texts seldom have more. */
const MOST_PARTIAL = 60;

/** What happened where: for explanations. */
export interface MatchRecord {
  readonly subject: number;
  readonly variant: number;
  /** Tokens [from, to). */
  readonly from: number;
  readonly to: number;
  readonly kind: 'label' | 'form' | 'words' | 'part' | 'compound';
}

export interface MatcherOptions {
  /** Whether parts of compound words are looked at. */
  readonly compounds: boolean;
  /** Least share of a label's weight that makes a candidate although words are missing; above 1: none. */
  readonly leastCoverage: number;
}

/** The candidates of one document; the arrays belong to the matcher and are overwritten by its next `match`. */
export interface Candidates {
  readonly n: number;
  readonly subjects: Uint32Array;
  /** Shape (n, N_EVIDENCE), row-major. */
  readonly evidence: Float32Array;
  readonly nTokens: number;
  readonly nSentences: number;
}

/** Finds the subjects whose labels a text may speak of. Linear in the text for a given vocabulary. */
export class Matcher {
  readonly index: LabelIndex;
  private readonly analyzer: Analyzer;
  private readonly options: MatcherOptions;
  private readonly links: WordLinks;
  private epoch: number;
  /** Per analyzer id the label term + 2; 1 no label has it; 0 not looked up yet. */
  private termOfTerm = new Uint32Array(1 << 12);
  private termOfSurface = new Uint32Array(1 << 12);
  private surfaceHash = new Uint32Array(1 << 12);
  private surfaceHashed = new Uint8Array(1 << 12);
  private tokenTerm = new Int32Array(1 << 10);
  private slot: Uint32Array;
  private subjects = new Uint32Array(256);
  private evidence = new Float32Array(256 * N_EVIDENCE);
  private n = 0;
  private sentenceStamp: Uint32Array;
  private sentence = 0;
  private firstSentence = 0;
  private headPosition: Int32Array;
  private nextPosition = new Int32Array(1 << 10);
  private nodeStamp: Uint32Array;
  private docStamp: Uint32Array;
  private doc = 0;
  private covered: Float32Array;
  private touched = new Uint32Array(1 << 10);
  private partialVariant = new Uint32Array(1 << 10);
  private partialShare = new Float32Array(1 << 10);
  private surfaceCount = new Uint32Array(1 << 12);
  private surfaceFirst = new Uint32Array(1 << 12);
  private surfaceList = new Uint32Array(1 << 10);
  private path = new Uint32Array(64);
  private pathEnd = new Uint32Array(64);
  /** One past the last token of the places found in the sentence. */
  private reach = 0;
  /** The tokens that `isExact` found to be the label's. */
  private exactFrom = 0;
  private exactTo = 0;
  private records: MatchRecord[] | undefined;

  constructor(index: LabelIndex, analyzer: Analyzer, options: MatcherOptions) {
    this.index = index;
    this.analyzer = analyzer;
    this.options = options;
    this.links = new WordLinks(index, analyzer);
    this.epoch = analyzer.epoch;
    this.slot = new Uint32Array(index.nSubjects);
    this.sentenceStamp = new Uint32Array(index.nTerms);
    this.headPosition = new Int32Array(index.nTerms);
    this.nodeStamp = new Uint32Array(index.nNodes);
    this.docStamp = new Uint32Array(index.nTerms);
    this.covered = new Float32Array(index.nVariants);
  }

  /** @param records where given, every match is added to it with its place */
  match(text: string, records?: MatchRecord[]): Candidates {
    const analysis = this.analyzer.analyze(text);
    this.records = records;
    this.begin(analysis);
    this.lookUpTokens(analysis);
    const { sentenceStarts } = analysis;
    for (let s = 0; s < analysis.nSentences; s++) {
      const end = sentenceStarts[s + 1];
      this.reach = 0;
      for (let from = sentenceStarts[s]; from < end; from += LONGEST_SENTENCE) {
        const to = Math.min(end, from + LONGEST_SENTENCE);
        this.sentence++;
        this.matchTogether(analysis, text, from, to, s);
        this.matchApart(from, to);
      }
    }
    this.matchCovered(analysis.nTokens);
    if (this.options.compounds) this.matchParts(analysis);
    for (let i = 0; i < this.n; i++) this.slot[this.subjects[i]] = 0;
    return {
      n: this.n,
      subjects: this.subjects,
      evidence: this.evidence,
      nTokens: analysis.nTokens,
      nSentences: Math.max(1, analysis.nSentences),
    };
  }

  private begin(analysis: Analysis): void {
    this.n = 0;
    if (this.epoch !== this.analyzer.epoch) {
      this.epoch = this.analyzer.epoch;
      this.termOfTerm.fill(0);
      this.termOfSurface.fill(0);
      this.surfaceHashed.fill(0);
    }
    this.termOfTerm = grown(this.termOfTerm, this.analyzer.nTerms + 1);
    this.termOfSurface = grown(this.termOfSurface, this.analyzer.nSurfaces + 1);
    this.surfaceHash = grown(this.surfaceHash, this.analyzer.nSurfaces + 1);
    this.surfaceCount = grown(this.surfaceCount, this.analyzer.nSurfaces + 1);
    this.surfaceFirst = grown(this.surfaceFirst, this.analyzer.nSurfaces + 1);
    if (this.surfaceHashed.length < this.surfaceHash.length) {
      const more = new Uint8Array(this.surfaceHash.length);
      more.set(this.surfaceHashed);
      this.surfaceHashed = more;
    }
    if (this.tokenTerm.length < analysis.nTokens) {
      this.tokenTerm = new Int32Array(analysis.nTokens * 2);
      this.nextPosition = new Int32Array(analysis.nTokens * 2);
      this.surfaceList = new Uint32Array(analysis.nTokens * 2);
    }
    // Stamps start over long before their counter does.
    if (this.sentence > NONE - 2 * analysis.nTokens - 16) {
      this.sentence = 0;
      this.sentenceStamp.fill(0);
      this.nodeStamp.fill(0);
    }
    this.firstSentence = this.sentence;
    if (++this.doc === NONE) {
      this.doc = 1;
      this.docStamp.fill(0);
    }
  }

  /** Fills `tokenTerm`: the label term of each token, -1 where no label has it, -2 where the token is left out. */
  private lookUpTokens(analysis: Analysis): void {
    const { index, analyzer, tokenTerm } = this;
    for (let i = 0; i < analysis.nTokens; i++) {
      const term = analysis.terms[i];
      const surface = analysis.surfaces[i];
      if (term !== NO_TERM) {
        let known = this.termOfTerm[term];
        if (known === 0) known = this.termOfTerm[term] = index.termOf(analyzer, term, surface) + 2;
        tokenTerm[i] = known - 2;
      } else {
        let known = this.termOfSurface[surface];
        if (known === 0) known = this.termOfSurface[surface] = index.termOf(analyzer, term, surface) + 2;
        tokenTerm[i] = known === 1 ? -2 : known - 2;
      }
    }
  }

  /** Walks the trie from every token of a stretch of a sentence; labels may reach beyond its end. */
  private matchTogether(analysis: Analysis, text: string, from: number, to: number, sentence: number): void {
    const { index, tokenTerm } = this;
    const sentenceEnd = analysis.sentenceStarts[sentence + 1];
    for (let i = from; i < to; i++) {
      if (tokenTerm[i] < 0) continue;
      let node = index.child(ROOT, tokenTerm[i]);
      let depth = 0;
      let skipped = 0;
      if (node !== 0 && index.nodeSubjects[node] > 0) {
        this.path[depth] = node;
        this.pathEnd[depth++] = i + 1;
      }
      for (let j = i + 1; node !== 0 && j < sentenceEnd; j++) {
        const term = tokenTerm[j];
        const next = term >= 0 ? index.child(node, term) : 0;
        if (next === 0) {
          if (analysis.terms[j] !== NO_TERM || ++skipped > MOST_SKIPPED) break;
          continue;
        }
        node = next;
        skipped = 0;
        if (index.nodeSubjects[node] > 0 && depth < this.path.length) {
          this.path[depth] = node;
          this.pathEnd[depth++] = j + 1;
        }
      }
      for (let d = 0; d < depth; d++) {
        const end = this.pathEnd[d];
        const maximal = d === depth - 1 && this.reach < end;
        this.countTogether(analysis, text, this.path[d], i, end, sentence, maximal);
      }
      if (depth > 0 && this.pathEnd[depth - 1] > this.reach) this.reach = this.pathEnd[depth - 1];
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
    const { index } = this;
    this.nodeStamp[node] = this.sentence;
    let surface = 0;
    for (let i = from; i < to; i++) surface = mixSurface(surface, this.hashOf(analysis.surfaces[i]));
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
      const row = this.candidate(subject) * N_EVIDENCE;
      const e = this.evidence;
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
      if (exact) this.records?.push({ subject, variant: best, from: this.exactFrom, to: this.exactTo, kind: 'label' });
      else this.records?.push({ subject, variant: best, from, to, kind: 'form' });
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
      for (let i = a; i < to; i++) hash = mixSurface(hash, this.hashOf(surfaces[i]));
      for (let b = to; ; b++) {
        if (hash === variantSurface[variant]) {
          this.exactFrom = a;
          this.exactTo = b;
          return true;
        }
        if (b === last || terms[b] !== NO_TERM) break;
        hash = mixSurface(hash, this.hashOf(surfaces[b]));
      }
    }
    return false;
  }

  /** Finds labels all of whose words stand in the sentence, but not together. */
  private matchApart(from: number, to: number): void {
    const { index, tokenTerm, sentenceStamp, headPosition, nextPosition, sentence } = this;
    for (let i = to - 1; i >= from; i--) {
      const term = tokenTerm[i];
      if (term < 0) continue;
      nextPosition[i] = sentenceStamp[term] === sentence ? headPosition[term] : -1;
      sentenceStamp[term] = sentence;
      headPosition[term] = i;
    }
    for (let i = from; i < to; i++) {
      const term = tokenTerm[i];
      if (term < 0 || headPosition[term] !== i) continue;
      for (let k = index.keyPtr[term]; k < index.keyPtr[term + 1]; k++) {
        const variant = index.keyVariants[k];
        const first = index.variantTermsPtr[variant];
        const last = index.variantTermsPtr[variant + 1];
        let all = true;
        for (let t = first; t < last; t++) {
          if (sentenceStamp[index.variantTerms[t]] !== sentence) {
            all = false;
            break;
          }
        }
        if (!all || this.nodeStamp[index.variantNode[variant]] === sentence) continue;
        this.countApart(variant, term, first, last);
      }
    }
  }

  private countApart(variant: number, key: number, first: number, last: number): void {
    const { index, headPosition, nextPosition } = this;
    let shortest = NONE;
    let start = 0;
    let stop = 0;
    for (let p = headPosition[key]; p >= 0; p = nextPosition[p]) {
      let low = p;
      let high = p;
      for (let t = first; t < last; t++) {
        const term = index.variantTerms[t];
        if (term === key) continue;
        let nearest = -1;
        for (let q = headPosition[term]; q >= 0; q = nextPosition[q]) {
          if (nearest < 0 || Math.abs(q - p) < Math.abs(nearest - p)) nearest = q;
        }
        if (nearest < low) low = nearest;
        if (nearest > high) high = nearest;
      }
      if (high - low < shortest) {
        shortest = high - low;
        start = low;
        stop = high;
      }
    }
    const subject = index.variantSubject[variant];
    const row = this.candidate(subject) * N_EVIDENCE;
    const e = this.evidence;
    const gap = shortest + 1 - (last - first);
    if (e[row + E.apart] === 0) {
      e[row + E.firstApart] = start;
      e[row + E.gap] = gap;
    } else if (gap < e[row + E.gap]) e[row + E.gap] = gap;
    const ordinal = this.sentence - this.firstSentence; // small enough for a float
    if (e[row + E.lastApart] !== ordinal) {
      e[row + E.lastApart] = ordinal;
      e[row + E.apart]++;
    }
    this.records?.push({ subject, variant, from: start, to: stop + 1, kind: 'words' });
  }

  /** Adds up how much of each label of several words the whole text covers. */
  private matchCovered(nTokens: number): void {
    const { index, tokenTerm, docStamp, doc, covered } = this;
    let nTouched = 0;
    for (let i = 0; i < nTokens; i++) {
      const term = tokenTerm[i];
      if (term < 0 || docStamp[term] === doc) continue;
      docStamp[term] = doc;
      const rarity = index.rarity[term];
      for (let k = index.postingPtr[term]; k < index.postingPtr[term + 1]; k++) {
        const variant = index.postings[k];
        if (covered[variant] === 0) {
          if (nTouched === this.touched.length) this.touched = grown(this.touched, nTouched * 2);
          this.touched[nTouched++] = variant;
        }
        covered[variant] += rarity;
      }
    }
    const { leastCoverage } = this.options;
    let nPartial = 0;
    for (let i = 0; i < nTouched; i++) {
      const variant = this.touched[i];
      const weight = covered[variant];
      const share = Math.min(1, weight / index.variantWeight[variant]);
      covered[variant] = 0;
      const subject = index.variantSubject[variant];
      if (this.slot[subject] !== 0) {
        this.countCovered(this.candidate(subject), share, weight);
      } else if (share >= leastCoverage) {
        if (nPartial === this.partialVariant.length) {
          this.partialVariant = grown(this.partialVariant, nPartial * 2);
          this.partialShare = Float32Array.from({ length: nPartial * 2 }, (_, k) => this.partialShare[k] ?? 0);
        }
        this.partialVariant[nPartial] = variant;
        this.partialShare[nPartial++] = share;
      }
    }
    const least = nPartial > MOST_PARTIAL ? this.partialShare.slice(0, nPartial).sort()[nPartial - MOST_PARTIAL] : 0;
    for (let i = 0; i < nPartial; i++) {
      const share = this.partialShare[i];
      if (share < least) continue;
      const variant = this.partialVariant[i];
      this.countCovered(this.candidate(index.variantSubject[variant]), share, share * index.variantWeight[variant]);
      if (this.records) this.recordCovered(variant, nTokens);
    }
  }

  /** Notes where the words of a label that is covered in part occur first. */
  private recordCovered(variant: number, nTokens: number): void {
    const { index, tokenTerm } = this;
    const subject = index.variantSubject[variant];
    for (let t = index.variantTermsPtr[variant]; t < index.variantTermsPtr[variant + 1]; t++) {
      const from = tokenTerm.indexOf(index.variantTerms[t]);
      if (from >= 0 && from < nTokens) this.records?.push({ subject, variant, from, to: from + 1, kind: 'part' });
    }
  }

  private countCovered(candidate: number, share: number, weight: number): void {
    const row = candidate * N_EVIDENCE;
    if (share <= this.evidence[row + E.coverage]) return;
    this.evidence[row + E.coverage] = share;
    this.evidence[row + E.coveredWeight] = weight;
  }

  /** Finds one-word labels that begin or end a word of the text, or that a word of the text begins or ends. */
  private matchParts(analysis: Analysis): void {
    const { index, links, surfaceCount, surfaceFirst, surfaceList } = this;
    let nSurfaces = 0;
    for (let i = 0; i < analysis.nTokens; i++) {
      if (analysis.terms[i] === NO_TERM) continue;
      const surface = analysis.surfaces[i];
      if (surfaceCount[surface]++ === 0) {
        surfaceFirst[surface] = i;
        surfaceList[nSurfaces++] = surface;
      }
    }
    for (let i = 0; i < nSurfaces; i++) {
      const surface = surfaceList[i];
      const times = surfaceCount[surface];
      const first = surfaceFirst[surface];
      surfaceCount[surface] = 0;
      const list = links.listOf(surface, analysis.terms[first]);
      for (let k = links.begin(list); k < links.end(list); k++) {
        const node = links.node(k);
        const kind = links.kind(k);
        const share = links.share(k);
        let lastSubject = -1;
        for (let v = index.nodePtr[node]; v < index.nodePtr[node + 1]; v++) {
          const variant = index.nodeVariants[v];
          const subject = index.variantSubject[variant];
          if (subject === lastSubject) continue;
          lastSubject = subject;
          const row = this.candidate(subject) * N_EVIDENCE;
          const e = this.evidence;
          if (kind <= LABEL_ENDS_WORD) {
            if (e[row + E.begins] + e[row + E.ends] === 0 || first < e[row + E.firstPart]) e[row + E.firstPart] = first;
            e[row + (kind === LABEL_BEGINS_WORD ? E.begins : E.ends)] += times;
            if (share > e[row + E.partShare]) e[row + E.partShare] = share;
          } else {
            if (e[row + E.holds] === 0 || first < e[row + E.firstHold]) e[row + E.firstHold] = first;
            e[row + E.holds] += times;
            if (share > e[row + E.holdShare]) e[row + E.holdShare] = share;
          }
          this.records?.push({ subject, variant, from: first, to: first + 1, kind: 'compound' });
        }
      }
    }
  }

  private candidate(subject: number): number {
    const known = this.slot[subject];
    if (known !== 0) return known - 1;
    if (this.n === this.subjects.length) {
      this.subjects = grown(this.subjects, this.n * 2);
      const more = new Float32Array(this.n * 2 * N_EVIDENCE);
      more.set(this.evidence);
      this.evidence = more;
    }
    this.evidence.fill(0, this.n * N_EVIDENCE, (this.n + 1) * N_EVIDENCE);
    this.subjects[this.n] = subject;
    this.slot[subject] = ++this.n;
    return this.n - 1;
  }

  private hashOf(surface: number): number {
    if (this.surfaceHashed[surface] === 0) {
      this.surfaceHash[surface] = hashString(this.analyzer.surface(surface));
      this.surfaceHashed[surface] = 1;
    }
    return this.surfaceHash[surface];
  }
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  if (array.length >= length) return array as Uint32Array<ArrayBuffer>;
  const more = new Uint32Array(Math.max(length, array.length * 2));
  more.set(array);
  return more;
}

/** Whether first and last letter of a word are capitals, as in an acronym. */
function isUpperCase(first: number, last: number): boolean {
  const capital = (c: number): boolean =>
    (c >= 65 && c <= 90) || (c > 127 && String.fromCharCode(c) !== String.fromCharCode(c).toLowerCase());
  return capital(first) && (capital(last) || (last >= 48 && last <= 57) || last === 115);
}
