import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadNatural, loadSnowball, NATURAL_LANGUAGES, SNOWBALL_LANGUAGES, snowballLanguage } from './stemmers.js';

/** What Annif offers, which is what NLTK offers. */
const ofAnnif =
  'arabic danish dutch english finnish french german hungarian italian norwegian porter portuguese romanian russian ' +
  'spanish swedish';

test.each(['en', 'de', 'fi', 'sv', 'fr'])(
  'loadSnowball gives the stems of the reference stemmer (%s)',
  async (code) => {
    const stem = await loadSnowball(snowballLanguage(code) as string);
    const lines = readFileSync(new URL(`../fixtures/stems.${code}.tsv`, import.meta.url), 'utf8')
      .trim()
      .split('\n');
    const pairs = lines.slice(1).map((line) => line.split('\t') as [string, string]);
    expect(pairs.length).toBeGreaterThan(1000);
    expect(pairs.map(([word]) => [word, stem(word)])).toEqual(pairs);
  },
);

test('loadSnowball knows every language that Annif offers', async () => {
  for (const language of ofAnnif.split(' ')) expect(SNOWBALL_LANGUAGES).toContain(language);
  for (const language of SNOWBALL_LANGUAGES) expect(typeof (await loadSnowball(language))('abcdef')).toBe('string');
});

test('loadNatural finds the file of every language', async () => {
  for (const language of NATURAL_LANGUAGES) expect(typeof (await loadNatural(language))('abcdef')).toBe('string');
});
