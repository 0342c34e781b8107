import { Random } from '@catchword/math';
import type { SourceWeight } from '@catchword/sources';

/** One choice of weights and exponents, and how good it was. */
export interface WeightTrial {
  /** One for each source; the weights add up to 1. */
  readonly weights: readonly SourceWeight[];
  readonly value: number;
}

/** How weights are looked for. */
export interface WeightSearch {
  readonly nTrials: number;
  /** Where the search begins: the weights that the ensemble has, say. */
  readonly start: readonly SourceWeight[];
  /** Whether exponents are tried too; otherwise all are 1. */
  readonly exponents: boolean;
  readonly seed: number;
}

/** What weights and exponents are worth on documents. */
export type WeightObjective = (weights: readonly SourceWeight[], docs: ArrayLike<number>) => number;

/** Exponents found on two thirds of the documents, measured on the rest, by turns. */
export interface ExponentsCheck {
  readonly with: number;
  readonly without: number;
}

/** The outcome of a search. */
export interface TunedWeights {
  readonly best: WeightTrial;
  /** In the order tried. */
  readonly trials: readonly WeightTrial[];
  /** Absent where no exponents were looked for. */
  readonly check: ExponentsCheck | undefined;
}

/** The share of the trials that are drawn at large; the rest are drawn near the best one. */
const AT_LARGE = 0.25;
/** How far weights go from the best ones, in natural logarithms: at first, and at last. */
const STEPS = [0.9, 0.12] as const;
const EXPONENTS = [0.2, 10] as const;
const N_FOLDS = 3;
/** With fewer documents exponents would only fit them. */
const LEAST_DOCS = 30;

/**
 * Looks for the weights, and where they help the exponents, with the highest value.
 *
 * Whether exponents help is found out on documents that they were not chosen by, in further searches of the same length;
 * then one search over all documents gives the result. Costs `nTrials` evaluations on all documents, and five times as many
 * where exponents are looked for.
 *
 * @param nDocs documents are numbered from 0
 * @param onTrial called after each evaluation of the last search; what it throws ends the search
 */
export async function tuneWeights(
  nDocs: number,
  objective: WeightObjective,
  search: WeightSearch,
  onTrial?: (done: number) => void | Promise<void>,
): Promise<TunedWeights> {
  const check = search.exponents && nDocs >= LEAST_DOCS ? await checkExponents(nDocs, objective, search) : undefined;
  const exponents = check !== undefined && check.with > check.without;
  const all = Uint32Array.from({ length: nDocs }, (_, i) => i);
  const trials = await searchWeights(all, objective, { ...search, exponents }, onTrial);
  return { best: bestOf(trials), trials, check };
}

async function checkExponents(nDocs: number, objective: WeightObjective, search: WeightSearch) {
  const sums = { with: 0, without: 0 };
  for (let fold = 0; fold < N_FOLDS; fold++) {
    const [learn, held]: [number[], number[]] = [[], []];
    for (let i = 0; i < nDocs; i++) (i % N_FOLDS === fold ? held : learn).push(i);
    for (const exponents of [true, false]) {
      const { weights } = bestOf(await searchWeights(learn, objective, { ...search, exponents }));
      sums[exponents ? 'with' : 'without'] += (objective(weights, held) * held.length) / nDocs;
    }
  }
  return sums;
}

/** Draws at large, then ever nearer to the best so far: the first trials are the start and equal weights. */
async function searchWeights(
  docs: ArrayLike<number>,
  objective: WeightObjective,
  search: WeightSearch,
  onTrial?: (done: number) => void | Promise<void>,
): Promise<WeightTrial[]> {
  const { nTrials, exponents, start } = search;
  const random = new Random(search.seed);
  const trials: WeightTrial[] = [];
  let best: WeightTrial | undefined;
  const startsEqual = start.every(({ weight, exponent }) => weight === start[0]?.weight && exponent === 1);
  const nAtLarge = Math.max(2, Math.ceil(AT_LARGE * nTrials));
  for (let t = 0; t < nTrials; t++) {
    let weights: SourceWeight[];
    if (t === 0 || !best) weights = start.map((each) => (exponents ? each : { ...each, exponent: 1 }));
    else if (t === 1 && !startsEqual) weights = start.map(() => ({ weight: 1, exponent: 1 }));
    else if (t < nAtLarge) weights = start.map(() => ({ weight: -Math.log(1 - random.uniform()), exponent: 1 }));
    else {
      const step = STEPS[0] * (STEPS[1] / STEPS[0]) ** ((t - nAtLarge) / Math.max(1, nTrials - nAtLarge - 1));
      weights = near(best.weights, step, exponents, random);
    }
    const total = weights.reduce((sum, { weight }) => sum + weight, 0);
    weights = weights.map(({ weight, exponent }) => ({ weight: round(weight / total), exponent: round(exponent) }));
    const trial = { weights, value: objective(weights, docs) };
    trials.push(trial);
    if (!best || trial.value > best.value) best = trial;
    await onTrial?.(trials.length);
  }
  return trials;
}

/** Weights near others; a source that had lost all weight may come back. */
function near(best: readonly SourceWeight[], step: number, exponents: boolean, random: Random): SourceWeight[] {
  return best.map(({ weight, exponent }) => {
    const moved = Math.max(weight, 0.01) * Math.exp(step * gaussian(random));
    if (!exponents) return { weight: moved, exponent };
    const steeper = exponent * Math.exp(0.7 * step * gaussian(random));
    return { weight: moved, exponent: Math.min(EXPONENTS[1], Math.max(EXPONENTS[0], steeper)) };
  });
}

/** A sum of uniform numbers, of mean 0 and variance 1, at most 3 in size. */
function gaussian(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.uniform();
  return Math.max(-3, Math.min(3, sum));
}

/** Four digits, as they are printed: what is tried is what can be pasted. */
function round(value: number): number {
  return Number(value.toFixed(4));
}

function bestOf(trials: readonly WeightTrial[]): WeightTrial {
  return trials.reduce((a, b) => (b.value > a.value ? b : a));
}
