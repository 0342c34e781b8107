import { vocabularyOf } from '@catchword/testing';
import { createAnalyzer } from '@catchword/text';
import { expect, test } from 'vitest';
import { buildLabelIndex } from './build-label-index.js';

test('labels of a region or without language are indexed where a subject has none in the language', async () => {
  const vocabulary = vocabularyOf([
    { uri: 'http://e/1', pref: { 'en-gb': 'colour theory' } },
    { uri: 'http://e/2', pref: { en: 'paint', 'en-us': 'color' } },
    { uri: 'http://e/3', pref: { '': 'plain', de: 'schlicht' } },
    { uri: 'http://e/4', pref: { 'de-at': 'Topfen' } },
  ]);
  const analyzer = await createAnalyzer('snowball(english)', { language: 'en' });
  const index = buildLabelIndex(vocabulary, analyzer, { language: 'en', useHiddenLabels: true });
  expect(Array.from(index.variantSubject)).toEqual([0, 1, 2]);
});
