import type { FusionRows } from './fusion-table.js';
import { type RankingQuality, rankingQuality } from './ranking-quality.js';

/** What subjects without records are tried to be ordered by beyond their probability. */
const TRIED = [0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.35] as const;
/** With fewer documents chance would choose. */
const LEAST_DOCS = 50;
/** What the chosen bonus may cost in nDCG@10 in any case, and as long as the best source finds more of the untrained subjects. */
const FREELY_LOST = 0.0005;
const MOST_LOST = 0.002;

/**
 * What a candidate is ordered by. Where one gold subject in a hundred has no record, the probability of such a candidate is low; that
 * is right, and yet it would hardly ever be seen. So it is ordered as if it were twice as probable, but by no more than `bonus`: where
 * probabilities are high and an exchange costs much, little changes; near the tenth place, where it costs little, much.
 *
 * @param probability that the ranking gives, before the bands are told apart
 */
export function orderedBy(probability: number, isUntrained: boolean, bonus: number): number {
  return isUntrained ? probability + Math.min(probability, bonus) : probability;
}

/** A bonus, and what it brings. */
export interface ChosenBonus extends RankingQuality {
  readonly bonus: number;
}

/**
 * Chooses the bonus with which most of the untrained gold subjects are among the first ten: of those that cost nothing in nDCG@10, and of
 * those that cost little while the best source has more of these subjects there. Of bonuses with which as many are there it is the least,
 * but while the best source has more, the highest that costs nothing: few documents tell well what a bonus costs, and badly what it brings.
 *
 * @param probabilities shape (nRows), by a model that had not learnt the rows
 * @param sources the columns of the sources' scores
 * @param frequency the column that holds ln(1 + training documents)
 */
export function chooseBonus(
  rows: FusionRows,
  probabilities: Float64Array,
  sources: readonly number[],
  frequency: number,
): ChosenBonus {
  const { X, nFeatures } = rows;
  const column = (c: number) => Float64Array.from(probabilities, (_, i) => X[i * nFeatures + c]);
  const isUntrained = column(frequency).map((logFrequency) => (logFrequency === 0 ? 1 : 0));
  const recalls = sources.map((source) => {
    const scores = column(source).map((score) => (Number.isNaN(score) ? -1 : score));
    return rankingQuality(rows, scores, frequency).recallAt10Untrained;
  });
  const wanted = Math.max(...recalls);
  const of = (bonus: number): ChosenBonus => {
    const ordered = probabilities.map((probability, i) => orderedBy(probability, isUntrained[i] === 1, bonus));
    return { bonus, ...rankingQuality(rows, ordered, frequency) };
  };
  const none = of(0);
  let best = none;
  if (rows.nGold.length < LEAST_DOCS) return none;
  for (const bonus of TRIED) {
    const tried = of(bonus);
    const lost = none.ndcgAt10 - tried.ndcgAt10;
    const lacks = best.recallAt10Untrained < wanted;
    if (lost > (lacks ? MOST_LOST : FREELY_LOST)) break;
    const more = tried.recallAt10Untrained - best.recallAt10Untrained;
    if (more > 0 || (more === 0 && lacks && lost <= FREELY_LOST)) best = tried;
  }
  return best;
}
