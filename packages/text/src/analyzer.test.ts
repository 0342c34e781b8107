import { type Analyzer, ConfigurationError, NO_TERM } from '@catchword/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAnalyzer } from './analyzer.js';
import { canonicalSurface, characterTables } from './character-classes.js';
import { MAX_SURFACE } from './surface-table.js';

const simple = (language: string, minLength = 3): Promise<Analyzer> =>
  createAnalyzer(`simple(token_min_length=${minLength})`, { language });

/** Surfaces of a text, and after a slash the term where it is another; `-` where the token is left out. */
async function table(language: string, text: string): Promise<string> {
  const analyzer = await simple(language);
  const { nTokens, surfaces, terms } = analyzer.analyze(text);
  const words: string[] = [];
  for (let i = 0; i < nTokens; i++) {
    const surface = analyzer.surface(surfaces[i]);
    const term = terms[i] === NO_TERM ? '-' : analyzer.term(terms[i]);
    words.push(term === surface ? surface : `${surface}/${term}`);
  }
  return words.join(' ');
}

describe('createAnalyzer: tokens', () => {
  test.each([
    ['en', "Don't stop.", "don't/dont stop"],
    ['en', 'The U.S. spent $3.50 on e-mail (and C++)', 'the u.s/us spent 3.50/- on/- e-mail/email and c++'],
    ['en', 'women’s rights', "women's/women rights"],
    ['en', "O'Brien’s it's", "o'brien's/obrien it's/-"],
    ['en', 'land-use policy', 'land use policy'],
    ['en', 'X‑ray, COVID-19, vitamin-C', 'x-ray/xray covid-19/covid19 vitamin-c/vitaminc'],
    ['en', 'state-of-the-art', 'state of/- the art'],
    ['en', 'C# and .NET, ASP.NET', 'c#/- and .net asp net'],
    ['en', 'R&D at AT&T; food&drink', 'r&d at/- at&t food drink'],
    ['en', '1,000 or 3.14 or 2000.', '1,000/- or/- 3.14/- or/- 2000/-'],
    ['en', 'www.example.org/path_to', 'www example org path to/-'],
    ['en', 'and/or -dash- --x', 'and or/- dash x/-'],
    ['de', 'Nord-Süd-Konflikt', 'nord süd konflikt'],
    ['de', 'U-Bahn-Höfe, 3-D-Druck und 3D-Druck', 'u-bahn/ubahn höfe 3-d-druck/3ddruck und 3d-druck/3ddruck'],
    ['de', 'C-14-Datierung z.B. ẞ Straße', 'c-14/c14 datierung z.b/zb ß/- straße'],
    ['fi', 'EU-maat 1900-luvulla', 'eu-maat/eumaat 1900-luvulla/1900luvulla'],
    ['fi', 'EU:n WHO:lle USA:sta', 'eu:n/- who:lle/who usa:sta/usa'],
    ['fi', 'tuki- ja liikuntaelinten, vaa’an', "tuki ja/- liikuntaelinten vaa'an/vaaan"],
    ['sv', 'IT-system t.ex. här', 'it-system/itsystem t.ex/tex här'],
    ['fr', "L'eau de l’Afrique, aujourd'hui qu'il", "l/- eau de/- l/- afrique aujourd'hui/aujourdhui qu/- il/-"],
    ['it', "dell'acqua", 'dell acqua'],
    ['tr', 'ISPARTA İzmir', 'ısparta izmir'],
    ['en', 'ISPARTA İzmir', 'isparta izmir'],
    ['el', 'ΟΔΟΣ οδος', 'οδοσ οδοσ'],
    ['en', 'kirja\u00adsto zero\u200bwidth\u200b', 'kirjasto zerowidth'],
    ['en', 'ﬁsh ＦＵＬＬ', 'fish full'],
    ['fi', 'ääni'.normalize('NFD'), 'ääni'],
    ['ko', '한국 도서관'.normalize('NFD'), '한국 도서관'],
    ['zh', '中文, 𠀀', '中 文 𠀀'],
    ['en', 'x\u0000abc \ud800def 😀 ...', 'x/- abc def'],
    ['en', '', ''],
    ['en', ' .,;!? — « » ', ''],
  ])('%s: %s', async (language, text, expected) => {
    expect(await table(language, text)).toBe(expected);
  });

  test('a script without spaces is cut into words', async () => {
    expect(await table('th', 'ภาษาไทยง่าย')).toBe('ภาษา ไทย ง่าย');
  });

  test('positions of a token give a text that folds to its surface', async () => {
    for (const language of ['en', 'fi', 'fr', 'tr']) {
      const analyzer = await simple(language, 1);
      const tables = characterTables(language);
      const pieces = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom(
          ..."a-b'c.d,e:f&g#h+ \n",
          'ä',
          'a\u0308',
          'ﬁ',
          '\u00ad',
          'É',
          '\ud800',
          'И',
          '漢',
          'ท',
          '1',
          '’',
          'İ',
        ),
      );
      const texts = fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join(''));
      fc.assert(
        fc.property(texts, (text) => {
          const { nTokens, surfaces, starts, ends, nSentences, sentenceStarts } = analyzer.analyze(text);
          let last = 0;
          for (let i = 0; i < nTokens; i++) {
            expect(starts[i]).toBeGreaterThanOrEqual(last);
            expect(ends[i]).toBeGreaterThan(starts[i]);
            last = ends[i];
            const surface = canonicalSurface(text.slice(starts[i], ends[i]), tables);
            expect(analyzer.surface(surfaces[i])).toBe(surface.slice(0, MAX_SURFACE));
          }
          expect(last).toBeLessThanOrEqual(text.length);
          expect(sentenceStarts[0]).toBe(0);
          expect(sentenceStarts[nSentences]).toBe(nTokens);
          for (let s = 0; s < nSentences; s++) expect(sentenceStarts[s]).toBeLessThan(sentenceStarts[s + 1]);
        }),
        { numRuns: 300 },
      );
    }
  });

  test('decomposed text has the terms of composed text', async () => {
    const analyzer = await createAnalyzer('snowball(german)', { language: 'de' });
    const words = fc.string({ unit: fc.constantFrom(...'aäbeénöüßÄÖÜ -.') });
    fc.assert(
      fc.property(words, (text) => {
        expect(analyzer.terms(text.normalize('NFD'))).toEqual(analyzer.terms(text));
      }),
    );
  });

  test.each([
    ['one letter', 'a'],
    ['joined letters', 'a-'],
    ['numbers', '1-'],
    ['dots', 'a.'],
    ['apostrophes', "a'"],
    ['soft hyphens', '\u00ad'],
    ['a word and soft hyphens', 'ab\u00ad\u00ad'],
    ['marks', '\u0308'],
    ['letters with marks', 'a\u0308'],
    ['Thai', 'ท'],
    ['ideographs', '漢'],
    ['stops', '.'],
    ['line breaks', '\n'],
    ['lone surrogates', '\ud800'],
    ['number signs', '\n#'],
  ])('a million characters of %s take linear time', async (_, unit) => {
    const analyzer = await createAnalyzer('snowball(english)', { language: 'en' });
    const text = `x${unit.repeat(1_000_000 / unit.length)}`;
    const start = performance.now();
    analyzer.analyze(text);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('what is longer than a surface keeps its whole position', async () => {
    const analyzer = await simple('en');
    const { nTokens, ends, surfaces } = analyzer.analyze('b'.repeat(1000));
    expect([nTokens, ends[0], analyzer.surface(surfaces[0]).length]).toEqual([1, 1000, MAX_SURFACE]);
  });
});

describe('createAnalyzer: tables', () => {
  test('ids stay the same within an epoch, and termId finds the id of a term', async () => {
    const analyzer = await createAnalyzer('snowball(english)', { language: 'en' });
    const first = analyzer.analyze('Fishing boats').terms.slice(0, 2);
    expect(analyzer.analyze('boat, fished')?.terms.slice(0, 2)).toEqual(Uint32Array.from([first[1], first[0]]));
    expect(analyzer.termId('boat')).toBe(first[1]);
    expect(analyzer.termId('new')).toBe(analyzer.nTerms);
    expect(() => analyzer.term(NO_TERM)).toThrow(RangeError);
    expect(() => analyzer.surface(analyzer.nSurfaces + 1)).toThrow(RangeError);
  });

  test('the tables are emptied before a document once they are large, and say so', async () => {
    const analyzer = await createAnalyzer('simple', { language: 'en', maxSurfaces: 1000 });
    const words = Array.from({ length: 1001 }, (_, i) => `word${i}`);
    expect(analyzer.analyze(words.slice(1).join(' ')).nTokens).toBe(1000);
    analyzer.analyze(words.join(' '));
    expect([analyzer.epoch, analyzer.nSurfaces]).toEqual([0, 1001]);
    expect(analyzer.terms('abc')).toEqual(['abc']);
    expect([analyzer.epoch, analyzer.nSurfaces, analyzer.nTerms]).toEqual([1, 1, 1]);
  });
});

describe('createAnalyzer: specs', () => {
  test.each([
    ['snowball(finnish)', 'fi', 'Kirjastoissa', 'kirjasto'],
    ['snowball(porter)', 'en', 'relational', 'relat'],
    ['natural(swedish)', 'sv', 'flickorna', 'flick'],
    ['natural(english)', 'en', 'studies', 'studi'],
    ['wink', 'en', 'Mice', 'mouse'],
    ['simple', 'en', 'Mice', 'mice'],
  ])('%s', async (spec, language, word, term) => {
    const analyzer = await createAnalyzer(spec, { language });
    expect(analyzer.spec).toBe(spec);
    expect(analyzer.language).toBe(language);
    expect(analyzer.terms(word)).toEqual([term]);
  });

  test('token_min_length counts characters', async () => {
    const analyzer = await simple('en', 2);
    expect(analyzer.terms('a an the 𝒜 𝒜b')).toEqual(['an', 'the', '𝒜b']);
  });

  test.each([
    ['voikko(fi)', 'snowball(finnish)'],
    ['simplemma(sv)', 'snowball(swedish)'],
    ['simplemma(mk)', 'simple'],
    ['spacy(en_core_web_sm,lowercase=1)', 'snowball(english)'],
    ['estnltk', 'snowball(estonian)'],
  ])('%s gives %s and a warning', async (spec, instead) => {
    const warnings: string[] = [];
    await createAnalyzer(spec, { language: 'fi', onWarning: (message) => warnings.push(message) });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`"${instead}" is used in its place`);
  });

  test.each([
    ['snowbal(finnish)', 'did you mean "snowball"?'],
    ['snowball(fi)', 'did you mean "snowball(finnish)"?'],
    ['snowball(finish)', 'did you mean "snowball(finnish)"?'],
    ['snowball', 'needs a language'],
    ['simple(x)', 'takes no argument'],
    ['simple(token_min_lenght=2)', 'has no parameter "token_min_lenght"'],
    ['simple(token_min_length=-1)', 'has to be a whole number from 0'],
    ['simple(', 'a parenthesis is not closed'],
    ['', 'a name is missing'],
  ])('"%s" is a configuration error', async (spec, message) => {
    const made = createAnalyzer(spec, { language: 'fi' });
    await expect(made).rejects.toThrow(ConfigurationError);
    await expect(made).rejects.toThrow(message);
  });
});
