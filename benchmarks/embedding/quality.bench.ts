// Do labels that are near in meaning bring what labels in the text and similar records do not?
import { runProjectBenchmark } from '../harness/project-benchmark.js';
import { lexicalPlan, type ProjectPlan } from '../harness/project-plan.js';
import { projectTables } from '../harness/project-tables.js';
import { SPLIT_SETS, type SplitSet } from '../harness/split-sets.js';

/** `serve_minilm.py` says where it listens; an English model, so only English sets make sense. */
const ENDPOINT = process.env.CATCHWORD_EMBEDDINGS || 'http://127.0.0.1:8125/v1';
const CATCHWORD = ['catchword'] as const;

function plans(set: SplitSet): ProjectPlan[] {
  const service = { endpoint: ENDPOINT, model: 'minilm-int8', chunks: 12, timeout: 600, concurrency: 1 };
  const embedding = { backend: 'embedding', programs: CATCHWORD, training: 'train' } as const;
  const fusion = { backend: 'fusion', programs: CATCHWORD, training: 'validate' } as const;
  return [
    { ...lexicalPlan(set), programs: CATCHWORD },
    { name: 'knn', backend: 'knn', programs: CATCHWORD, training: 'train' },
    { ...embedding, name: 'similarity', settings: { ...service, trees: 0 } },
    { ...embedding, name: 'embedding', settings: service },
    { ...fusion, name: 'fusion-without', sources: ['mllm', 'knn'] },
    { ...fusion, name: 'fusion-with', sources: ['mllm', 'knn', 'embedding'] },
  ];
}

await runProjectBenchmark({
  name: 'embedding',
  about: `Measures embeddings as a source, by the server of serve_minilm.py.

npm run bench:embedding -- [options]`,
  sets: SPLIT_SETS.filter(({ language }) => language === 'en').map(({ name }) => name),
  regimes: ['natural', 'train-1k'],
  plans,
  tables: projectTables,
});
