import { type CandidateSet, E } from './candidate-set.js';
import { grown } from './grown.js';
import type { LabelIndex } from './label-index.js';

/** Of the subjects that are candidates by coverage alone so many are kept, the best covered ones … */
const ENOUGH_PARTIAL = 60;
/** … or up to so many, as long as the text covers most of the label. */
const MOST_PARTIAL = 150;
const MOSTLY_COVERED = 0.6;
const HIGHEST_STAMP = 0xffffffff;

/** Adds up how much of each label of several words a whole text covers. */
export class LabelCoverage {
  private readonly index: LabelIndex;
  private readonly candidates: CandidateSet;
  private readonly least: number;
  /** Per term the document that last held it. */
  private readonly stamp: Uint32Array;
  private doc = 0;
  /** Per variant the weight of its terms that the text holds; zero between documents. */
  private readonly covered: Float32Array;
  private touched = new Uint32Array(1 << 10);
  private partial = new Uint32Array(1 << 10);
  private shares = new Float32Array(1 << 10);

  /** @param least the share of a label's weight that makes a candidate although words are missing */
  constructor(index: LabelIndex, candidates: CandidateSet, least: number) {
    this.index = index;
    this.candidates = candidates;
    this.least = least;
    this.stamp = new Uint32Array(index.nTerms);
    this.covered = new Float32Array(index.nVariants);
  }

  /** Adds coverage to the candidates there are, and the best covered other subjects to them. */
  match(tokenTerm: Int32Array, nTokens: number): void {
    const { index, candidates, covered, least } = this;
    const { variantSubject, variantWeight } = index;
    const nTouched = this.addUp(tokenTerm, nTokens);
    this.partial = grown(this.partial, nTouched);
    if (this.shares.length < nTouched) this.shares = new Float32Array(this.partial.length);
    const { touched, partial, shares } = this;
    let nPartial = 0;
    for (let i = 0; i < nTouched; i++) {
      const variant = touched[i];
      const weight = covered[variant];
      covered[variant] = 0;
      const share = Math.min(1, weight / variantWeight[variant]);
      if (candidates.has(variantSubject[variant])) this.count(variant, share);
      else if (share >= least) {
        partial[nPartial] = variant;
        shares[nPartial++] = share;
      }
    }
    const leastKept = nPartial > ENOUGH_PARTIAL ? leastOfBest(shares.slice(0, nPartial).sort()) : 0;
    for (let i = 0; i < nPartial; i++) {
      if (shares[i] < leastKept) continue;
      this.count(partial[i], shares[i]);
      if (candidates.records) this.record(partial[i], tokenTerm, nTokens);
    }
  }

  /** @returns how many variants the text has a word of; they stand in `touched` */
  private addUp(tokenTerm: Int32Array, nTokens: number): number {
    const { index, stamp, covered } = this;
    if (this.doc === HIGHEST_STAMP) {
      this.doc = 0;
      stamp.fill(0);
    }
    const doc = ++this.doc;
    let nTouched = 0;
    for (let i = 0; i < nTokens; i++) {
      const term = tokenTerm[i];
      if (term < 0 || stamp[term] === doc) continue;
      stamp[term] = doc;
      const rarity = index.rarity[term];
      for (let k = index.postingPtr[term]; k < index.postingPtr[term + 1]; k++) {
        const variant = index.postings[k];
        if (covered[variant] === 0) {
          if (nTouched === this.touched.length) this.touched = grown(this.touched, nTouched + 1);
          this.touched[nTouched++] = variant;
        }
        covered[variant] += rarity;
      }
    }
    return nTouched;
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

/** @returns the share that a subject needs to be kept, given all shares in ascending order */
function leastOfBest(shares: Float32Array): number {
  const n = shares.length;
  let nKept = ENOUGH_PARTIAL;
  while (nKept < Math.min(n, MOST_PARTIAL) && shares[n - nKept - 1] >= MOSTLY_COVERED) nKept++;
  return shares[n - nKept];
}
