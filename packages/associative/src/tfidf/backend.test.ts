import { backendConformance, TINY_LANGUAGES, tinyCase, trainCase } from '@catchword/testing';
import { expect, test } from 'vitest';
import { tfidf } from './backend.js';

const ANALYZERS: Readonly<Record<string, string>> = {
  en: 'snowball(english)',
  de: 'snowball(german)',
  fi: 'snowball(finnish)',
};

const makeCase = (language: string, params = {}) =>
  tinyCase(tfidf, {
    language,
    analyzer: ANALYZERS[language] ?? 'simple',
    params,
    badParams: {
      idf_exponent: 'x',
      smoothing: -1,
      coverage: 0,
      ngram: 0,
      min_df: '',
      sublinear_tf: 'no way',
      title_weight: Number.NaN,
    },
    reachesUntrained: false,
  });

for (const language of TINY_LANGUAGES) backendConformance(`tfidf in ${language}`, () => makeCase(language));

test('tfidf scores are cosines where nothing is smoothed', async () => {
  const each = await makeCase('en', { smoothing: 0, coverage: 1, idf_exponent: 1 });
  const records = [{ text: 'soil soil water', subjects: [2] }];
  const corpus = {
    name: 'one record',
    async *documents() {
      yield* records;
    },
  };
  const { backend } = await trainCase({ ...each, corpus });
  const score = async (text: string) => (await backend.suggest([{ text }], { limit: 1 })).row(0)[0]?.score;
  expect(await score('soil soil water')).toBeCloseTo(1, 2);
  const soil = 1 + Math.log(2);
  expect(await score('water')).toBeCloseTo(1 / Math.hypot(soil, 1), 2);
});
