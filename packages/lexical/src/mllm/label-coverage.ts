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
    const { index, candidates, covered } = this;
    const nTouched = this.addUp(tokenTerm, nTokens);
    let nPartial = 0;
    for (let i = 0; i < nTouched; i++) {
      const variant = this.touched[i];
      if (candidates.has(index.variantSubject[variant])) this.count(variant);
      else if (this.shareOf(variant) >= this.least) {
        this.partial = grown(this.partial, nPartial + 1);
        this.partial[nPartial++] = variant;
      }
    }
    let least = 0;
    if (nPartial > ENOUGH_PARTIAL) {
      const shares = Float32Array.from(this.partial.subarray(0, nPartial), (variant) => this.shareOf(variant)).sort();
      let nKept = ENOUGH_PARTIAL;
      while (nKept < Math.min(nPartial, MOST_PARTIAL) && shares[nPartial - nKept - 1] >= MOSTLY_COVERED) nKept++;
      least = shares[nPartial - nKept];
    }
    for (let i = 0; i < nPartial; i++) {
      const variant = this.partial[i];
      if (Math.fround(this.shareOf(variant)) < least) continue;
      this.count(variant);
      if (candidates.records) this.record(variant, tokenTerm, nTokens);
    }
    for (let i = 0; i < nTouched; i++) covered[this.touched[i]] = 0;
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

  private shareOf(variant: number): number {
    return Math.min(1, this.covered[variant] / this.index.variantWeight[variant]);
  }

  private count(variant: number): void {
    const row = this.candidates.row(this.index.variantSubject[variant]);
    const e = this.candidates.evidence;
    const share = this.shareOf(variant);
    if (share <= e[row + E.coverage]) return;
    e[row + E.coverage] = share;
    e[row + E.coveredWeight] = this.covered[variant];
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
