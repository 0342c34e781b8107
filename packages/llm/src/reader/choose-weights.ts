import { fitWeights, type GradedRow, LearntWeights, meanValue, type Weights } from './learnt-weights.js';

/** A document with what its sources suggest and what a model made of the first of these. */
export interface ReadDocument {
  readonly subjectIds: Uint32Array;
  /** Falling. */
  readonly scores: Float32Array;
  /** Of the first candidates; NaN where nothing was said. */
  readonly values: Float64Array;
  readonly gold: ReadonlySet<number>;
  /** Deals documents into folds: equal for equal texts. */
  readonly hash: number;
}

const SHARES = [0, 0.25, 0.5, 0.75, 1];
const N_FOLDS = 5;
const FIGURES_TO = 10;

/** What cross-validation says of reading. */
export interface ReadingFigures {
  /** Mean nDCG@10 of the sources alone, and with as much of the model's opinion as was chosen. */
  readonly ndcgAt10OfSources: number;
  readonly ndcgAt10: number;
}

/**
 * Learns how much a model's opinion is worth: weights, and the share of them with which documents that they were not
 * fitted on are ranked best.
 *
 * A share above 0 has to bring more than half of the gain's standard error: what a useless model seems to bring by chance is
 * not taken.
 */
export function chooseWeights(
  docs: readonly ReadDocument[],
  isCalibrated: boolean,
): { readonly weights: Weights; readonly figures: ReadingFigures } {
  const gains = SHARES.map((): number[] => []);
  const base: number[] = [];
  for (let fold = 0; fold < N_FOLDS; fold++) {
    const others = docs.filter(({ hash }) => hash % N_FOLDS !== fold);
    const held = docs.filter(({ hash }) => hash % N_FOLDS === fold);
    const fitted = fitWeights(gradedRows(others), isCalibrated);
    for (const doc of held) {
      const before = ndcg(doc, doc.scores);
      base.push(before);
      SHARES.forEach((share, s) => {
        const after =
          share === 0 ? before : ndcg(doc, new LearntWeights({ ...fitted, share }).fuse(doc.scores, doc.values));
        gains[s]?.push(after - before);
      });
    }
  }
  let best = 0;
  let bestWorth = 0;
  gains.forEach((each, s) => {
    const worth = mean(each) - standardError(each) / 2;
    if (worth > bestWorth) [best, bestWorth] = [s, worth];
  });
  const weights: Weights = { ...fitWeights(gradedRows(docs), isCalibrated), share: SHARES[best] as number };
  const ndcgOfSources = mean(base);
  return { weights, figures: { ndcgAt10OfSources: ndcgOfSources, ndcgAt10: ndcgOfSources + mean(gains[best] ?? []) } };
}

function gradedRows(docs: readonly ReadDocument[]): GradedRow[] {
  return docs.flatMap(({ subjectIds, scores, values, gold }) => {
    const mean = meanValue(values);
    const rows: GradedRow[] = [];
    for (const [i, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      rows.push({ score: scores[i] as number, value, mean, isRight: gold.has(subjectIds[i] as number) });
    }
    return rows;
  });
}

/** nDCG@10 with gains of 0 and 1; gold subjects that no source suggests count in the ideal. */
function ndcg({ subjectIds, gold }: ReadDocument, scores: Float32Array): number {
  const order = Array.from(scores, (_, i) => i).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || (subjectIds[a] as number) - (subjectIds[b] as number),
  );
  let [sum, ideal] = [0, 0];
  for (let rank = 0; rank < FIGURES_TO; rank++) {
    const i = order[rank];
    if (i !== undefined && gold.has(subjectIds[i] as number)) sum += 1 / Math.log2(rank + 2);
    if (rank < gold.size) ideal += 1 / Math.log2(rank + 2);
  }
  return ideal === 0 ? 0 : sum / ideal;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardError(values: readonly number[]): number {
  if (values.length < 2) return Number.POSITIVE_INFINITY;
  const m = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - m) ** 2, 0) / (values.length - 1);
  return Math.sqrt(variance / values.length);
}
