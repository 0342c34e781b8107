import type { Corpus } from '@catchword/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAnalyzer } from '../analyzer.js';
import { charGrams } from './tokenize-batch.js';
import type { VectorSettings } from './vector-settings.js';
import { vectorizeCorpus } from './vectorize-corpus.js';

const PLAIN: VectorSettings = { ngram: 1, minDf: 1, sublinearTf: false, titleWeight: 1 };

function corpusOf(texts: readonly string[], subjects: (i: number) => number[] = () => [0]): Corpus {
  return {
    name: 'test',
    async *documents() {
      for (const [i, text] of texts.entries()) yield { text, documentId: `d${i}`, subjects: subjects(i) };
    },
  };
}

const analyzerOf = () => createAnalyzer('simple(token_min_length=1)', { language: 'en' });

/** Rows as maps from feature name to value, the straightforward way. */
function naive(texts: readonly string[], settings: VectorSettings): Map<string, number>[] {
  const rows = texts.map((text) => {
    const counts = new Map<string, number>();
    const [title = ''] = text.split('.');
    const nTitle = title.split(' ').filter(Boolean).length;
    const words = text.toLowerCase().replace(/\./g, '').split(' ').filter(Boolean);
    for (let n = 1; n <= settings.ngram; n++) {
      for (let i = 0; i + n <= words.length; i++) {
        const gram = words.slice(i, i + n).join(' ');
        counts.set(gram, (counts.get(gram) ?? 0) + (i + n <= nTitle ? settings.titleWeight : 1));
      }
    }
    if (settings.charNgram) {
      for (const gram of words.flatMap((word) => charGrams(word, settings.charNgram as [number, number]))) {
        const name = `${gram.startsWith(' ') ? '|' : '…'}${gram.trim()}${gram.endsWith(' ') ? '|' : '…'}`;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    return counts;
  });
  const df = new Map<string, number>();
  for (const row of rows) for (const gram of row.keys()) df.set(gram, (df.get(gram) ?? 0) + 1);
  return rows.map((row) => {
    const kept = [...row].filter(([gram]) => (df.get(gram) ?? 0) >= settings.minDf);
    const weights = kept.map(([gram, count]): [string, number] => {
      const tf = settings.sublinearTf ? 1 + Math.log(count) : count;
      return [gram, tf * (Math.log((1 + texts.length) / (1 + (df.get(gram) ?? 0))) + 1)];
    });
    const norm = Math.sqrt(weights.reduce((sum, [, w]) => sum + w * w, 0));
    return new Map(weights.map(([gram, w]) => [gram, w / norm]));
  });
}

test('vectorizeCorpus gives the vectors of the straightforward way, in the corpus and for new texts', async () => {
  const word = fc.constantFrom('aa', 'bb', 'cc', 'dd', 'ee');
  const words = fc.array(word, { minLength: 1, maxLength: 9 }).map((list) => list.join(' '));
  const text = fc.tuple(words, words).map(([title, rest]) => `${title}. X ${rest}`);
  const settings = fc.record({
    ngram: fc.integer({ min: 1, max: 3 }),
    minDf: fc.integer({ min: 1, max: 3 }),
    sublinearTf: fc.boolean(),
    titleWeight: fc.constantFrom(1, 2.5),
    charNgram: fc.constantFrom(undefined, [2, 3] as [number, number]),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 4, maxLength: 12 }), settings, async (texts, chosen) => {
      const { charNgram, ...rest } = chosen;
      const wanted: VectorSettings = charNgram ? { ...rest, charNgram } : rest;
      const expected = naive(texts, wanted);
      if (expected.every((row) => row.size === 0)) return;
      const { X, vectorizer } = await vectorizeCorpus(corpusOf(texts), 1, await analyzerOf(), wanted, {
        nJobs: 1,
        seed: 0,
      });
      expected.forEach((row, i) => {
        const found = new Map<string, number>();
        const again = vectorizer.transform(texts[i] ?? '');
        for (let k = X.indptr[i]; k < X.indptr[i + 1]; k++) {
          found.set(vectorizer.featureName(X.indices[k]), X.values[k]);
          expect(again.indices[k - X.indptr[i]]).toBe(X.indices[k]);
          expect(again.values[k - X.indptr[i]]).toBe(X.values[k]);
        }
        expect(again.n).toBe(row.size);
        expect([...found.keys()].sort()).toEqual([...row.keys()].sort());
        for (const [gram, value] of row) expect(found.get(gram)).toBeCloseTo(value, 5);
      });
    }),
    { numRuns: 60 },
  );
});

test('vectorizeCorpus gives the same for one thread and two, in memory and through a file', async () => {
  const texts = Array.from({ length: 3000 }, (_, i) =>
    Array.from({ length: 120 }, (_, k) => `w${(i * 7919 + k * k * 31 + ((i * k) % 13)) % 997}`).join(' '),
  );
  const settings: VectorSettings = { ngram: 2, minDf: 2, sublinearTf: true, titleWeight: 1 };
  const vectors = async (nJobs: number, memoryBytes: number) => {
    const { X, Y, vectorizer } = await vectorizeCorpus(
      corpusOf(texts, (i) => [i % 5, 3, 3]),
      5,
      await analyzerOf(),
      settings,
      { nJobs, seed: 0, scratch: { memoryBytes, folder: process.env.TMPDIR ?? '/tmp' } },
    );
    return { indptr: X.indptr, indices: X.indices, values: X.values, Y, fingerprint: vectorizer.fingerprint() };
  };
  const one = await vectors(1, 1 << 30);
  expect(await vectors(2, 1 << 20)).toEqual(one);
  expect(one.indptr[3000]).toBeGreaterThan(100_000);
  expect([...one.Y.indices.subarray(0, 2)]).toEqual([0, 3]);
});

test('vectorizeCorpus has the values of scikit-learn 1.7.2', async () => {
  const texts = ['library card catalogue', 'library of congress library', 'card game'];
  const { X, vectorizer } = await vectorizeCorpus(corpusOf(texts), 1, await analyzerOf(), PLAIN, { nJobs: 1, seed: 0 });
  const row = (i: number) =>
    Object.fromEntries(
      [...X.indices.subarray(X.indptr[i], X.indptr[i + 1])].map((f, k) => [
        vectorizer.featureName(f),
        X.values[X.indptr[i] + k]?.toFixed(4),
      ]),
    );
  // TfidfVectorizer(token_pattern=r'\b\w+\b').fit_transform(texts)
  expect(row(0)).toEqual({ card: '0.5179', catalogue: '0.6809', library: '0.5179' });
  expect(row(1)).toEqual({ congress: '0.4815', library: '0.7324', of: '0.4815' });
});

test('vectorizeCorpus says so where no feature is left', async () => {
  const analyzer = await analyzerOf();
  const vectorize = (texts: string[], minDf: number) =>
    vectorizeCorpus(corpusOf(texts), 1, analyzer, { ...PLAIN, minDf }, { nJobs: 1, seed: 0 });
  await expect(vectorize(['one', 'two'], 5)).rejects.toMatchObject({ code: 'operation-failed' });
  await expect(vectorize(['...', ''], 1)).rejects.toMatchObject({ code: 'operation-failed' });
});

test('TfidfVectorizer opens from its arrays, finds its features in a text, and refuses arrays that do not fit', async () => {
  const texts = ['The library card is blue.', 'A library card, a red card.', 'Blue and red.'];
  const settings = { ...PLAIN, ngram: 2 };
  const analyzer = await analyzerOf();
  const { vectorizer } = await vectorizeCorpus(corpusOf(texts), 1, analyzer, settings, { nJobs: 1, seed: 0 });
  const { TfidfVectorizer } = await import('./tfidf-vectorizer.js');
  const arrays = vectorizer.toArrays();
  const again = TfidfVectorizer.fromArrays(settings, arrays, await analyzerOf());
  expect(again.fingerprint()).toBe(vectorizer.fingerprint());
  const text = 'My red library card';
  const names = again
    .occurrences(text)
    .map(({ feature, start, end }) => [again.featureName(feature), text.slice(start, end)]);
  expect(Object.fromEntries(names)).toEqual({
    red: 'red',
    library: 'library',
    card: 'card',
    'library card': 'library card',
  });
  expect(again.transform('nothing known here').n).toBe(0);
  expect(() => TfidfVectorizer.fromArrays(settings, { ...arrays, idf: new Float32Array(3) }, analyzer)).toThrow(
    RangeError,
  );
});
