import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitSentences } from './sentences.js';

/** Sentences as written with a bar in between. */
test.each([
  ['en', 'Dr. Smith et al. (1998) wrote it.|See Fig. 3 and No. 5, e.g. here.|He left.'],
  ['en', 'The U.S. Senate met.|He lives in the U.S.|The end came.'],
  ['en', '"Really?" he asked.|"Yes."|She left (at 5 p.m. on Monday).|(He stayed.)|Why?!|So...|Then.'],
  ['en', 'J. R. R. Tolkien was born at 3.5 m.|Then came no. 5.|The answer is no.|And so on, vs. Others.'],
  ['en', 'A title\nwrapped on two lines\n\n|The first paragraph\r\nhas lines.|More.\r\n\r\n|Last'],
  ['en', '# Heading\n|Text after it\n|- item one\n|- item two\n|## Second\n|Text'],
  ['en', '1. Introduction to it.|2. Methods and so on.|It works.'],
  ['de', 'Am 3. Mai 1990 tagte z. B. der Rat.|Vgl. Art. 5 Abs. 2 GG.|Die Tagung war am 12. Januar.|Es war gut.'],
  ['de', 'Ludwig XIV. regierte bis 1715.|Prof. Dr. h.c. Müller kam.|„Gut.“|Dann ging er zu Bücher, Hefte usw. Karten.'],
  ['fi', 'Esim. kirja on s. 12.|Se on 3. painos.|Kts. myös yms.|Ja niin.|Hän tuli 5. toukokuuta 2001.|Tampere.'],
  ['sv', 'Han läste t.ex. Lagerlöf, bl.a. Romaner.|Kap. 3 handlar om det m.m.|Och sedan kom han.|S. Lagerlöf skrev.'],
  ['fr', "M. Dupont est arrivé.|L'art. 5 du code, p. ex. ici.|« Oui. »|Il part !|Vraiment ?|Oui…"],
  ['zh', '这是第一句。|这是第二句！|第三句？'],
  ['de', '172 S., Kt. , 29,80 DM.|1990.|Bücher'],
  ['en', '2.1. Methods are here.|Published in Rome, 1997.|(It was found.)'],
  ['xx', 'One.|Two.'],
])('splitSentences %s: %s', (language, marked) => {
  expect(splitSentences(marked.replaceAll('|', ' '), language)).toEqual(marked.split('|').map((s) => s.trim()));
});

test('splitSentences: nothing and only marks', () => {
  expect(splitSentences(' \n ', 'en')).toEqual([]);
  expect(splitSentences(' ... !!! ', 'en')).toEqual(['... !!!']);
});

test('splitSentences loses no character', () => {
  const bare = (s: string): string => s.replace(/\s/gu, '');
  const units = fc.constantFrom(...'aB1.?!…。"\')» \n\r#-é', '\ud800', 'z. B. ', 'Dr. ', 'The ');
  fc.assert(
    fc.property(fc.array(units, { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      for (const language of ['en', 'de']) expect(bare(splitSentences(text, language).join(''))).toBe(bare(text));
    }),
  );
});
