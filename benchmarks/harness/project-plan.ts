import type { ProgramName } from './indexing-program.js';
import type { Regime } from './regimes.js';
import type { SplitSet } from './split-sets.js';

/** A project of a benchmark, as it is configured and trained in one program or in both. */
export interface ProjectPlan {
  /** In tables, and before the set in the project's id. */
  readonly name: string;
  readonly backend: string;
  readonly programs: readonly ProgramName[];
  /** Further lines of its configuration. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Names of the plans that it combines; they stand before it. */
  readonly sources?: readonly string[];
  /** On what it is trained; `hyperopt` looks for its weights on the validation documents. */
  readonly training: 'train' | 'validate' | 'hyperopt';
  /** Only so many training documents, at equal steps; 0 or nothing is all. */
  readonly nTrain?: number;
  /** Further options of `train`. */
  readonly trainOptions?: readonly string[];
  /** Whether `train` is given the validation documents, too, as those that no source has seen. */
  readonly unseen?: boolean;
  /** Trials of `hyperopt`; `N_TRIALS` if nothing is said. */
  readonly nTrials?: number;
  /** Whether it is measured by its suggestions, too, or is only a source of others. */
  readonly onlySource?: boolean;
}

export const BOTH: readonly ProgramName[] = ['annif', 'catchword'];

/** Trials of `hyperopt` where both programs have the project. */
export const N_TRIALS = 20;

/** Annif's lexical project. */
export function lexicalPlan(set: SplitSet): ProjectPlan {
  return { name: 'mllm', backend: 'mllm', programs: BOTH, training: 'train', nTrain: set.nLexical };
}

/** Omikuji in the shape of Bonsai, as Annif's users configure it. */
export function bonsaiPlan(set: SplitSet, regime: Regime): ProjectPlan {
  const minDf = regime === 'train-1k' ? Math.min(set.minDf, 2) : set.minDf;
  // Annif's has three trees always; it passes over the key.
  const settings = { cluster_balanced: 'False', cluster_k: 100, max_depth: 3, ngram: 2, min_df: minDf, trees: 3 };
  return { name: 'bonsai', backend: 'omikuji', programs: BOTH, settings, training: 'train' };
}

/** @returns the id of a plan's project, the same in both programs */
export function projectId(plan: string, set: SplitSet, regime: Regime): string {
  return `${plan}-${set.name}${regime === 'natural' ? '' : `-${regime}`}`;
}

/**
 * The section of a plan in `projects.cfg`.
 *
 * @param tuned the `sources` setting that `hyperopt` found
 */
export function projectSection(plan: ProjectPlan, set: SplitSet, regime: Regime, tuned: string | undefined): string {
  const id = projectId(plan.name, set, regime);
  const lines = [`[${id}]`, `name=${id}`, `language=${set.language}`, `backend=${plan.backend}`];
  lines.push(`vocab=${set.vocabulary}`, 'limit=100');
  if (plan.sources) lines.push(`sources=${tuned ?? plan.sources.map((s) => projectId(s, set, regime)).join(',')}`);
  else lines.push(`analyzer=snowball(${set.snowball})`);
  for (const [key, value] of Object.entries(plan.settings ?? {})) lines.push(`${key}=${value}`);
  return `${lines.join('\n')}\n`;
}
