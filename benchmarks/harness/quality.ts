import type { CatchwordEvaluation } from './indexing-program.js';
import { EVALUATE_SCRIPT } from './places.js';
import { runProgram } from './run-program.js';

/** Quality of the predictions for a test file. */
export interface Quality {
  readonly nDocs: number;
  readonly precisionAt1: number;
  readonly precisionAt5: number;
  readonly f1At5: number;
  readonly ndcgAt10: number;
  readonly recallAt10: number;
  /** Recall@10 by training-frequency band: 0, 1–9, 10–100, more; null where the band has no gold subject. */
  readonly bands: readonly (number | null)[];
  /** Gold assignments of each band. */
  readonly nGold: readonly number[];
  /** Recall@10 of the labels that were hidden from training; only where some were. */
  readonly recallAt10Masked?: number | null;
}

const BANDS = ['0', '1-9', '10-100', '>100'];

/**
 * Evaluates predictions by the script that comes with the collections and knows neither program.
 *
 * @param python one that has numpy
 * @param train the very documents that were trained on: bands count in them
 * @param masked file of the labels that were taken from those documents
 */
export async function evaluateIndependently(
  python: string,
  gold: string,
  predictions: string,
  train: string,
  masked?: string,
): Promise<Quality> {
  const args = [EVALUATE_SCRIPT, '--gold', gold, '--pred', predictions, '--train', train];
  if (masked !== undefined) args.push('--masked', masked);
  const figures = JSON.parse((await runProgram(python, args)).stdout) as Record<string, unknown>;
  const number = (name: string): number => {
    const value = figures[name];
    if (typeof value !== 'number') throw new TypeError(`evaluate.py gave no number as ${name}, but ${String(value)}`);
    return value;
  };
  const bands = figures['R@10_bands'] as Record<string, { 'R@10': number | null; n: number } | undefined>;
  const ofMasked = figures['R@10_masked'] as { 'R@10': number | null } | undefined;
  return {
    nDocs: number('documents'),
    precisionAt1: number('P@1'),
    precisionAt5: number('P@5'),
    f1At5: number('F1@5'),
    ndcgAt10: number('nDCG@10'),
    recallAt10: number('R@10'),
    bands: BANDS.map((band) => bands[band]?.['R@10'] ?? null),
    nGold: BANDS.map((band) => bands[band]?.n ?? 0),
    ...(ofMasked === undefined ? undefined : { recallAt10Masked: ofMasked['R@10'] }),
  };
}

/** The same figures as `catchword eval` gives them. */
export function qualityOf({ further }: CatchwordEvaluation): Quality {
  const band = (name: string) => further.bands.find((each) => each.band === name);
  return {
    nDocs: further.nDocsWithGold,
    precisionAt1: further.precisionAt1,
    precisionAt5: further.precisionAt5,
    f1At5: further.f1At5,
    ndcgAt10: further.ndcgAt10,
    recallAt10: further.recallAt10,
    bands: BANDS.map((name) => band(name)?.recallAt10 ?? null),
    nGold: BANDS.map((name) => band(name)?.nGold ?? 0),
  };
}

/**
 * @param ofBands whether the bands are compared: not where both counted in different training documents
 * @returns what differs once rounded to four decimals, in words; empty where both evaluators agree
 */
export function differences(one: Quality, other: Quality, ofBands = true): string[] {
  const found: string[] = [];
  const compare = (name: string, a: number | null, b: number | null) => {
    if ((a === null) !== (b === null) || (a !== null && b !== null && Math.abs(a - b) >= 0.00005)) {
      found.push(`${name}: ${a} and ${b}`);
    }
  };
  compare('documents', one.nDocs, other.nDocs);
  compare('P@1', one.precisionAt1, other.precisionAt1);
  compare('P@5', one.precisionAt5, other.precisionAt5);
  compare('F1@5', one.f1At5, other.f1At5);
  compare('nDCG@10', one.ndcgAt10, other.ndcgAt10);
  compare('R@10', one.recallAt10, other.recallAt10);
  if (!ofBands) return found;
  BANDS.forEach((band, i) => {
    compare(`R@10 of band ${band}`, one.bands[i] ?? null, other.bands[i] ?? null);
    compare(`gold subjects of band ${band}`, one.nGold[i] ?? 0, other.nGold[i] ?? 0);
  });
  return found;
}
