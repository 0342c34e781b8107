import { LABEL_HIDDEN, SUBJECT_ACTIVE, SUBJECT_DEPRECATED, SUBJECT_REMOVED } from '@catchword/core';
import { expect, test } from 'vitest';
import { updatedBy, vocabularyOf } from './concept-vocabulary.js';
import { tinyCorpus, tinyDocuments } from './tiny-corpus.js';
import {
  grownVocabulary,
  NEW_CONCEPT,
  NEW_CONCEPT_TEXTS,
  TINY_CONCEPTS,
  TINY_LANGUAGES,
  tinyVocabulary,
} from './tiny-vocabulary.js';

test('the tiny vocabulary has what makes labels hard', () => {
  const vocabulary = tinyVocabulary();
  expect(vocabulary.nSubjects).toBe(TINY_CONCEPTS.length);
  expect(vocabulary.languages).toEqual(['de', 'en', 'fi']);
  expect([...vocabulary.status].filter((status) => status === SUBJECT_DEPRECATED)).toHaveLength(1);
  expect([...vocabulary.labels.kind]).toContain(LABEL_HIDDEN);
  const trees = vocabulary.idOfLabel('trees', 'en');
  const plants = vocabulary.idOfLabel('Pflanzen', 'de');
  expect([
    ...vocabulary.narrower.indices.subarray(vocabulary.narrower.indptr[plants], vocabulary.narrower.indptr[plants + 1]),
  ]).toContain(trees);
  expect(vocabulary.collectionUris.length).toBe(1);
  expect(vocabulary.notation(trees)).toBe('101');
});

test('the grown vocabulary keeps all ids and has one subject more', () => {
  const before = tinyVocabulary();
  const after = grownVocabulary();
  for (let id = 0; id < before.nSubjects; id++) expect(after.uri(id)).toBe(before.uri(id));
  expect(after.nSubjects).toBe(before.nSubjects + 1);
  expect(after.idOfUri(NEW_CONCEPT.uri)).toBe(before.nSubjects);
});

test('the tiny corpus has three documents on each active subject in each language, the same each time', async () => {
  const vocabulary = tinyVocabulary();
  const active = [...vocabulary.status].filter((status) => status === SUBJECT_ACTIVE).length;
  for (const language of TINY_LANGUAGES) {
    const documents = tinyDocuments(vocabulary, language);
    expect(documents).toHaveLength(3 * active);
    expect(tinyDocuments(vocabulary, language)).toEqual(documents);
    const corpus = tinyCorpus(vocabulary, language);
    for (let time = 0; time < 2; time++) {
      const read = [];
      for await (const doc of corpus.documents()) read.push(doc);
      expect(read).toEqual(documents);
    }
    expect(NEW_CONCEPT_TEXTS[language]).toBeTruthy();
  }
  expect(() => tinyDocuments(vocabulary, 'xx')).toThrow(RangeError);
});

test('vocabularyOf infers inverses and refuses URIs that are no concept', () => {
  const concepts = [
    { uri: 'u:a', pref: { en: 'a', '': 'ä' }, related: ['u:b'] },
    { uri: 'u:b', pref: { en: 'b' }, alt: { en: ['b1', 'b2'] }, broader: ['u:a'] },
  ];
  const vocabulary = vocabularyOf(concepts);
  expect([...vocabulary.related.indptr]).toEqual([0, 1, 2]);
  expect([...vocabulary.narrower.indices]).toEqual([1]);
  expect([...vocabulary.labels.indptr]).toEqual([0, 2, 5]);
  const { changes, vocabulary: later } = updatedBy(
    vocabulary,
    concepts.slice(0, 1).map(({ related: _, ...rest }) => rest),
  );
  expect(changes.removed).toEqual([1]);
  expect(later.status[1]).toBe(SUBJECT_REMOVED);
  expect(() => vocabularyOf([{ uri: 'u:a', pref: { en: 'a' }, broader: ['u:c'] }])).toThrow(RangeError);
});
