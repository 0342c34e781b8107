import type { Definitions } from '@catchword/core';
import { vocabularyOf } from '@catchword/testing';
import { expect, test } from 'vitest';
import { CandidateLines } from './candidate-lines.js';

const vocabulary = vocabularyOf([
  { uri: 'x:water', pref: { en: 'waters' } },
  { uri: 'x:river', pref: { en: 'rivers', de: 'Flüsse' }, notation: '551.48', broader: ['x:water'] },
  { uri: 'x:bank', pref: { en: 'banks' } },
]);
const TEXTS: Readonly<Record<string, readonly (string | undefined)[]>> = {
  de: [undefined, undefined, 'Geldhäuser.'],
  en: [undefined, 'Natural streams\n9. of water\u2028that flow into a sea.', undefined],
};
const definitions: Definitions = {
  languages: ['de', 'en'],
  definition: (id, language) => TEXTS[language]?.[id],
};
const lines = (most: number, language = 'en') => new CandidateLines({ vocabulary, language, definitions }, most);

test('a candidate is one line: label, notation, the way up, what it means', () => {
  expect(lines(200).line(1)).toBe('rivers (551.48) < waters [Natural streams 9. of water that flow into a sea.]');
  expect(lines(200, 'de').line(1)).toBe('Flüsse (551.48) < waters [Natural streams 9. of water that flow into a sea.]');
  expect(lines(200).line(2)).toBe('banks [Geldhäuser.]');
  expect(lines(200).line(0)).toBe('waters');
});

test('a definition is cut between words, and left out where it is to be', () => {
  expect(lines(25).line(1)).toBe('rivers (551.48) < waters [Natural streams 9. of…]');
  expect(lines(4).line(2)).toBe('banks [Gel…]');
  expect(lines(0).line(1)).toBe('rivers (551.48) < waters');
  expect(new CandidateLines({ vocabulary, language: 'en' }, 200).line(2)).toBe('banks');
});
