import type { SubjectId, SuggestionBatch } from '@catchword/core';
import { annifMetrics, emptyDocumentSums, ratio } from './annif-metrics.js';
import { RatioBootstrap } from './bootstrap.js';
import { CalibrationCounter } from './calibration-figures.js';
import { BANDS, bandOf, type Evaluation, type FurtherFigures } from './evaluation.js';
import { expectedF1 } from './expected-f1.js';

export interface EvaluatorOptions {
  /** Subjects of the vocabulary, removed ones included. */
  readonly nSubjects: number;
  /** Annif's metrics see so many suggestions a document; all by default. */
  readonly limit?: number;
  /** Annif's metrics see suggestions with at least this score; 0 by default. */
  readonly threshold?: number;
  /** Shape (nSubjects): training documents of each subject. Without it there are no bands. */
  readonly trainFrequency?: Uint32Array | undefined;
  /** Scores are probabilities, and are compared with what is right. */
  readonly isCalibrated?: boolean;
}

export interface EvaluationOptions {
  /** 1,000 by default; 0 leaves the intervals out. */
  readonly nResamples?: number;
  readonly seed?: number;
}

// The ratios that have intervals; the bands follow.
const F1 = 0;
const NDCG = 1;
const RECALL = 2;
const FIRST_BAND = 3;
/** So many suggestions of a document are compared with their probabilities; those further down are nearly all wrong. */
const CALIBRATED_TO = 10;

/**
 * Compares suggestions with gold subjects, batch by batch; what it keeps does not grow with the number of documents.
 *
 * Annif's metrics see the suggestions within `limit` and `threshold`; all else sees every suggestion handed in, so that
 * nDCG@20 can be measured beside Annif's figures at `limit` 10.
 */
export class Evaluator {
  private readonly nSubjects: number;
  private readonly limit: number;
  private readonly threshold: number;
  private readonly trainFrequency: Uint32Array | undefined;
  private readonly truePositives: Uint32Array;
  private readonly falsePositives: Uint32Array;
  private readonly falseNegatives: Uint32Array;
  /** Shape (nSubjects): the number of the last document that has the subject as gold, from 1. */
  private readonly goldOf: Uint32Array;
  private readonly sums = emptyDocumentSums();
  private readonly bootstrap: RatioBootstrap;
  private readonly calibration: CalibrationCounter | undefined;
  private readonly bandHits = new Uint32Array(BANDS.length);
  private readonly bandGold = new Uint32Array(BANDS.length);
  /** Entry n: the sum of the first n discounts, which is the DCG of n hits in a row. */
  private idealDcg = new Float64Array(1);
  /** Entry n: hits and DCG among the first n suggestions of the document at hand. */
  private hitsOf = new Uint32Array(1);
  private dcgOf = new Float64Array(1);
  private nDocs = 0;
  private nDocsWithGold = 0;
  private nDocsWithoutSuggestion = 0;
  private nSuggestions = 0;
  private nGold = 0;
  // sums over documents
  private hitsAt1 = 0;
  private hitsAt3 = 0;
  private hitsAt5 = 0;
  private hitsAt10 = 0;
  private f1At5 = 0;
  private recallAt10 = 0;
  private ndcgAt5 = 0;
  private ndcgAt10 = 0;
  private ndcgAt20 = 0;

  constructor(options: EvaluatorOptions) {
    const { nSubjects, trainFrequency } = options;
    if (trainFrequency && trainFrequency.length !== nSubjects) {
      throw new RangeError(`${trainFrequency.length} training frequencies but ${nSubjects} subjects`);
    }
    this.nSubjects = nSubjects;
    this.limit = options.limit ?? Number.POSITIVE_INFINITY;
    this.threshold = options.threshold ?? 0;
    this.trainFrequency = trainFrequency;
    this.calibration = options.isCalibrated ? new CalibrationCounter() : undefined;
    this.truePositives = new Uint32Array(nSubjects);
    this.falsePositives = new Uint32Array(nSubjects);
    this.falseNegatives = new Uint32Array(nSubjects);
    this.goldOf = new Uint32Array(nSubjects);
    this.bootstrap = new RatioBootstrap(FIRST_BAND + (trainFrequency ? BANDS.length : 0));
  }

  /**
   * Adds documents.
   *
   * @param batch suggestions, a row for each document, by falling score
   * @param gold gold subjects of each document; repeated ids count once
   * @param limits for each document what Annif's metrics see of it; the evaluator's own limit unless given
   * @throws {RangeError} if the two differ in the number of documents, or an id is not below nSubjects
   */
  add(batch: SuggestionBatch, gold: readonly ArrayLike<SubjectId>[], limits?: ArrayLike<number>): void {
    if (batch.nDocs !== gold.length) {
      throw new RangeError(`suggestions for ${batch.nDocs} documents but gold subjects for ${gold.length}`);
    }
    for (let i = 0; i < gold.length; i++) this.addDocument(batch, i, gold[i], limits?.[i] ?? this.limit);
  }

  /**
   * Computes all figures of the documents added so far.
   *
   * @returns counts that later calls of `add` do not change
   */
  finish(options: EvaluationOptions = {}): Evaluation {
    const intervals = this.bootstrap.intervals(options.nResamples ?? 1000, options.seed ?? 20240);
    const subjects = {
      truePositives: this.truePositives.slice(),
      falsePositives: this.falsePositives.slice(),
      falseNegatives: this.falseNegatives.slice(),
    };
    const { nDocs, nDocsWithGold, nGold } = this;
    const mean = (sum: number) => ratio(sum, nDocs);
    const overGold = (sum: number) => (nDocsWithGold > 0 ? sum / nDocsWithGold : null);
    const further: FurtherFigures = {
      nDocsWithGold,
      nGold,
      nDocsWithoutSuggestion: this.nDocsWithoutSuggestion,
      meanSuggestions: mean(this.nSuggestions),
      precisionAt1: mean(this.hitsAt1),
      precisionAt3: mean(this.hitsAt3 / 3),
      precisionAt5: mean(this.hitsAt5 / 5),
      f1At5: mean(this.f1At5),
      f1At5Interval: intervals[F1],
      ndcgAt5: overGold(this.ndcgAt5),
      ndcgAt10: overGold(this.ndcgAt10),
      ndcgAt10Interval: intervals[NDCG],
      ndcgAt20: overGold(this.ndcgAt20),
      recallAt10: nGold > 0 ? this.hitsAt10 / nGold : null,
      recallAt10Interval: intervals[RECALL],
      recallAt10DocAvg: overGold(this.recallAt10),
      bands: this.trainFrequency
        ? BANDS.map((band, b) => ({
            band,
            nGold: this.bandGold[b],
            recallAt10: this.bandGold[b] > 0 ? this.bandHits[b] / this.bandGold[b] : null,
            interval: intervals[FIRST_BAND + b],
          }))
        : [],
      calibration: this.calibration?.finish() ?? null,
    };
    return { nDocs, metrics: annifMetrics(nDocs, this.sums, subjects), further, subjects };
  }

  private addDocument(batch: SuggestionBatch, row: number, gold: ArrayLike<SubjectId>, limit: number): void {
    this.nDocs++;
    const nGold = this.markGold(gold);
    const start = batch.indptr[row];
    const end = batch.indptr[row + 1];
    this.reserve(Math.max(end - start, nGold));

    let n = 0; // suggestions above zero
    let nKept = 0; // of these, within limit and threshold
    for (let k = start; k < end && batch.scores[k] > 0; k++) {
      this.countSuggestion(batch.subjectIds[k], n);
      n++;
      if (n <= limit && batch.scores[k] >= this.threshold) nKept = n;
    }
    for (let k = start; k < start + nKept; k++) this.countKept(batch.subjectIds[k]);

    this.addAnnif(nKept, nGold);
    this.addFurther(n, nGold);
    this.addCalibration(batch, start, end, nKept, nGold);
    this.bootstrap.endDocument();
  }

  /** @returns the number of distinct gold subjects */
  private markGold(gold: ArrayLike<SubjectId>): number {
    const { goldOf, nDocs, trainFrequency } = this;
    let nGold = 0;
    for (let g = 0; g < gold.length; g++) {
      const id = gold[g];
      if (!(id < this.nSubjects)) throw new RangeError(`gold subject ${id} but ${this.nSubjects} subjects`);
      if (goldOf[id] === nDocs) continue;
      goldOf[id] = nDocs;
      nGold++;
      this.falseNegatives[id]++;
      if (trainFrequency) {
        const band = bandOf(trainFrequency[id]);
        this.bandGold[band]++;
        this.bootstrap.add(FIRST_BAND + band, 0, 1);
      }
    }
    return nGold;
  }

  private countSuggestion(id: SubjectId, rank: number): void {
    if (!(id < this.nSubjects)) throw new RangeError(`suggested subject ${id} but ${this.nSubjects} subjects`);
    const { hitsOf, dcgOf, idealDcg, trainFrequency } = this;
    const hit = this.goldOf[id] === this.nDocs;
    hitsOf[rank + 1] = hitsOf[rank] + (hit ? 1 : 0);
    dcgOf[rank + 1] = dcgOf[rank] + (hit ? idealDcg[rank + 1] - idealDcg[rank] : 0);
    if (hit && rank < 10 && trainFrequency) {
      const band = bandOf(trainFrequency[id]);
      this.bandHits[band]++;
      this.bootstrap.add(FIRST_BAND + band, 1, 0);
    }
  }

  private countKept(id: SubjectId): void {
    if (this.goldOf[id] === this.nDocs) {
      this.truePositives[id]++;
      this.falseNegatives[id]--;
    } else this.falsePositives[id]++;
  }

  private addCalibration(batch: SuggestionBatch, start: number, end: number, nKept: number, nGold: number): void {
    const { calibration, trainFrequency, goldOf, nDocs } = this;
    if (!calibration) return;
    for (let k = start; k < Math.min(end, start + CALIBRATED_TO); k++) {
      const id = batch.subjectIds[k];
      calibration.addSuggestion(batch.scores[k], goldOf[id] === nDocs, trainFrequency?.[id] ?? 0);
    }
    const expected = expectedF1(batch.scores, start, end, nKept);
    calibration.addDocument(expected, ratio(2 * this.hitsOf[nKept], nKept + nGold));
  }

  private addAnnif(n: number, nGold: number): void {
    const { sums, hitsOf } = this;
    const hits = hitsOf[n];
    const hitsAt5 = hitsOf[Math.min(5, n)];
    sums.precision += ratio(hits, n);
    sums.recall += ratio(hits, nGold);
    sums.f1 += ratio(2 * hits, n + nGold);
    sums.f1At5 += ratio(2 * hitsAt5, Math.min(5, n) + nGold);
    sums.precisionAt1 += ratio(hitsOf[Math.min(1, n)], Math.min(1, n));
    sums.precisionAt3 += ratio(hitsOf[Math.min(3, n)], Math.min(3, n));
    sums.precisionAt5 += ratio(hitsAt5, Math.min(5, n));
    // a document without gold subjects counts as perfect
    sums.ndcg += nGold > 0 ? Math.fround(this.dcgOf[n] / this.idealDcg[nGold]) : 1;
    sums.ndcgAt5 += nGold > 0 ? Math.fround(this.ndcg(5, n, nGold)) : 1;
    sums.ndcgAt10 += nGold > 0 ? Math.fround(this.ndcg(10, n, nGold)) : 1;
  }

  private addFurther(n: number, nGold: number): void {
    const { hitsOf, bootstrap } = this;
    const hitsAt5 = hitsOf[Math.min(5, n)];
    const hitsAt10 = hitsOf[Math.min(10, n)];
    const f1At5 = ratio(2 * hitsAt5, Math.min(5, n) + nGold);
    this.nSuggestions += n;
    if (n === 0) this.nDocsWithoutSuggestion++;
    this.hitsAt1 += hitsOf[Math.min(1, n)];
    this.hitsAt3 += hitsOf[Math.min(3, n)];
    this.hitsAt5 += hitsAt5;
    this.hitsAt10 += hitsAt10;
    this.f1At5 += f1At5;
    bootstrap.add(F1, f1At5, 1);
    this.nGold += nGold;
    bootstrap.add(RECALL, hitsAt10, nGold);
    if (nGold === 0) return;
    this.nDocsWithGold++;
    this.recallAt10 += hitsAt10 / nGold;
    const ndcgAt10 = this.ndcg(10, n, nGold);
    this.ndcgAt5 += this.ndcg(5, n, nGold);
    this.ndcgAt10 += ndcgAt10;
    this.ndcgAt20 += this.ndcg(20, n, nGold);
    bootstrap.add(NDCG, ndcgAt10, 1);
  }

  private ndcg(k: number, n: number, nGold: number): number {
    return this.dcgOf[Math.min(k, n)] / this.idealDcg[Math.min(k, nGold)];
  }

  /** Makes room for ranks up to n. */
  private reserve(n: number): void {
    const known = this.idealDcg.length;
    if (n < known) return;
    const size = Math.max(n + 1, 2 * known, 64);
    const idealDcg = new Float64Array(size);
    idealDcg.set(this.idealDcg);
    for (let i = known; i < size; i++) idealDcg[i] = idealDcg[i - 1] + 1 / Math.log2(i + 1);
    this.idealDcg = idealDcg;
    this.hitsOf = new Uint32Array(size);
    this.dcgOf = new Float64Array(size);
  }
}
