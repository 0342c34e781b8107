import { backendConformance, corpusOf, TINY_LANGUAGES, tinyCase, trainCase } from '@catchword/testing';
import { expect, test } from 'vitest';
import { svc } from './backend.js';

const ANALYZERS: Readonly<Record<string, string>> = {
  en: 'snowball(english)',
  de: 'snowball(german)',
  fi: 'snowball(finnish)',
};

const makeCase = (language: string) =>
  tinyCase(svc, {
    language,
    analyzer: ANALYZERS[language] ?? 'simple',
    params: {},
    badParams: {
      cost: 0,
      weight_threshold: 'none',
      ngram: 0,
      min_df: '',
      sublinear_tf: 'no way',
      title_weight: Number.NaN,
    },
    reachesUntrained: false,
  });

for (const language of TINY_LANGUAGES) backendConformance(`svc in ${language}`, () => makeCase(language));

test('svc tells two classes apart, and learns each subject of a record', async () => {
  const each = await makeCase('en');
  const records = [
    { text: 'soil and clay', subjects: [1] },
    { text: 'soil and sand', subjects: [1] },
    { text: 'water and ice', subjects: [4] },
    { text: 'water and snow', subjects: [4] },
  ];
  const { backend } = await trainCase({ ...each, corpus: corpusOf(records) });
  const rows = await backend.suggest([{ text: 'clay soil' }, { text: 'ice water' }], { limit: 5 });
  expect(rows.row(0).map(({ subjectId }) => subjectId)).toEqual([1, 4]);
  expect(rows.row(1).map(({ subjectId }) => subjectId)).toEqual([4, 1]);
  expect(rows.row(0)[0]?.score).toBeGreaterThan(0.5);
  expect(rows.row(0)[1]?.score).toBeLessThan(0.5);

  const both = [...records, { text: 'mud mud', subjects: [1, 4] }];
  const { backend: joined } = await trainCase({ ...each, corpus: corpusOf(both) });
  const scores = (await joined.suggest([{ text: 'mud' }], { limit: 5 })).row(0).map(({ score }) => score);
  expect(scores).toHaveLength(2);
  for (const score of scores) expect(score).toBeGreaterThan(0.5);
});

test('svc has one class as well', async () => {
  const each = await makeCase('en');
  const { backend } = await trainCase({ ...each, corpus: corpusOf([{ text: 'soil and clay', subjects: [1] }]) });
  expect((await backend.suggest([{ text: 'soil' }], { limit: 5 })).row(0)).toMatchObject([{ subjectId: 1 }]);
  expect((await backend.suggest([{ text: 'unheard' }], { limit: 5 })).row(0)).toEqual([]);
});
