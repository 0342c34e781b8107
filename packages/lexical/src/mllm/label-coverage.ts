import { kthLargest } from '@catchword/math';
import type { CandidateSet } from './candidate-set.js';
import { type CoverageKeys, coverageKeys, SEVERAL, TERM } from './coverage-keys.js';
import * as E from './evidence-columns.js';
import { grown } from './grown.js';
import type { LabelIndex } from './label-index.js';

/** Of the subjects that are candidates by coverage alone so many are kept, the best covered ones … */
const ENOUGH_PARTIAL = 60;
/** … or up to so many, as long as the text covers most of the label. */
const MOST_PARTIAL = 150;
const MOSTLY_COVERED = 0.6;
/** A text of so many distinct terms probably covers most of enough labels. */
const MANY_TERMS = 24;
const HIGHEST_STAMP = 0xffffffff;

/** Finds how much of labels of several words a whole text covers. */
export class LabelCoverage {
  private readonly index: LabelIndex;
  private readonly candidates: CandidateSet;
  private readonly least: number;
  private readonly mostly: number;
  /** Shape (nSubjects + 1): the variants of subject s are `firstVariant[s]..firstVariant[s + 1])`. */
  private readonly firstVariant: Uint32Array;
  private readonly keys: CoverageKeys;
  /** Per term the document that last held it. */
  private readonly stamp: Uint32Array;
  private doc = 0;
  private distinct = new Uint32Array(1 << 10);
  private partial = new Uint32Array(1 << 9);
  private shares = new Float32Array(1 << 9);
  /** Per variant 1 where it is in `partial` already. */
  private readonly isFound: Uint8Array;

  /** @param least the share of a label's weight that makes a candidate although words are missing */
  constructor(index: LabelIndex, candidates: CandidateSet, least: number) {
    this.index = index;
    this.candidates = candidates;
    this.least = least;
    this.mostly = Math.max(MOSTLY_COVERED, least);
    this.firstVariant = firstVariants(index);
    this.keys = coverageKeys(index, least, this.mostly);
    this.stamp = new Uint32Array(index.nTerms);
    this.isFound = new Uint8Array(index.nVariants);
  }

  /** Adds coverage to the candidates there are, and the best covered other subjects to them. */
  match(tokenTerm: Int32Array, nTokens: number): void {
    const { candidates } = this;
    const nDistinct = this.stampTerms(tokenTerm, nTokens);
    // Where most of enough labels is covered, those that are covered less are not among the best.
    let nPartial = nDistinct < MANY_TERMS ? 0 : this.findMostly(nDistinct);
    if (nPartial < ENOUGH_PARTIAL) nPartial = this.findPartial(nDistinct);
    this.coverCandidates();
    const { partial, shares } = this;
    const enough = leastOfBest(shares, nPartial);
    for (let i = 0; i < nPartial; i++) {
      if (shares[i] < enough) continue;
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
    const { stamp, distinct } = this;
    let n = 0;
    for (let i = 0; i < nTokens; i++) {
      const term = tokenTerm[i];
      if (term < 0 || stamp[term] === doc) continue;
      stamp[term] = doc;
      distinct[n++] = term;
    }
    return n;
  }

  /** As `findPartial`, but only variants that are mostly covered. */
  private findMostly(nDistinct: number): number {
    const { distinct, stamp, doc, mostly: least } = this;
    const { mostlyPtr, mostly, mostlyOthers } = this.keys;
    const { variantWeight, rarity } = this.index;
    let n = 0;
    for (let i = 0; i < nDistinct; i++) {
      const term = distinct[i];
      for (let k = mostlyPtr[term], end = mostlyPtr[term + 1]; k < end; k++) {
        const other = mostlyOthers[k];
        const variant = mostly[k];
        if (stamp[other & TERM] === doc)
          n = this.consider(variant, other < SEVERAL ? 1 : this.share(variant), least, n);
        else if (other < SEVERAL) n = this.consider(variant, rarity[term] / variantWeight[variant], least, n);
      }
    }
    return this.endFinding(n);
  }

  /**
   * Leaves in `partial` the variants of subjects that are no candidates yet of whose weight the text holds the least share.
   *
   * @returns how many
   */
  private findPartial(nDistinct: number): number {
    const { mostlyPtr, mostly, mostlyOthers, partlyPtr, partly, partlyOthers } = this.keys;
    let n = 0;
    for (let i = 0; i < nDistinct; i++) {
      const term = this.distinct[i];
      n = this.considerAll(term, mostlyPtr, mostly, mostlyOthers, n);
      n = this.considerAll(term, partlyPtr, partly, partlyOthers, n);
    }
    return this.endFinding(n);
  }

  private considerAll(term: number, ptr: Uint32Array, variants: Uint32Array, others: Uint32Array, n: number): number {
    const { stamp, doc, least } = this;
    const { variantWeight, rarity } = this.index;
    const own = rarity[term];
    let count = n;
    for (let k = ptr[term], end = ptr[term + 1]; k < end; k++) {
      const other = others[k];
      const variant = variants[k];
      let share: number;
      if (other >= SEVERAL) share = this.share(variant);
      else share = stamp[other] === doc ? 1 : own / variantWeight[variant];
      if (share >= least) count = this.consider(variant, share, least, count);
    }
    return count;
  }

  /** @returns how many variants there are in `partial` with this one, if it is covered well enough and new */
  private consider(variant: number, share: number, least: number, n: number): number {
    if (share < least || this.isFound[variant] !== 0) return n;
    if (this.candidates.has(this.index.variantSubject[variant])) return n;
    this.isFound[variant] = 1;
    if (n === this.partial.length) this.makeRoom();
    this.partial[n] = variant;
    this.shares[n] = share;
    return n + 1;
  }

  private endFinding(n: number): number {
    for (let i = 0; i < n; i++) this.isFound[this.partial[i]] = 0;
    return n;
  }

  private makeRoom(): void {
    this.partial = grown(this.partial, this.partial.length * 2);
    const more = new Float32Array(this.partial.length);
    more.set(this.shares);
    this.shares = more;
  }

  private coverCandidates(): void {
    const { candidates, firstVariant } = this;
    const { variantTermsPtr } = this.index;
    const { subjects, n } = candidates;
    for (let i = 0; i < n; i++) {
      const subject = subjects[i];
      for (let v = firstVariant[subject], end = firstVariant[subject + 1]; v < end; v++) {
        if (variantTermsPtr[v + 1] - variantTermsPtr[v] > 1) this.count(v, this.share(v));
      }
    }
  }

  /** @returns the share of a variant's weight that the text holds, in [0, 1]; 1 exactly where it holds all, added up as the weight was */
  private share(variant: number): number {
    const { stamp, doc } = this;
    const { variantTerms, variantTermsPtr, variantWeight, rarity } = this.index;
    let weight = 0;
    for (let t = variantTermsPtr[variant], end = variantTermsPtr[variant + 1]; t < end; t++) {
      const term = variantTerms[t];
      if (stamp[term] === doc) weight += rarity[term];
    }
    return Math.fround(weight) / variantWeight[variant];
  }

  /** Of labels that are covered alike the weightiest counts. */
  private count(variant: number, share: number): void {
    if (share === 0) return;
    const row = this.candidates.row(this.index.variantSubject[variant]);
    const e = this.candidates.evidence;
    const weight = share * this.index.variantWeight[variant];
    const before = e[row + E.coverage];
    if (Math.fround(share) < before || (Math.fround(share) === before && weight <= e[row + E.coveredWeight])) return;
    e[row + E.coverage] = share;
    e[row + E.coveredWeight] = weight;
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

/** Room for a copy of the shares, which is moved about. */
let room = new Float64Array(1 << 10);

/** @returns the share that a variant needs to be kept among n */
function leastOfBest(shares: Float32Array, n: number): number {
  if (n <= ENOUGH_PARTIAL) return 0;
  let nMostly = 0;
  for (let i = 0; i < n; i++) if (shares[i] >= MOSTLY_COVERED) nMostly++;
  if (nMostly >= ENOUGH_PARTIAL && nMostly <= MOST_PARTIAL) return MOSTLY_COVERED;
  if (room.length < n) room = new Float64Array(n * 2);
  for (let i = 0; i < n; i++) room[i] = shares[i];
  return kthLargest(room, n, nMostly < ENOUGH_PARTIAL ? ENOUGH_PARTIAL : MOST_PARTIAL);
}
