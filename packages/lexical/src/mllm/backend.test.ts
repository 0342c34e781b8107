import { backendConformance, TINY_LANGUAGES, tinyCase } from '@catchword/testing';
import { mllm } from './backend.js';

const ANALYZERS: Readonly<Record<string, string>> = {
  en: 'snowball(english)',
  de: 'snowball(german)',
  fi: 'snowball(finnish)',
};

for (const language of TINY_LANGUAGES) {
  backendConformance(`mllm in ${language}`, () =>
    tinyCase(mllm, {
      language,
      analyzer: ANALYZERS[language] ?? 'simple',
      params: { min_samples_leaf: 2, trees: 30 },
      badParams: {
        min_samples_leaf: 0,
        max_leaf_nodes: '1.5',
        max_samples: 1.01,
        use_hidden_labels: 'perhaps',
        trees: 'many',
        learning_rate: '',
        compounds: 2,
        least_coverage: Number.NaN,
      },
      reachesUntrained: true,
    }),
  );
}
