// Do Catchword's backends that learn from records suggest better, faster and in less memory than Annif's?
import { runProjectBenchmark } from '../harness/project-benchmark.js';
import { BOTH, bonsaiPlan, type ProjectPlan } from '../harness/project-plan.js';
import { projectTables } from '../harness/project-tables.js';
import type { Regime } from '../harness/regimes.js';
import type { SplitSet } from '../harness/split-sets.js';
import { associativeAims } from './aims-table.js';

/** Sets on which one class for each document makes sense, or nearly so. */
const SVC_SETS = ['makupalat-ykl', 'kirjastonhoitaja'];

function plans(set: SplitSet, regime: Regime): ProjectPlan[] {
  const all: ProjectPlan[] = [{ name: 'tfidf', backend: 'tfidf', programs: BOTH, training: 'train' }];
  if (SVC_SETS.includes(set.name)) all.push({ name: 'svc', backend: 'svc', programs: BOTH, training: 'train' });
  all.push(bonsaiPlan(set, regime));
  all.push({ name: 'label-tree', backend: 'label-tree', programs: ['catchword'], training: 'train' });
  all.push({ name: 'knn', backend: 'knn', programs: ['catchword'], training: 'train' });
  return all;
}

await runProjectBenchmark({
  name: 'associative-against-annif',
  about: `Measures Catchword's associative backends against Annif's.

npm run bench:associative -- [options]`,
  sets: [
    'kirjastonhoitaja',
    'makupalat-ykl',
    'stw-economics',
    'fao780-agrovoc',
    'tibkat-gnd-de',
    'tibkat-gnd-en',
    'eurlex57k',
    'yso-finna-en',
    'yso-finna-fi',
    'yso-finna-sv',
  ],
  regimes: ['natural', 'train-1k', 'zeroshot'],
  plans,
  tables: (lines) => `${projectTables(lines)}\n\n### Aims\n\n${associativeAims(lines)}`,
});
