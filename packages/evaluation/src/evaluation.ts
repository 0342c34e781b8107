import type { CalibrationFigures } from './calibration-figures.js';

/** Training-frequency bands of gold subjects: never trained, rare, common, frequent. */
export const BANDS = ['0', '1-9', '10-100', '>100'] as const;
export type Band = (typeof BANDS)[number];

/** A 95 % interval by bootstrap. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Recall of the gold assignments whose subject was so frequent in training. */
export interface BandRecall {
  readonly band: Band;
  /** Gold assignments of the band; where there is none, recall is null. */
  readonly nGold: number;
  readonly recallAt10: number | null;
  readonly interval: Interval | null;
}

/**
 * Figures beyond Annif's, over all suggestions that were handed in, whatever the limit.
 *
 * Null where nothing can be measured: no document with gold subjects, no training frequencies.
 */
export interface FurtherFigures {
  readonly nDocsWithGold: number;
  readonly nGold: number;
  readonly nDocsWithoutSuggestion: number;
  readonly meanSuggestions: number;
  /** Hits among the first k, divided by k; mean over all documents. */
  readonly precisionAt1: number;
  readonly precisionAt3: number;
  readonly precisionAt5: number;
  readonly f1At5: number;
  readonly f1At5Interval: Interval | null;
  /** Mean over documents with gold subjects; Annif's NDCG@k counts those without as 1. */
  readonly ndcgAt5: number | null;
  readonly ndcgAt10: number | null;
  readonly ndcgAt10Interval: Interval | null;
  readonly ndcgAt20: number | null;
  /** Hits among the first 10, divided by gold assignments, over all documents together. */
  readonly recallAt10: number | null;
  readonly recallAt10Interval: Interval | null;
  /** The same by document, mean over documents with gold subjects. */
  readonly recallAt10DocAvg: number | null;
  /** In the order of BANDS; empty where the training frequencies are not known. */
  readonly bands: readonly BandRecall[];
  /** Of the first ten suggestions; null where scores are no probabilities. */
  readonly calibration: CalibrationFigures | null;
}

/** Counts of each subject over the suggestions within limit and threshold, each of shape (nSubjects). */
export interface SubjectCounts {
  readonly truePositives: Uint32Array;
  readonly falsePositives: Uint32Array;
  readonly falseNegatives: Uint32Array;
}

export interface Evaluation {
  readonly nDocs: number;
  /** Annif's metrics by name, in Annif's order, `Documents evaluated` last. */
  readonly metrics: ReadonlyMap<string, number>;
  readonly further: FurtherFigures;
  readonly subjects: SubjectCounts;
}

/** @returns the position in BANDS of a subject with so many training documents */
export function bandOf(trainFrequency: number): number {
  return trainFrequency === 0 ? 0 : trainFrequency < 10 ? 1 : trainFrequency <= 100 ? 2 : 3;
}
