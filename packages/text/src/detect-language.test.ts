import { ConfigurationError } from '@catchword/core';
import { expect, test } from 'vitest';
import { DETECTED_LANGUAGES, detectLanguage } from './detect-language.js';

test.each([
  ['en', 'Fisheries of the northern lakes'],
  ['de', 'Die Fischerei in den nördlichen Seen'],
  ['fi', 'Pohjoisten järvien kalastus ja kalatalous'],
  ['sv', 'Fisket i de nordliga sjöarna'],
])('detectLanguage finds %s', async (language, text) => {
  const scores = await detectLanguage(text, ['sv', 'fi', 'de-AT', 'en']);
  expect(scores.map((s) => s.language).sort()).toEqual(['de-AT', 'en', 'fi', 'sv']);
  expect(scores[0]?.language.slice(0, 2)).toBe(language);
  for (const { score } of scores) expect(score).toBeGreaterThanOrEqual(0);
});

test('detectLanguage looks at all of a long text, and at nothing in numbers', async () => {
  const text = `${'The first words are English. '.repeat(20)}${'Mutta suurin osa on suomea, kuten tämäkin. '.repeat(200)}`;
  expect((await detectLanguage(text, ['en', 'fi']))[0]?.language).toBe('fi');
  expect(await detectLanguage('12 34', ['en', 'fi'])).toEqual([]);
});

test('detectLanguage refuses what it cannot tell', async () => {
  await expect(detectLanguage('x', ['la'])).rejects.toThrow(ConfigurationError);
});

test('DETECTED_LANGUAGES are those of the package', async () => {
  const { eld } = await import('eld/extrasmall');
  expect(Object.values(eld.info().Languages).sort()).toEqual([...DETECTED_LANGUAGES]);
});
