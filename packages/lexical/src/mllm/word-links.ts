import type { Analyzer } from '@catchword/core';
import { Float32List, Uint32List } from '@catchword/math';
import type { LabelIndex } from './label-index.js';
import { LEAST_WORD, type OrderedWords, reverse } from './label-index.js';

/** How a word of the text and a one-word label overlap. */
export const LABEL_BEGINS_WORD = 0;
export const LABEL_ENDS_WORD = 1;
export const WORD_BEGINS_LABEL = 2;
export const WORD_ENDS_LABEL = 3;

/** A label inside a word needs this many letters, and the word that many beside it. */
const LEAST_REST = 3;
/** Letters of a word that begins or ends a longer label; one that begins many says nothing. */
const LEAST_PART = 5;
const MOST_PART = 14;
const MOST_LABELS = 60;

/**
 * Finds one-word labels that share a beginning or an end with a word: parts of compounds (`Arbeitsmarkt` has `Arbeit`
 * and `Markt`) and compounds of it. The links of a surface form are found once and kept.
 */
export class WordLinks {
  private readonly index: LabelIndex;
  private readonly analyzer: Analyzer;
  private epoch: number;
  /** Per surface id its place in the lists + 1, 0 where not looked up yet. */
  private place = new Uint32Array(1 << 12);
  private readonly ptr = new Uint32List();
  private readonly variants = new Uint32List();
  private readonly subjects = new Uint32List();
  private readonly kinds = new Uint32List();
  private readonly shares = new Float32List();

  constructor(index: LabelIndex, analyzer: Analyzer) {
    this.index = index;
    this.analyzer = analyzer;
    this.epoch = analyzer.epoch;
    this.ptr.push(0);
  }

  /** Link k's label variant and its subject, kind of overlap and share of letters. */
  variant(k: number): number {
    return this.variants.data[k];
  }
  subject(k: number): number {
    return this.subjects.data[k];
  }
  kind(k: number): number {
    return this.kinds.data[k];
  }
  share(k: number): number {
    return this.shares.data[k];
  }

  /** @returns the number of the surface form's list; its links are `begin(list)..end(list)` */
  listOf(surface: number, term: number): number {
    if (this.epoch !== this.analyzer.epoch) this.forget();
    if (surface >= this.place.length) {
      const grown = new Uint32Array(Math.max(surface + 1, this.place.length * 2));
      grown.set(this.place);
      this.place = grown;
    }
    if (this.place[surface] === 0) {
      this.find(this.analyzer.surface(surface), this.analyzer.term(term));
      this.ptr.push(this.variants.length);
      this.place[surface] = this.ptr.length - 1;
    }
    return this.place[surface] - 1;
  }

  begin(list: number): number {
    return this.ptr.data[list];
  }
  end(list: number): number {
    return this.ptr.data[list + 1];
  }

  private forget(): void {
    this.epoch = this.analyzer.epoch;
    this.place.fill(0);
    this.ptr.clear();
    this.ptr.push(0);
    this.variants.clear();
    this.subjects.clear();
    this.kinds.clear();
    this.shares.clear();
  }

  /** Adds a link to each subject that has a label of this one term. */
  private add(term: number, kind: number, share: number): void {
    const { nodePtr, nodeVariants, variantSubject } = this.index;
    const node = this.index.first(term);
    if (node === 0) return;
    let last = -1;
    for (let v = nodePtr[node]; v < nodePtr[node + 1]; v++) {
      const subject = variantSubject[nodeVariants[v]];
      if (subject === last) continue; // the variants of a subject stand together
      last = subject;
      this.variants.push(nodeVariants[v]);
      this.subjects.push(subject);
      this.kinds.push(kind);
      this.shares.push(share);
    }
  }

  private find(word: string, stem: string): void {
    if (word.length > 100) return; // no word of a language
    const { terms } = this.index;
    for (let n = LEAST_WORD; n <= word.length - LEAST_REST; n++) {
      const term = terms.find(word.slice(0, n));
      if (term >= 0) this.add(term, LABEL_BEGINS_WORD, n / word.length);
    }
    for (let from = LEAST_REST; from <= stem.length - LEAST_WORD; from++) {
      const term = terms.find(stem.slice(from));
      if (term >= 0) this.add(term, LABEL_ENDS_WORD, (stem.length - from) / stem.length);
    }
    if (stem.length < LEAST_PART || stem.length > MOST_PART) return;
    this.findLonger(this.index.wordsForward, stem, WORD_BEGINS_LABEL);
    this.findLonger(this.index.wordsBackward, reverse(stem), WORD_ENDS_LABEL);
  }

  /** Looks up the labels that continue a beginning, in an ordered list. */
  private findLonger(words: OrderedWords, part: string, kind: number): void {
    const { terms, bytes, offsets } = words;
    const beginning = Buffer.from(part);
    /** Below 0 where word i comes before the beginning, 0 where it begins with it. */
    const compare = (i: number): number => {
      const from = offsets[i];
      const n = Math.min(beginning.length, offsets[i + 1] - from);
      for (let k = 0; k < n; k++) {
        const difference = bytes[from + k] - beginning[k];
        if (difference !== 0) return difference;
      }
      return n - beginning.length;
    };
    let low = 0;
    let high = terms.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (compare(mid) < 0) low = mid + 1;
      else high = mid;
    }
    let end = low;
    while (end < terms.length && end - low <= MOST_LABELS && compare(end) === 0) end++;
    if (end - low > MOST_LABELS) return;
    for (let i = low; i < end; i++) {
      const rest = lettersIn(bytes, offsets[i] + beginning.length, offsets[i + 1]);
      if (rest < LEAST_REST) continue;
      this.add(terms[i], kind, part.length / (part.length + rest));
    }
  }
}

/** How many UTF-16 code units some UTF-8 is: the measure of `String.length`. */
function lettersIn(bytes: Uint8Array, from: number, to: number): number {
  let n = 0;
  for (let i = from; i < to; i++) {
    if ((bytes[i] & 0xc0) !== 0x80) n += bytes[i] >= 0xf0 ? 2 : 1;
  }
  return n;
}
