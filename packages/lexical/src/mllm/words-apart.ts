import type { CandidateSet } from './candidate-set.js';
import * as E from './evidence-columns.js';
import type { LabelIndex } from './label-index.js';

const HIGHEST_STAMP = 0xffffffff;

/** Finds labels all of whose words stand in one stretch of text, but not together. */
export class WordsApart {
  private readonly index: LabelIndex;
  private readonly candidates: CandidateSet;
  /** Parallel to the index's `keyVariants`: the rarest of the variant's other terms. Most variants lack it. */
  private readonly keyOther: Uint32Array;
  /** Per term the stretch that last held it, and its first place there. */
  private readonly stamp: Uint32Array;
  private readonly head: Int32Array;
  /** Per token the next place of its term, or -1. */
  private next = new Int32Array(1 << 10);
  /** Stretches are counted over all documents, so that stamps need no clearing. */
  private stretch = 0;
  private firstOfDocument = 0;

  constructor(index: LabelIndex, candidates: CandidateSet) {
    this.index = index;
    this.candidates = candidates;
    this.keyOther = rarestOthers(index);
    this.stamp = new Uint32Array(index.nTerms);
    this.head = new Int32Array(index.nTerms);
  }

  beginDocument(nTokens: number): void {
    if (this.next.length < nTokens) this.next = new Int32Array(nTokens * 2);
    if (this.stretch > HIGHEST_STAMP - nTokens - 1) {
      this.stretch = 0;
      this.stamp.fill(0);
    }
    this.firstOfDocument = this.stretch;
  }

  /**
   * @param tokenTerm per token of the document its label term, below 0 where no label has it
   * @param isTogether whether a label's words, which lead to the node, were found together in this stretch
   */
  match(tokenTerm: Int32Array, from: number, to: number, isTogether: (node: number) => boolean): void {
    const { stamp, head, next, keyOther } = this;
    const { keyPtr, keyVariants, variantNode } = this.index;
    const stretch = ++this.stretch;
    for (let i = to - 1; i >= from; i--) {
      const term = tokenTerm[i];
      if (term < 0) continue;
      next[i] = stamp[term] === stretch ? head[term] : -1;
      stamp[term] = stretch;
      head[term] = i;
    }
    for (let i = from; i < to; i++) {
      const term = tokenTerm[i];
      if (term < 0 || head[term] !== i) continue;
      for (let k = keyPtr[term], end = keyPtr[term + 1]; k < end; k++) {
        if (stamp[keyOther[k]] !== stretch) continue;
        const variant = keyVariants[k];
        if (this.hasAll(variant) && !isTogether(variantNode[variant])) this.count(variant, term);
      }
    }
  }

  private hasAll(variant: number): boolean {
    const { variantTerms, variantTermsPtr } = this.index;
    for (let t = variantTermsPtr[variant]; t < variantTermsPtr[variant + 1]; t++) {
      if (this.stamp[variantTerms[t]] !== this.stretch) return false;
    }
    return true;
  }

  /** @param key the variant's rarest term, around whose places the others are looked for */
  private count(variant: number, key: number): void {
    const { index, head, next } = this;
    const first = index.variantTermsPtr[variant];
    const last = index.variantTermsPtr[variant + 1];
    let shortest = Number.POSITIVE_INFINITY;
    let start = 0;
    let stop = 0;
    let isOrdered = false;
    for (let p = head[key]; p >= 0; p = next[p]) {
      let low = p;
      let high = p;
      let before = -1;
      let ordered = true;
      for (let t = first; t < last; t++) {
        const term = index.variantTerms[t];
        let nearest = term === key ? p : -1;
        for (let q = term === key ? -1 : head[term]; q >= 0; q = next[q]) {
          if (nearest < 0 || Math.abs(q - p) < Math.abs(nearest - p)) nearest = q;
        }
        if (nearest < before) ordered = false;
        before = nearest;
        if (nearest < low) low = nearest;
        if (nearest > high) high = nearest;
      }
      if (high - low < shortest) {
        shortest = high - low;
        start = low;
        stop = high;
        isOrdered = ordered;
      }
    }
    const subject = index.variantSubject[variant];
    const row = this.candidates.row(subject);
    const e = this.candidates.evidence;
    const gap = shortest + 1 - (last - first);
    if (e[row + E.apart] === 0) {
      e[row + E.firstApart] = start;
      e[row + E.gap] = gap;
    } else if (gap < e[row + E.gap]) e[row + E.gap] = gap;
    const ordinal = this.stretch - this.firstOfDocument; // small enough for a float
    if (e[row + E.lastApart] !== ordinal) {
      e[row + E.lastApart] = ordinal;
      e[row + E.apart]++;
      if (isOrdered) e[row + E.ordered]++;
    }
    this.candidates.records?.push({ subject, variant, from: start, to: stop + 1, kind: 'words' });
  }
}

function rarestOthers(index: LabelIndex): Uint32Array {
  const { nTerms, keyPtr, keyVariants, variantTerms, variantTermsPtr, termCount } = index;
  const others = new Uint32Array(keyVariants.length);
  for (let term = 0; term < nTerms; term++) {
    for (let k = keyPtr[term]; k < keyPtr[term + 1]; k++) {
      const variant = keyVariants[k];
      let rarest = term;
      for (let t = variantTermsPtr[variant]; t < variantTermsPtr[variant + 1]; t++) {
        const other = variantTerms[t];
        if (other !== term && (rarest === term || termCount[other] < termCount[rarest])) rarest = other;
      }
      others[k] = rarest;
    }
  }
  return others;
}
