import type { Document, RawParams, SuggestionBatch } from '@catchword/core';
import { backendConformance, corpusOf, TINY_LANGUAGES, tinyCase, trainCase } from '@catchword/testing';
import { expect, test } from 'vitest';
import { tfidf } from './backend.js';

const ANALYZERS: Readonly<Record<string, string>> = {
  en: 'snowball(english)',
  de: 'snowball(german)',
  fi: 'snowball(finnish)',
};

const makeCase = (language: string, params: RawParams = {}, reachesUntrained = false) =>
  tinyCase(tfidf, {
    language,
    analyzer: ANALYZERS[language] ?? 'simple',
    params,
    badParams: {
      idf_exponent: 'x',
      smoothing: -1,
      coverage: 0,
      label_weight: -1,
      ngram: 0,
      min_df: '',
      sublinear_tf: 'no way',
      title_weight: Number.NaN,
    },
    reachesUntrained,
  });

for (const language of TINY_LANGUAGES) {
  backendConformance(`tfidf in ${language}`, () => makeCase(language, { label_weight: 0 }));
}
backendConformance('tfidf with labels', async () => {
  const each = await makeCase('en', { label_weight: 0.3 }, true);
  // A label is known by words that records have: here by one that is about something else.
  const mention: Document = { text: 'Pots, sand and perlite', subjects: [1] };
  async function* documents() {
    yield* each.corpus.documents();
    yield mention;
  }
  return { ...each, corpus: { name: 'tiny corpus with perlite', documents } };
});

test('tfidf scores are cosines where nothing is smoothed', async () => {
  const each = await makeCase('en', { smoothing: 0, coverage: 1, idf_exponent: 1, label_weight: 0 });
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

test('tfidf judges hidden subjects as if no record had them', async () => {
  const each = await makeCase('en', { label_weight: 0.3 });
  const records: Document[] = [];
  for await (const doc of each.corpus.documents()) records.push(doc);
  const { backend } = await trainCase(each);
  const hidden = new Uint8Array(each.context.vocabulary.nSubjects);
  hidden[2] = 1;
  // The same records, so the same features; those of the subject are given to another.
  const without = records.map((doc) => ({ ...doc, subjects: doc.subjects?.map((id) => (id === 2 ? 1 : id)) ?? [] }));
  const { backend: unaware } = await trainCase({ ...each, corpus: corpusOf(without) });
  const score = (batch: SuggestionBatch) => batch.row(0).find(({ subjectId }) => subjectId === 2)?.score;
  const text = each.context.vocabulary.label(2, 'en') ?? '';
  const expected = score(await unaware.suggest([{ text }], { limit: 1000 }));
  expect(expected).toBeGreaterThan(0);
  expect(score(await backend.suggest([{ text }], { limit: 1000, hidden }))).toBe(expected);
});
