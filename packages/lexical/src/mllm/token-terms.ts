import type { Analysis, Analyzer } from '@catchword/core';
import { NO_TERM } from '@catchword/core';
import { hashString } from '@catchword/math';
import { grown } from './grown.js';
import type { LabelIndex } from './label-index.js';

/** In place of a label term: a token that the analyzer leaves out, and that no label stands for either. */
const LEFT_OUT = -2;

/** Tells the label terms and the hashes of tokens; what was looked up once is kept by the analyzer's ids. */
export class TokenTerms {
  /** Per token of the document its label term; -1 where no label has it, LEFT_OUT where the analyzer has no term. */
  terms = new Int32Array(1 << 10);
  private readonly index: LabelIndex;
  private readonly analyzer: Analyzer;
  private epoch: number;
  /** Per analyzer id the label term + 2; 1 no label has it; 0 not looked up yet. */
  private ofTerm = new Uint32Array(1 << 12);
  private ofSurface = new Uint32Array(1 << 12);
  /** Per surface id its hash, where `isHashed`. */
  private hashes = new Uint32Array(1 << 12);
  private isHashed = new Uint8Array(1 << 12);

  constructor(index: LabelIndex, analyzer: Analyzer) {
    this.index = index;
    this.analyzer = analyzer;
    this.epoch = analyzer.epoch;
  }

  lookUp(analysis: Analysis): void {
    this.makeRoom(analysis.nTokens);
    const { index, analyzer, terms, ofTerm, ofSurface } = this;
    for (let i = 0; i < analysis.nTokens; i++) {
      const term = analysis.terms[i];
      const surface = analysis.surfaces[i];
      if (term !== NO_TERM) {
        let known = ofTerm[term];
        if (known === 0) known = ofTerm[term] = index.termOf(analyzer, term, surface) + 2;
        terms[i] = known - 2;
      } else {
        let known = ofSurface[surface];
        if (known === 0) known = ofSurface[surface] = index.termOf(analyzer, term, surface) + 2;
        terms[i] = known === 1 ? LEFT_OUT : known - 2;
      }
    }
  }

  /** @returns the hash of a surface form of the document looked up last */
  hashOf(surface: number): number {
    if (this.isHashed[surface] === 0) {
      this.hashes[surface] = hashString(this.analyzer.surface(surface));
      this.isHashed[surface] = 1;
    }
    return this.hashes[surface];
  }

  private makeRoom(nTokens: number): void {
    const { nTerms, nSurfaces, epoch } = this.analyzer;
    if (this.epoch !== epoch) {
      this.epoch = epoch;
      this.ofTerm.fill(0);
      this.ofSurface.fill(0);
      this.isHashed.fill(0);
    }
    this.ofTerm = grown(this.ofTerm, nTerms + 1);
    this.ofSurface = grown(this.ofSurface, nSurfaces + 1);
    this.hashes = grown(this.hashes, nSurfaces + 1);
    if (this.isHashed.length < this.hashes.length) {
      const more = new Uint8Array(this.hashes.length);
      more.set(this.isHashed);
      this.isHashed = more;
    }
    if (this.terms.length < nTokens) this.terms = new Int32Array(nTokens * 2);
  }
}
