import { DIGIT, LOWER, MARK, UPPER, WORD } from './character-classes.js';

const elidingFrench = new Set(['fr', 'ca', 'oc']);
const inflectingByColon = new Set(['fi', 'sv']);

/** Letters and marks of a part of one or two letters, at most. */
const MAX_SHORT_UNITS = 12;

/** Where a word goes on after a joining character. */
export const NO_JOIN = -1;

/**
 * Decides whether a character such as a hyphen joins the parts on its two sides into one word.
 *
 * - Hyphen: the parts are words of their own, so that `land-use` is `land use`, unless a part could not stand alone: the
 *   first or last part of the chain is joined to its neighbour if it has less than three characters or no letter
 *   (`e-mail`, `X-ray`, `1900-luku`, `EU-maat`, `COVID-19`), and a single letter is joined to what follows.
 * - Apostrophe: joins (`don't`, `O'Brien`), save after an elided word in French, Catalan and Italian (`l'eau`).
 * - Dot: joins numbers (`3.14`) and the letters of an abbreviation (`U.S`, `z.B`, `t.ex`). Comma: numbers.
 * - Colon: joins the ending of an abbreviation in Finnish and Swedish (`EU:n`).
 * - `&` joins one or two letters with one or two (`R&D`); `++` and `#` end a short name (`C++`, `C#`).
 *
 * @param wordStart where the word begins
 * @param partStart where the part before the character begins
 * @param at the character's position
 * @returns where the word goes on, or for `++` and `#` where it ends; NO_JOIN if the word ends before the character
 */
export function joinWord(
  text: string,
  classes: Uint16Array,
  language: string,
  wordStart: number,
  partStart: number,
  at: number,
): number {
  const next = at + 1 < text.length ? classes[text.charCodeAt(at + 1)] : 0;
  const c = text.charCodeAt(at);
  const onWord = (next & (WORD | MARK)) === WORD;
  switch (c) {
    case 0x2d: // -
    case 0x2010:
    case 0x2011:
      return onWord && joinsHyphen(text, classes, wordStart, partStart, at) ? at + 1 : NO_JOIN;
    case 0x27: // '
    case 0x2019:
    case 0x2bc:
      return onWord && !(next & DIGIT) && !elides(text, classes, language, partStart, at) ? at + 1 : NO_JOIN;
    case 0x2c: // ,
      return next & DIGIT && classes[text.charCodeAt(at - 1)] & DIGIT ? at + 1 : NO_JOIN;
    case 0x2e: // .
      if (next & DIGIT && classes[text.charCodeAt(at - 1)] & DIGIT) return at + 1;
      return onWord && joinsDot(text, classes, partStart, at) ? at + 1 : NO_JOIN;
    case 0x3a: // :
      return next & LOWER && inflectingByColon.has(language) && joinsColon(text, classes, at) ? at + 1 : NO_JOIN;
    case 0x26: // &
      return onWord &&
        partStart === wordStart &&
        fewLetters(text, classes, partStart) > 0 &&
        fewLetters(text, classes, at + 1) > 0
        ? at + 1
        : NO_JOIN;
    case 0x2b: // +
      return text.charCodeAt(at + 1) === 0x2b && endsName(text, classes, wordStart, at, at + 2) ? at + 2 : NO_JOIN;
    case 0x23: // #
      return endsName(text, classes, wordStart, at, at + 1) ? at + 1 : NO_JOIN;
    default:
      return NO_JOIN;
  }
}

/** Tells whether a character is a kind of hyphen. */
export function isHyphen(c: number): boolean {
  return c === 0x2d || c === 0x2010 || c === 0x2011;
}

/** `.NET`, the one name that begins with a dot. @returns where it ends, or NO_JOIN */
export function dotName(text: string, classes: Uint16Array, at: number): number {
  const end = at + 4;
  if ((text.charCodeAt(at + 1) | 0x20) !== 0x6e || text.slice(at + 1, end).toLowerCase() !== 'net') return NO_JOIN;
  if (at > 0 && classes[text.charCodeAt(at - 1)] & WORD) return NO_JOIN;
  return end < text.length && classes[text.charCodeAt(end)] & WORD ? NO_JOIN : end;
}

function joinsHyphen(text: string, classes: Uint16Array, wordStart: number, partStart: number, at: number): boolean {
  if (at - partStart === 1 || fewLetters(text, classes, partStart) === 1) return true;
  const first =
    partStart === wordStart &&
    !(wordStart > 1 && isHyphen(text.charCodeAt(wordStart - 1)) && classes[text.charCodeAt(wordStart - 2)] & WORD);
  if (first && shortPartEnd(text, classes, partStart) === at) return true;
  const end = shortPartEnd(text, classes, at + 1);
  if (end < 0) return false;
  const inMiddle = end + 1 < text.length && isHyphen(text.charCodeAt(end)) && classes[text.charCodeAt(end + 1)] & WORD;
  return !inMiddle;
}

/** @returns where the part ends if it has fewer than three characters or no letter, else -1; marks do not count */
function shortPartEnd(text: string, classes: Uint16Array, start: number): number {
  let letters = false;
  let n = 0;
  for (let i = start; i < text.length; i++) {
    const k = classes[text.charCodeAt(i)];
    if (!(k & WORD)) return i;
    if (k & MARK) continue;
    if (!(k & DIGIT)) letters = true;
    if (++n >= 3 && letters) return -1;
  }
  return text.length;
}

/** @returns the number of letters of the part that begins at `start` if they are one or two and all it has, else 0 */
function fewLetters(text: string, classes: Uint16Array, start: number): number {
  let n = 0;
  const limit = Math.min(text.length, start + MAX_SHORT_UNITS);
  for (let i = start; i < limit; i++) {
    const k = classes[text.charCodeAt(i)];
    if (!(k & WORD)) return n;
    if (k & MARK) continue;
    if (k & DIGIT || ++n > 2) return 0;
  }
  return limit === text.length ? n : 0;
}

function elides(text: string, classes: Uint16Array, language: string, partStart: number, at: number): boolean {
  if (language === 'it') return fewLetters(text, classes, at + 1) !== 1;
  if (!elidingFrench.has(language)) return false;
  return fewLetters(text, classes, partStart) > 0 || (text.charCodeAt(at - 1) | 0x20) === 0x75;
}

function joinsDot(text: string, classes: Uint16Array, partStart: number, at: number): boolean {
  const before = fewLetters(text, classes, partStart);
  const after = before > 0 ? fewLetters(text, classes, at + 1) : 0;
  return after > 0 && before + after < 4;
}

function joinsColon(text: string, classes: Uint16Array, at: number): boolean {
  if (!(classes[text.charCodeAt(at - 1)] & (UPPER | DIGIT))) return false;
  for (let i = at + 1; i < at + 7; i++) {
    const k = i < text.length ? classes[text.charCodeAt(i)] : 0;
    if (!(k & WORD)) return true;
    if (k & DIGIT) return false;
  }
  return false;
}

function endsName(text: string, classes: Uint16Array, wordStart: number, at: number, end: number): boolean {
  if (at - wordStart !== 1 || classes[text.charCodeAt(wordStart)] & DIGIT) return false;
  return end >= text.length || !(classes[text.charCodeAt(end)] & WORD);
}
