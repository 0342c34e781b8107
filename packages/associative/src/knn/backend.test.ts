import type { Backend, Document } from '@catchword/core';
import { backendConformance, parsedParams, TINY_LANGUAGES, tinyCase, trainCase } from '@catchword/testing';
import { expect, test } from 'vitest';
import { knn } from './backend.js';

const ANALYZERS: Readonly<Record<string, string>> = {
  en: 'snowball(english)',
  de: 'snowball(german)',
  fi: 'snowball(finnish)',
};

const makeCase = (language: string, params = {}) =>
  tinyCase(knn, {
    language,
    analyzer: ANALYZERS[language] ?? 'simple',
    params,
    badParams: {
      k: 0,
      exponent: 'much',
      idf_exponent: -1,
      near_duplicates: 'perhaps',
      ngram: 0,
      min_df: '1.5',
      sublinear_tf: 'no way',
      title_weight: Number.NaN,
    },
    reachesUntrained: false,
  });

for (const language of TINY_LANGUAGES) backendConformance(`knn in ${language}`, () => makeCase(language));

test('knn knows a record from the moment that it learns it, and keeps it', async () => {
  const each = await makeCase('en');
  const { backend } = await trainCase(each);
  const text = 'A manual of lighthouse optics for keepers of steady hand';
  const subjects = [3, 1];
  const before = await backend.suggest([{ text }], { limit: 1 });
  await backend.learn?.([
    { text, subjects, documentId: 'new', metadata: { title: 'Optics' } },
    { text: '', subjects },
    { text: 'of nobody' },
  ]);
  const learnt = await backend.suggest([{ text }], { limit: 2 });
  expect(learnt.row(0).map(({ subjectId }) => subjectId)).toEqual([1, 3]);
  expect(learnt.row(0)).not.toEqual(before.row(0));
  const explanations = (await backend.explain?.({ text }, [3])) ?? [];
  expect(explanations[0]?.records?.[0]).toMatchObject({ documentId: 'new', title: 'Optics', nearDuplicate: true });

  const loaded = knn.load?.(each.context, backend.save(), parsedParams(each));
  expect((await loaded?.suggest([{ text }], { limit: 20 }))?.row(0)).toEqual(
    (await backend.suggest([{ text }], { limit: 20 })).row(0),
  );
  expect(await loaded?.explain?.({ text }, [3])).toEqual(explanations);
});

test('knn gives a record that it learns again its new subjects', async () => {
  const each = await makeCase('en', { k: 3 });
  const { backend } = await trainCase(each);
  const text = 'A manual of lighthouse optics for keepers of steady hand';
  await backend.learn?.([{ text, subjects: [3, 1] }]);
  const once = await backend.suggest([{ text }], { limit: 3, evidence: true });
  await backend.learn?.([{ text, subjects: [5] }]);
  const other = await backend.suggest([{ text }], { limit: 3, evidence: true });
  expect(other.row(0)[0]?.subjectId).toBe(5);
  await backend.learn?.([{ text, subjects: [1, 3] }]);
  expect(await backend.suggest([{ text }], { limit: 3, evidence: true })).toEqual(once);
  const loaded = knn.load?.(each.context, backend.save(), parsedParams(each));
  await loaded?.learn?.([{ text, subjects: [5] }]);
  expect(await loaded?.suggest([{ text }], { limit: 3, evidence: true })).toEqual(other);
});

test('knn gives training records that it learns their new subjects, whatever they were trained with', async () => {
  const each = await makeCase('en', { k: 5 });
  const documents: Document[] = [];
  for await (const doc of each.corpus.documents()) documents.push(doc);
  const [first] = documents as [Document];
  const trainedWith = async (subjects: readonly number[]) => {
    const { backend } = await trainCase({
      ...each,
      corpus: {
        name: 'changed',
        async *documents() {
          yield { ...first, subjects };
          yield* documents.slice(1);
          yield { text: first.text, subjects, documentId: 'a copy' };
        },
      },
    });
    return backend;
  };
  const rows = async (backend: Backend) => {
    const asked = [first, ...each.documents];
    const batch = await backend.suggest(asked, { limit: 20 });
    return asked.map((_, i) => batch.row(i));
  };
  const [right, wrong] = [await trainedWith([6]), await trainedWith([2, 9])];
  expect(wrong.trainedSubjects?.(first)).toEqual([2, 9, 2, 9]);
  expect(wrong.trainedSubjects?.({ text: 'a text of its own' })).toEqual([]);
  const corrected = { ...first, subjects: [4], documentId: 'corrected' };
  for (const backend of [right, wrong]) {
    await backend.learn?.([corrected]);
    expect(backend.trainedSubjects?.(first)).toEqual([]);
    const similar = (await backend.similar?.(first, 5)) ?? [];
    expect(similar[0]).toMatchObject({ documentId: 'corrected', subjects: [4] });
    expect(similar.filter(({ similarity }) => similarity > 0.99)).toHaveLength(1);
  }
  const expected = await rows(right);
  expect(await rows(wrong)).toEqual(expected);
  expect(expected[0]?.[0]?.subjectId).toBe(4);
  const loaded = knn.load?.(each.context, wrong.save(), parsedParams(each)) as Backend;
  expect(await rows(loaded)).toEqual(expected);
  expect(loaded.trainedSubjects?.(first)).toEqual([]);
});

test('knn tells the subjects of its records, those learnt since and those that were given others included', async () => {
  const each = await makeCase('en');
  const { backend } = await trainCase(each);
  const rowsOf = () => {
    const pattern = backend.assignments?.();
    if (!pattern) return expect.fail('it keeps no records');
    const { nRows, nCols, indptr, indices } = pattern;
    expect(nCols).toBe(each.context.vocabulary.nSubjects);
    return Array.from({ length: nRows }, (_, row) => [...indices.subarray(indptr[row], indptr[row + 1])]);
  };
  const trained = rowsOf();
  const gold: number[][] = [];
  for await (const { subjects = [] } of each.corpus.documents())
    gold.push([...new Set(subjects)].sort((a, b) => a - b));
  expect(trained).toEqual(gold);
  const text = 'A manual of lighthouse optics for keepers of steady hand';
  await backend.learn?.([{ text, subjects: [3, 1] }]);
  expect(rowsOf()).toEqual([...trained, [1, 3]]);
  await backend.learn?.([{ text, subjects: [5] }]);
  expect(rowsOf()).toEqual([...trained, [5]]);
});

test('a thousand records of one subject, learnt one after the other, do not drown the others', async () => {
  const each = await makeCase('en', { k: 20 });
  const { backend } = await trainCase(each);
  const DROWNING = 7;
  const others = async () => {
    const batch = await backend.suggest(each.documents, { limit: 1000 });
    return each.documents.map((_, i) => batch.row(i).filter(({ subjectId }) => subjectId !== DROWNING));
  };
  const before = await others();
  // Each resembles the documents that are asked about afterwards, more than most records do.
  const taught = Array.from({ length: 1000 }, (_, n) => ({
    text: `${each.documents[n % each.documents.length]?.text} ${n}`,
    subjects: [DROWNING],
  }));
  await backend.learn?.(taught);
  const after = await others();
  before.forEach((row, i) => {
    const now = after[i] ?? [];
    expect(now.slice(0, 3).map(({ subjectId }) => subjectId)).toEqual(
      row.slice(0, 3).map(({ subjectId }) => subjectId),
    );
    for (let k = 0; k < 3; k++) expect(now[k]?.score).toBeGreaterThan(0.6 * (row[k]?.score ?? 1));
  });
});

test('knn leaves near duplicates out where it is told to', async () => {
  const each = await makeCase('en', { near_duplicates: 'skip', k: 5 });
  const { backend } = await trainCase(each);
  const [first] = each.documents as [Document];
  const batch = await backend.suggest([first], { limit: 50, evidence: true });
  expect(batch.evidence?.names).toContain('nearDuplicate');
  const column = batch.evidence?.names.indexOf('nearDuplicate') ?? 0;
  const nColumns = batch.evidence?.names.length ?? 0;
  const flags = Array.from(batch.scores, (_, i) => batch.evidence?.values[i * nColumns + column]);
  expect(new Set(flags)).toEqual(new Set([0]));
  const kept = await (await trainCase(await makeCase('en', { k: 5 }))).backend.suggest([first], {
    limit: 1,
    evidence: true,
  });
  expect(kept.evidence?.values[column]).toBe(1);
});

test('the terms that knn names add up to the score', async () => {
  const each = await makeCase('en', { k: 1, exponent: 3 });
  const { backend } = await trainCase(each);
  const text = 'water well';
  const [best] = (await backend.suggest([{ text }], { limit: 1 })).row(0);
  const [explanation] = (await backend.explain?.({ text }, [best?.subjectId ?? 0])) ?? [];
  const total = explanation?.contributions.reduce((sum, { weight }) => sum + weight, 0);
  expect(total).toBeCloseTo(explanation?.score ?? 0, 5);
  expect(explanation?.evidence.map(({ start, end }) => text.slice(start, end))).toContain('water');
});
