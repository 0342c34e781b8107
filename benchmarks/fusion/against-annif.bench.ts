// Does Catchword's fusion rank better than Annif's ensembles of the same kinds, and keep never-trained subjects reachable?
import { runProjectBenchmark } from '../harness/project-benchmark.js';
import { BOTH, bonsaiPlan, lexicalPlan, type ProjectPlan } from '../harness/project-plan.js';
import { projectTables } from '../harness/project-tables.js';
import type { Regime } from '../harness/regimes.js';
import { SPLIT_SETS, type SplitSet } from '../harness/split-sets.js';
import { fusionAims } from './aims-table.js';
import { neverTrainedTable } from './never-trained-table.js';

const TWO = ['mllm', 'bonsai'];
const THREE = [...TWO, 'knn'];
const FOUR = [...THREE, 'tfidf'];
const CHARACTER_SOURCES = ['mllm', 'bonsai-char', 'knn-char'];
const CHARACTERS = { char_ngram: 5 };
const WORDS = { char_ngram: 0 };
const FOLDS = ['--out-of-fold', '5'];

function plans(set: SplitSet, regime: Regime): ProjectPlan[] {
  const folds = {
    backend: 'fusion',
    programs: ['catchword'],
    sources: THREE,
    training: 'train',
    trainOptions: FOLDS,
  } as const;
  const bonsai = bonsaiPlan(set, regime);
  return [
    lexicalPlan(set),
    bonsai,
    { name: 'knn', backend: 'knn', programs: ['catchword'], settings: WORDS, training: 'train' },
    { name: 'ensemble', backend: 'ensemble', programs: BOTH, sources: TWO, training: 'hyperopt' },
    {
      name: 'ensemble-3',
      backend: 'ensemble',
      programs: ['catchword'],
      sources: THREE,
      training: 'hyperopt',
      nTrials: 100,
    },
    { name: 'pav', backend: 'pav', programs: BOTH, sources: TWO, training: 'validate' },
    { name: 'nn', backend: 'nn_ensemble', programs: BOTH, sources: TWO, training: 'validate' },
    { name: 'fusion', backend: 'fusion', programs: ['catchword'], sources: THREE, training: 'validate' },
    { name: 'tfidf', backend: 'tfidf', programs: ['catchword'], training: 'train' },
    { name: 'fusion-4', backend: 'fusion', programs: ['catchword'], sources: FOUR, training: 'validate' },
    // Runs of five characters besides words: parts of compounds, which German, Finnish and Swedish write as one word.
    { ...bonsai, name: 'bonsai-char', programs: ['catchword'], settings: { ...bonsai.settings, ...CHARACTERS } },
    { name: 'knn-char', backend: 'knn', programs: ['catchword'], settings: CHARACTERS, training: 'train' },
    {
      name: 'fusion-char',
      backend: 'fusion',
      programs: ['catchword'],
      sources: CHARACTER_SOURCES,
      training: 'validate',
    },
    { ...folds, name: 'fusion-folds' },
    { ...folds, name: 'fusion-both', unseen: true },
  ];
}

await runProjectBenchmark({
  name: 'fusion-against-annif',
  about: `Measures Catchword's ensembles and its fusion against Annif's ensembles.

npm run bench:fusion -- [options]`,
  sets: SPLIT_SETS.map(({ name }) => name),
  regimes: ['natural', 'train-1k', 'zeroshot'],
  plans,
  tables: (lines) =>
    [projectTables(lines), '### Never-trained subjects', neverTrainedTable(lines), '### Aims', fusionAims(lines)].join(
      '\n\n',
    ),
});
