import type { Analysis, Analyzer } from '@catchword/core';
import { NO_TERM } from '@catchword/core';
import type { CandidateSet } from './candidate-set.js';
import * as E from './evidence-columns.js';
import { grown } from './grown.js';
import type { LabelIndex } from './label-index.js';
import { LABEL_BEGINS_WORD, LABEL_ENDS_WORD, WordLinks } from './word-links.js';

/** Finds one-word labels that begin or end a word of the text, or that a word of the text begins or ends. */
export class WordParts {
  private readonly analyzer: Analyzer;
  private readonly candidates: CandidateSet;
  private readonly links: WordLinks;
  /** Per surface id how often the text has it, and its first token; the counts are zero between documents. */
  private times = new Uint32Array(1 << 12);
  private first = new Uint32Array(1 << 12);
  private surfaces = new Uint32Array(1 << 10);

  constructor(index: LabelIndex, analyzer: Analyzer, candidates: CandidateSet) {
    this.analyzer = analyzer;
    this.candidates = candidates;
    this.links = new WordLinks(index, analyzer);
  }

  match(analysis: Analysis): void {
    this.times = grown(this.times, this.analyzer.nSurfaces + 1);
    this.first = grown(this.first, this.analyzer.nSurfaces + 1);
    this.surfaces = grown(this.surfaces, analysis.nTokens);
    const { links, times, first, surfaces } = this;
    let nSurfaces = 0;
    for (let i = 0; i < analysis.nTokens; i++) {
      if (analysis.terms[i] === NO_TERM) continue;
      const surface = analysis.surfaces[i];
      if (times[surface]++ === 0) {
        first[surface] = i;
        surfaces[nSurfaces++] = surface;
      }
    }
    for (let i = 0; i < nSurfaces; i++) {
      const surface = surfaces[i];
      const list = links.listOf(surface, analysis.terms[first[surface]]);
      for (let link = links.begin(list), end = links.end(list); link < end; link++) {
        this.count(link, times[surface], first[surface]);
      }
      times[surface] = 0;
    }
  }

  private count(link: number, times: number, first: number): void {
    const { candidates, links } = this;
    const kind = links.kind(link);
    const share = links.share(link);
    const row = candidates.row(links.subject(link));
    const e = candidates.evidence;
    if (kind <= LABEL_ENDS_WORD) {
      if (e[row + E.begins] + e[row + E.ends] === 0 || first < e[row + E.firstPart]) e[row + E.firstPart] = first;
      if (kind === LABEL_BEGINS_WORD) e[row + E.begins] += times;
      else e[row + E.ends] += times;
      if (share > e[row + E.partShare]) e[row + E.partShare] = share;
    } else {
      if (e[row + E.holds] === 0 || first < e[row + E.firstHold]) e[row + E.firstHold] = first;
      e[row + E.holds] += times;
      if (share > e[row + E.holdShare]) e[row + E.holdShare] = share;
    }
    candidates.records?.push({
      subject: links.subject(link),
      variant: links.variant(link),
      from: first,
      to: first + 1,
      kind: 'compound',
    });
  }
}
