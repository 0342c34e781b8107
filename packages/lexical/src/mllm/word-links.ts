import type { Analyzer } from '@catchword/core';
import { Float32List, Uint32List } from '@catchword/math';
import type { LabelIndex } from './label-index.js';
import { ROOT } from './label-index.js';

/** How a word of the text and a one-word label overlap. */
export const LABEL_BEGINS_WORD = 0;
export const LABEL_ENDS_WORD = 1;
export const WORD_BEGINS_LABEL = 2;
export const WORD_ENDS_LABEL = 3;

/** A label inside a word needs this many letters, and the word that many beside it. */
const LEAST_LABEL = 4;
const LEAST_REST = 3;
/** A word that begins or ends a longer label; a commoner beginning says nothing. */
const LEAST_WORD = 5;
const MOST_WORD = 14;
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
  private readonly nodes = new Uint32List();
  private readonly kinds = new Uint32List();
  private readonly shares = new Float32List();

  constructor(index: LabelIndex, analyzer: Analyzer) {
    this.index = index;
    this.analyzer = analyzer;
    this.epoch = analyzer.epoch;
    this.ptr.push(0);
  }

  /** Node, kind and share of letters of link k. */
  node(k: number): number {
    return this.nodes.data[k];
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
      this.ptr.push(this.nodes.length);
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
    this.nodes.clear();
    this.kinds.clear();
    this.shares.clear();
  }

  private add(term: number, kind: number, share: number): void {
    const node = this.index.child(ROOT, term);
    if (node === 0 || this.index.nodeSubjects[node] === 0) return;
    this.nodes.push(node);
    this.kinds.push(kind);
    this.shares.push(share);
  }

  private find(word: string, stem: string): void {
    if (word.length > 100) return; // no word of a language
    const { terms } = this.index;
    for (let n = LEAST_LABEL; n <= word.length - LEAST_REST; n++) {
      const term = terms.find(word.slice(0, n));
      if (term >= 0) this.add(term, LABEL_BEGINS_WORD, n / word.length);
    }
    for (let from = LEAST_REST; from <= stem.length - LEAST_LABEL; from++) {
      const term = terms.find(stem.slice(from));
      if (term >= 0) this.add(term, LABEL_ENDS_WORD, (stem.length - from) / stem.length);
    }
    if (stem.length < LEAST_WORD || stem.length > MOST_WORD) return;
    this.findLonger(this.index.wordsForward, stem, false);
    this.findLonger(this.index.wordsBackward, [...stem].reverse().join(''), true);
  }

  /** Looks up the labels that continue a beginning, in an ordered list. */
  private findLonger(order: Uint32Array, beginning: string, backwards: boolean): void {
    const table = this.index.terms.table;
    const text = (i: number): string => {
      const s = table.get(order[i]);
      return backwards ? [...s].reverse().join('') : s;
    };
    let low = 0;
    let high = order.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (text(mid) < beginning) low = mid + 1;
      else high = mid;
    }
    let end = low;
    while (end < order.length && end - low <= MOST_LABELS && text(end).startsWith(beginning)) end++;
    if (end - low > MOST_LABELS) return;
    for (let i = low; i < end; i++) {
      const n = text(i).length;
      if (n < beginning.length + LEAST_REST) continue;
      this.add(order[i], backwards ? WORD_ENDS_LABEL : WORD_BEGINS_LABEL, beginning.length / n);
    }
  }
}
