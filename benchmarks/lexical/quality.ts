import type { CatchwordEvaluation } from '../harness/indexing-program.js';
import { EVALUATE_SCRIPT } from '../harness/places.js';
import { runProgram } from '../harness/run-program.js';
import type { Quality } from './result-line.js';

const BANDS = ['0', '1-9', '10-100', '>100'];

/**
 * Evaluates predictions by the script that comes with the collections and knows neither program.
 *
 * @param python one that has numpy
 * @param train the very documents that were trained on: bands count in them
 */
export async function evaluateIndependently(
  python: string,
  gold: string,
  predictions: string,
  train: string,
): Promise<Quality> {
  const args = [EVALUATE_SCRIPT, '--gold', gold, '--pred', predictions, '--train', train];
  const figures = JSON.parse((await runProgram(python, args)).stdout) as Record<string, unknown>;
  const number = (name: string): number => {
    const value = figures[name];
    if (typeof value !== 'number') throw new TypeError(`evaluate.py gave no number as ${name}, but ${String(value)}`);
    return value;
  };
  const bands = figures['R@10_bands'] as Record<string, { 'R@10': number | null; n: number } | undefined>;
  return {
    nDocs: number('documents'),
    precisionAt1: number('P@1'),
    precisionAt5: number('P@5'),
    f1At5: number('F1@5'),
    ndcgAt10: number('nDCG@10'),
    recallAt10: number('R@10'),
    bands: BANDS.map((band) => bands[band]?.['R@10'] ?? null),
    nGold: BANDS.map((band) => bands[band]?.n ?? 0),
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

/** @returns what differs once rounded to four decimals, in words; empty where both evaluators agree */
export function differences(one: Quality, other: Quality): string[] {
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
  BANDS.forEach((band, i) => {
    compare(`R@10 of band ${band}`, one.bands[i] ?? null, other.bands[i] ?? null);
    compare(`gold subjects of band ${band}`, one.nGold[i] ?? 0, other.nGold[i] ?? 0);
  });
  return found;
}
