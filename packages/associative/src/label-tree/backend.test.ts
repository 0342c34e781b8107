import { backendConformance, modelBytes, tinyCase, trainCase } from '@catchword/testing';
import { expect, test } from 'vitest';
import { labelTree, omikuji } from './backend.js';

const ANALYZERS: Readonly<Record<string, string>> = {
  en: 'snowball(english)',
  de: 'snowball(german)',
  fi: 'snowball(finnish)',
};
const BAD_PARAMS = {
  preset: 'oak',
  cluster_balanced: 'perhaps',
  cluster_k: 1,
  max_depth: '0',
  collapse_every_n_layers: -1,
  trees: 'many',
  weight_threshold: '',
  weight_budget: 0.5,
  beam: 0,
  exponent: Number.NaN,
  leaf_cap: true,
  label_weight: -1,
  char_ngram: '9',
  ngram: 0,
  min_df: 'x',
};
const makeCase = (type: typeof omikuji, language: string, params: Record<string, string | number>) =>
  tinyCase(type, {
    language,
    analyzer: ANALYZERS[language] ?? 'simple',
    params,
    badParams: BAD_PARAMS,
    reachesUntrained: false,
  });

for (const language of ['en', 'fi']) {
  backendConformance(`omikuji in ${language}`, () => makeCase(omikuji, language, { trees: 2 }));
}
backendConformance('label-tree', () => makeCase(labelTree, 'de', { min_df: 1 }));

test('explanations name the terms of the text; what speaks for the subject adds up to the score', async () => {
  const each = await makeCase(labelTree, 'en', { min_df: 1 });
  const { backend } = await trainCase(each);
  const [doc] = each.documents;
  if (!doc) throw new Error('the case has no document');
  const [first] = (await backend.suggest([doc], { limit: 1 })).row(0);
  const [explanation] = (await backend.explain?.(doc, [first?.subjectId ?? -1])) ?? [];
  expect(explanation?.scale).toBe('share');
  const positive = explanation?.contributions.filter(({ weight }) => weight > 0) ?? [];
  expect(positive.length).toBeGreaterThan(0);
  expect(positive.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual((first?.score ?? 0) + 1e-6);
  for (const { start, end, kind } of explanation?.evidence ?? []) {
    expect(kind).toBe('term');
    expect(doc.text.slice(start, end).trim().length).toBeGreaterThan(0);
  }
});

test('with label_weight a subject without records is found by its labels, without it is not', async () => {
  const each = await makeCase(labelTree, 'en', { min_df: 1 });
  const { vocabulary } = each.context;
  const untrained = 5;
  const label = vocabulary.label(untrained, 'en') ?? '';
  // Its label has to be of words that records have: here a record about something else.
  async function* documents() {
    for await (const doc of each.corpus.documents()) if (!doc.subjects?.includes(untrained)) yield doc;
    yield { text: `Pots, sand and ${label}`, subjects: [1] };
  }
  const corpus = { name: 'with the words of the label', documents };
  const ranks = [];
  for (const label_weight of [0, 0.5]) {
    const params = { min_df: 1, label_weight };
    const { backend } = await trainCase({ ...each, corpus, params });
    const batch = await backend.suggest([{ text: label }], { limit: 20 });
    ranks.push(batch.row(0).findIndex(({ subjectId }) => subjectId === untrained));
    const again = await trainCase({ ...each, corpus, params }, { nJobs: 2 });
    expect(modelBytes(again.backend.save())).toEqual(modelBytes(backend.save()));
  }
  expect(ranks[0]).toBe(-1);
  expect(ranks[1]).toBe(0);
});

test('presets give shapes that single parameters change', () => {
  const problems: string[] = [];
  const read = (raw: Record<string, string | number>) => labelTree.parseParams(raw, (key) => problems.push(key));
  expect(read({ preset: 'parabel' })).toMatchObject({ clusterK: 2, clusterBalanced: true, maxDepth: 20 });
  expect(read({ preset: 'bonsai', cluster_k: 50 })).toMatchObject({
    clusterK: 50,
    clusterBalanced: false,
    maxDepth: 3,
  });
  expect(read({ preset: 'attentionxml' })).toMatchObject({ collapseEveryNLayers: 5 });
  expect(problems).toEqual([]);
});

test('the evidence of a suggestion is what its score is made of', async () => {
  const each = await makeCase(omikuji, 'en', { trees: 1, exponent: 2 });
  const { backend } = await trainCase(each);
  const batch = await backend.suggest(each.documents, { limit: 5, evidence: true });
  const { names = [], values = new Float32Array() } = batch.evidence ?? {};
  expect(names).toEqual(['logScore', 'margin', 'votes']);
  batch.scores.forEach((score, k) => {
    expect(score).toBeCloseTo(Math.exp(values[k * 3] as number), 5);
    expect(values[k * 3 + 2]).toBe(1);
  });
});
