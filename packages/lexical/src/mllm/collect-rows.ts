import type { Analyzer, Vocabulary } from '@catchword/core';
import { Random } from '@catchword/math';
import { N_EVIDENCE } from './candidate-set.js';
import * as E from './evidence-columns.js';
import { N_TEXT_FEATURES, TextFeatures } from './features.js';
import type { LabelIndex } from './label-index.js';
import { Matcher, type MatcherOptions } from './matcher.js';

/** How many candidates that are wrong are kept for each gold subject: some whose label stands in the text, some others. */
const TOGETHER_A_GOLD = 6;
const OTHERS_A_GOLD = 4;

/** Bits of an entry of `RowChunk.candidates`, below the subject's id times 4. */
export const TOGETHER = 1;
export const GOLD = 2;

/** Documents of the training corpus on their way to a thread. */
export interface CollectTask {
  readonly texts: readonly string[];
  readonly gold: readonly (readonly number[])[];
  /** The number of the first document in the corpus. */
  readonly firstDoc: number;
  readonly seed: number;
}

/** What a run of documents contributes: every candidate for counting, a weighted sample of them for learning. */
export interface RowChunk {
  /** Per document one past its last candidate. */
  readonly docEnds: Uint32Array;
  /** subject * 4 + TOGETHER, GOLD. */
  readonly candidates: Float64Array;
  readonly nRows: number;
  /** Shape (nRows, N_TEXT_FEATURES). */
  readonly X: Float32Array;
  readonly subjects: Uint32Array;
  readonly y: Uint8Array;
  readonly weights: Float32Array;
  /** Shape (nRows): the number of the document in the corpus. */
  readonly docs: Uint32Array;
}

/** Matches training documents and samples their candidates: all that are gold, some that are not. */
export class RowCollector {
  private readonly matcher: Matcher;
  private readonly features: TextFeatures;
  private X = new Float32Array(0);

  constructor(index: LabelIndex, vocabulary: Vocabulary, analyzer: Analyzer, options: MatcherOptions) {
    this.matcher = new Matcher(index, analyzer, options);
    this.features = new TextFeatures(vocabulary);
  }

  /** The result depends on the task alone, whichever thread does it. */
  collect(task: CollectTask): RowChunk {
    const docEnds = new Uint32Array(task.texts.length);
    const candidates: number[] = [];
    const rows: Float32Array[] = [];
    const subjects: number[] = [];
    const y: number[] = [];
    const weights: number[] = [];
    const docs: number[] = [];
    task.texts.forEach((text, d) => {
      const found = this.matcher.match(text);
      const { n } = found;
      if (this.X.length < n * N_TEXT_FEATURES) this.X = new Float32Array(n * N_TEXT_FEATURES * 2);
      this.features.fill(found, this.X, N_TEXT_FEATURES);
      const gold = new Set(task.gold[d]);
      const classes = new Uint8Array(n);
      let nTogether = 0;
      let nOthers = 0;
      for (let i = 0; i < n; i++) {
        const subject = found.subjects[i];
        const together = found.evidence[i * N_EVIDENCE + E.count] > 0;
        const isGold = gold.has(subject);
        classes[i] = (together ? TOGETHER : 0) | (isGold ? GOLD : 0);
        candidates.push(subject * 4 + classes[i]);
        if (!isGold && together) nTogether++;
        else if (!isGold) nOthers++;
      }
      docEnds[d] = candidates.length;
      const random = new Random(task.seed * 1_000_003 + task.firstDoc + d);
      const size = Math.max(1, gold.size);
      const togetherRate = Math.min(1, (TOGETHER_A_GOLD * size) / Math.max(1, nTogether));
      const othersRate = Math.min(1, (OTHERS_A_GOLD * size) / Math.max(1, nOthers));
      for (let i = 0; i < n; i++) {
        const isGold = (classes[i] & GOLD) !== 0;
        const rate = isGold ? 1 : classes[i] & TOGETHER ? togetherRate : othersRate;
        if (rate < 1 && random.uniform() >= rate) continue;
        rows.push(this.X.slice(i * N_TEXT_FEATURES, (i + 1) * N_TEXT_FEATURES));
        subjects.push(found.subjects[i]);
        y.push(isGold ? 1 : 0);
        weights.push(1 / rate);
        docs.push(task.firstDoc + d);
      }
    });
    const X = new Float32Array(rows.length * N_TEXT_FEATURES);
    for (let r = 0; r < rows.length; r++) X.set(rows[r], r * N_TEXT_FEATURES);
    return {
      docEnds,
      candidates: Float64Array.from(candidates),
      nRows: rows.length,
      X,
      subjects: Uint32Array.from(subjects),
      y: Uint8Array.from(y),
      weights: Float32Array.from(weights),
      docs: Uint32Array.from(docs),
    };
  }
}
