import type { FusionRows } from './fusion-table.js';
import { promoteUntrained } from './promote-untrained.js';
import { type RankingQuality, rankingQuality } from './ranking-quality.js';

/** How many times as probable subjects without records are tried to be taken for. */
const TRIED = [1.25, 1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30] as const;
/** With fewer documents chance would choose. */
const LEAST_DOCS = 50;
/** With fewer gold subjects without records it cannot be seen whether the best source has more of them. */
const LEAST_UNTRAINED = 100;
/** What the chosen factor may cost in nDCG@10, and as long as the best source finds more of the untrained subjects. */
const FREELY_LOST = 0.0005;
const MOST_LOST = 0.002;
/** Neither is more than this for each gold subject without a record: where next to none is, nothing is to be gained that would be worth more. */
const MOST_LOST_OF_SHARE = 0.25;

/** A factor, and what it brings. */
export interface ChosenFactor extends RankingQuality {
  /** See `promoteUntrained`. */
  readonly factor: number;
}

/**
 * Chooses how many times as probable subjects without records are taken for in the choice of the first ten. The higher the factor, the more
 * of them are there, right ones and wrong ones. What it costs in nDCG@10 is seen in all documents, what it brings only in those few that have such a subject.
 *
 * So the factor rises as long as it costs next to nothing and brings something; and up to the highest cost as long as the best source has more of
 * the untrained gold subjects among its first ten, or where there are so few of these that this cannot be seen. The rarer they are, the less it may cost.
 *
 * @param probabilities shape (nRows), by a model that had not learnt the rows
 * @param sources the columns of the sources' scores
 * @param frequency the column that holds ln(1 + training documents)
 */
export function chooseFactor(
  rows: FusionRows,
  probabilities: Float64Array,
  sources: readonly number[],
  frequency: number,
): ChosenFactor {
  const { X, nFeatures, nGold } = rows;
  const of = (factor: number): ChosenFactor => {
    const arrange = (order: Uint32Array) =>
      promoteUntrained(order, probabilities, (row) => X[row * nFeatures + frequency] === 0, factor);
    return { factor, ...rankingQuality(rows, probabilities, frequency, arrange) };
  };
  const none = of(1);
  if (nGold.length < LEAST_DOCS || none.nUntrained === 0) return none;
  const recalls = sources.map((source) => {
    const scores = probabilities.map((_, row) => {
      const score = X[row * nFeatures + source];
      return Number.isNaN(score) ? -1 : score;
    });
    return rankingQuality(rows, scores, frequency).recallAt10Untrained;
  });
  const wanted = none.nUntrained < LEAST_UNTRAINED ? Number.POSITIVE_INFINITY : Math.max(...recalls);
  const mostLost = Math.min(MOST_LOST, (none.nUntrained / none.nGold) * MOST_LOST_OF_SHARE);
  let best = none;
  for (const factor of TRIED) {
    const tried = of(factor);
    const lost = none.ndcgAt10 - tried.ndcgAt10;
    const lacks = best.recallAt10Untrained < wanted;
    if (lost > (lacks ? mostLost : Math.min(FREELY_LOST, mostLost))) break;
    if (lacks || tried.recallAt10Untrained > best.recallAt10Untrained) best = tried;
  }
  return best;
}
