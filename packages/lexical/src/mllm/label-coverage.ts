import type { CandidateSet } from './candidate-set.js';
import * as E from './evidence-columns.js';
import { grown } from './grown.js';
import type { LabelIndex } from './label-index.js';

/** Of the subjects that are candidates by coverage alone so many are kept, the best covered ones … */
const ENOUGH_PARTIAL = 60;
/** … or up to so many, as long as the text covers most of the label. */
const MOST_PARTIAL = 150;
const MOSTLY_COVERED = 0.6;
const HIGHEST_STAMP = 0xffffffff;
/** A whole label's share in fixed point; shares of single terms are rounded up. */
const WHOLE = 1 << 14;
const BUCKET_BITS = 6;
/** Behind all places. */
const NOWHERE = 0xffffffff;
/** What parts two places where they stand before a variant's number. */
const NEXT_PLACE = 2 ** 32;
/** Longer lists are sorted by the platform. */
const SHORT_LIST = 16;

/** Adds up how much of labels of several words a whole text covers. */
export class LabelCoverage {
  private readonly index: LabelIndex;
  private readonly candidates: CandidateSet;
  private readonly least: number;
  /** Shape (nSubjects + 1): the variants of subject s are `firstVariant[s]..firstVariant[s + 1])`. */
  private readonly firstVariant: Uint32Array;
  /** Parallel to the index's postings: the term's share of the variant's weight, in fixed point. */
  private readonly postingShares: Uint16Array;
  /** Per term the document that last held it. */
  private readonly stamp: Uint32Array;
  /** Per term of the document its place among the distinct ones. */
  private readonly place: Uint32Array;
  private doc = 0;
  private distinct = new Uint32Array(1 << 10);
  /** Per variant at least the share that the text holds, in fixed point; zero between documents. */
  private readonly covered: Uint16Array;
  private touched = new Uint32Array(1 << 10);
  private partial = new Uint32Array(1 << 9);
  private shares = new Float32Array(1 << 9);
  private nPartial = 0;
  /** A subject's variants that the text has a word of, and a variant's places; both in the order of the text. */
  private readonly order: Float64Array;
  private readonly held: Float64Array;
  /** How many variants fall into each range of shares, sums above a whole label's included. */
  private readonly histogram = new Uint32Array(0x10000 >> BUCKET_BITS);

  /** @param least the share of a label's weight that makes a candidate although words are missing */
  constructor(index: LabelIndex, candidates: CandidateSet, least: number) {
    this.index = index;
    this.candidates = candidates;
    this.least = least;
    this.firstVariant = firstVariants(index);
    this.postingShares = postingShares(index);
    this.stamp = new Uint32Array(index.nTerms);
    this.place = new Uint32Array(index.nTerms);
    this.covered = new Uint16Array(index.nVariants);
    this.order = new Float64Array(longestRun(this.firstVariant));
    this.held = new Float64Array(longestRun(index.variantTermsPtr));
  }

  /** Adds coverage to the candidates there are, and the best covered other subjects to them. */
  match(tokenTerm: Int32Array, nTokens: number): void {
    this.findPartial(this.addUp(this.stampTerms(tokenTerm, nTokens)));
    this.coverCandidates();
    const { candidates, partial, shares, nPartial } = this;
    for (let i = 0; i < nPartial; i++) {
      this.count(partial[i], shares[i]);
      if (candidates.records) this.record(partial[i], tokenTerm, nTokens);
    }
  }

  /** @returns how many terms the text has; they stand in `distinct` */
  private stampTerms(tokenTerm: Int32Array, nTokens: number): number {
    if (this.doc === HIGHEST_STAMP) {
      this.doc = 0;
      this.stamp.fill(0);
    }
    const doc = ++this.doc;
    this.distinct = grown(this.distinct, nTokens);
    const { stamp, place, distinct } = this;
    let n = 0;
    for (let i = 0; i < nTokens; i++) {
      const term = tokenTerm[i];
      if (term < 0 || stamp[term] === doc) continue;
      stamp[term] = doc;
      place[term] = n;
      distinct[n++] = term;
    }
    return n;
  }

  /** @returns how many variants the text has a word of; they stand in `touched`, each once */
  private addUp(nDistinct: number): number {
    const { covered, distinct, postingShares } = this;
    const { postingPtr, postings } = this.index;
    let most = 1;
    for (let i = 0; i < nDistinct; i++) most += postingPtr[distinct[i] + 1] - postingPtr[distinct[i]];
    this.touched = grown(this.touched, Math.min(most, covered.length + 1));
    const { touched } = this;
    let n = 0;
    for (let i = 0; i < nDistinct; i++) {
      const term = distinct[i];
      for (let k = postingPtr[term], end = postingPtr[term + 1]; k < end; k++) {
        const variant = postings[k];
        const before = covered[variant];
        covered[variant] = before + postingShares[k];
        // Written in any case, and written over unless it is new: the processor cannot foresee which, so that there is no branch.
        touched[n] = variant;
        n += (before - 1) >>> 31;
      }
    }
    return n;
  }

  /** Leaves the best covered variants of subjects that are no candidates yet in `partial`, and `covered` empty. */
  private findPartial(nTouched: number): void {
    const { covered, touched, least } = this;
    const nOpen = this.keepOpen(nTouched);
    const bound = this.bound(nOpen);
    let n = 0;
    for (let i = 0; i < nOpen; i++) {
      const variant = touched[i];
      const most = covered[variant];
      covered[variant] = 0;
      if (most < bound) continue;
      const share = this.share(variant);
      if (share < least) continue;
      if (n === this.partial.length) this.makeRoom();
      this.partial[n] = variant;
      this.shares[n++] = share;
    }
    const { partial, shares } = this;
    const enough = leastOfBest(shares, n);
    let kept = 0;
    for (let i = 0; i < n; i++) {
      if (shares[i] < enough) continue;
      partial[kept] = partial[i];
      shares[kept++] = shares[i];
    }
    this.nPartial = kept;
  }

  /**
   * Leaves in `touched` those that are covered well enough and whose subjects are no candidates yet; most are neither, and not
   * looked at again.
   *
   * @returns how many
   */
  private keepOpen(nTouched: number): number {
    const { candidates, covered, touched } = this;
    const { variantSubject } = this.index;
    const floor = Math.floor(this.least * WHOLE);
    let nCovered = 0;
    for (let i = 0; i < nTouched; i++) {
      const variant = touched[i];
      const share = covered[variant];
      const isLess = (share - floor) >>> 31; // 1 or 0, without a branch, as above
      covered[variant] = share & (isLess - 1);
      touched[nCovered] = variant;
      nCovered += 1 - isLess;
    }
    let n = 0;
    for (let i = 0; i < nCovered; i++) {
      const variant = touched[i];
      if (candidates.has(variantSubject[variant])) covered[variant] = 0;
      else touched[n++] = variant;
    }
    return n;
  }

  /** @returns the fixed-point share below which no variant of the first n touched is among the best covered ones */
  private bound(nOpen: number): number {
    const { covered, touched, histogram } = this;
    histogram.fill(0);
    for (let i = 0; i < nOpen; i++) histogram[covered[touched[i]] >> BUCKET_BITS]++;
    let bucket = histogram.length;
    let n = 0;
    while (bucket > 0 && (n < ENOUGH_PARTIAL || (n < MOST_PARTIAL && bucket << BUCKET_BITS > MOSTLY_COVERED * WHOLE))) {
      n += histogram[--bucket];
    }
    // A bucket more, since shares were rounded up.
    return Math.max(Math.floor(this.least * WHOLE), (bucket - 1) << BUCKET_BITS);
  }

  private makeRoom(): void {
    this.partial = grown(this.partial, this.partial.length * 2);
    const more = new Float32Array(this.partial.length);
    more.set(this.shares);
    this.shares = more;
  }

  private coverCandidates(): void {
    const { candidates, firstVariant, order } = this;
    const { variantTermsPtr } = this.index;
    const { subjects, n } = candidates;
    for (let i = 0; i < n; i++) {
      const subject = subjects[i];
      let nFound = 0;
      for (let v = firstVariant[subject], end = firstVariant[subject + 1]; v < end; v++) {
        if (variantTermsPtr[v + 1] - variantTermsPtr[v] < 2) continue;
        const beginning = this.beginning(v);
        if (beginning === NOWHERE) continue;
        order[nFound++] = beginning * NEXT_PLACE + v;
      }
      // Of labels that are covered alike the one that begins first in the text counts.
      sortFirst(order, nFound);
      for (let k = 0; k < nFound; k++) {
        const v = order[k] % NEXT_PLACE;
        this.count(v, this.share(v));
      }
    }
  }

  /** @returns the place among the text's distinct terms of the first one that a variant has */
  private beginning(variant: number): number {
    const { stamp, place, doc } = this;
    const { variantTerms, variantTermsPtr } = this.index;
    let first = NOWHERE;
    for (let t = variantTermsPtr[variant], end = variantTermsPtr[variant + 1]; t < end; t++) {
      const term = variantTerms[t];
      if (stamp[term] === doc && place[term] < first) first = place[term];
    }
    return first;
  }

  /** @returns the share of a variant's weight that the text holds, in [0, 1]; added up in the order of the text */
  private share(variant: number): number {
    const { stamp, place, doc, held, distinct } = this;
    const { variantTerms, variantTermsPtr, variantWeight, rarity } = this.index;
    let n = 0;
    for (let t = variantTermsPtr[variant], end = variantTermsPtr[variant + 1]; t < end; t++) {
      const term = variantTerms[t];
      if (stamp[term] === doc) held[n++] = place[term];
    }
    if (n > 2) sortFirst(held, n);
    let weight = 0;
    for (let i = 0; i < n; i++) weight = Math.fround(weight + rarity[distinct[held[i]]]);
    return Math.min(1, weight / variantWeight[variant]);
  }

  private count(variant: number, share: number): void {
    const row = this.candidates.row(this.index.variantSubject[variant]);
    const e = this.candidates.evidence;
    if (share <= e[row + E.coverage]) return;
    e[row + E.coverage] = share;
    e[row + E.coveredWeight] = share * this.index.variantWeight[variant];
  }

  /** Notes where the words of a label that is covered in part occur first. */
  private record(variant: number, tokenTerm: Int32Array, nTokens: number): void {
    const { variantTerms, variantTermsPtr, variantSubject } = this.index;
    for (let t = variantTermsPtr[variant]; t < variantTermsPtr[variant + 1]; t++) {
      const from = tokenTerm.indexOf(variantTerms[t]);
      if (from < 0 || from >= nTokens) continue;
      this.candidates.records?.push({ subject: variantSubject[variant], variant, from, to: from + 1, kind: 'part' });
    }
  }
}

function firstVariants({ nSubjects, nVariants, variantSubject }: LabelIndex): Uint32Array {
  const first = new Uint32Array(nSubjects + 1);
  for (let v = 0; v < nVariants; v++) first[variantSubject[v] + 1]++;
  for (let s = 0; s < nSubjects; s++) first[s + 1] += first[s];
  return first;
}

function postingShares({ nTerms, postingPtr, postings, rarity, variantWeight }: LabelIndex): Uint16Array {
  const shares = new Uint16Array(postings.length);
  for (let term = 0; term < nTerms; term++) {
    for (let k = postingPtr[term]; k < postingPtr[term + 1]; k++) {
      shares[k] = Math.ceil((rarity[term] / variantWeight[postings[k]]) * WHOLE);
    }
  }
  return shares;
}

function longestRun(pointers: Uint32Array): number {
  let longest = 0;
  for (let i = 1; i < pointers.length; i++) longest = Math.max(longest, pointers[i] - pointers[i - 1]);
  return longest;
}

/** Sorts the first n numbers; most lists have few. */
function sortFirst(numbers: Float64Array, n: number): void {
  if (n > SHORT_LIST) {
    numbers.subarray(0, n).sort();
    return;
  }
  for (let i = 1; i < n; i++) {
    const x = numbers[i];
    let k = i - 1;
    for (; k >= 0 && numbers[k] > x; k--) numbers[k + 1] = numbers[k];
    numbers[k + 1] = x;
  }
}

/** Room for a copy of the shares, which is sorted. */
let room = new Float32Array(1 << 10);

/** @returns the share that a subject needs to be kept among n */
function leastOfBest(shares: Float32Array, n: number): number {
  if (n <= ENOUGH_PARTIAL) return 0;
  if (room.length < n) room = new Float32Array(n * 2);
  const sorted = room.subarray(0, n);
  for (let i = 0; i < n; i++) sorted[i] = shares[i];
  sorted.sort();
  let nKept = ENOUGH_PARTIAL;
  while (nKept < Math.min(n, MOST_PARTIAL) && sorted[n - nKept - 1] >= MOSTLY_COVERED) nKept++;
  return sorted[n - nKept];
}
