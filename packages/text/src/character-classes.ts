/** Belongs to words: letters, digits, and marks that combine with them. */
export const WORD = 1;
export const DIGIT = 2;
export const UPPER = 4;
export const LOWER = 8;
/** A word with it is not found by folding its code units one by one: it has to be normalised first. */
export const ODD = 16;
/** Invisible, and to be overlooked inside a word: soft hyphen, zero-width space and joiners. */
export const IGNORABLE = 32;
/** Joins the parts of a word under conditions: apostrophe, hyphen, dot, comma, colon, ampersand, plus, number sign. */
export const GLUE = 64;
/** May end a sentence. */
export const STOP = 128;
export const NEWLINE = 256;
export const SPACE = 512;
/** A word of its own. */
export const IDEOGRAPH = 1024;
/** Letter of a script that does not put spaces between words. */
export const UNSPACED = 2048;
/** Closing quotation mark or bracket, which may follow the stop of its sentence. */
export const CLOSER = 4096;
export const SURROGATE = 8192;
/** Combines with the letter before it, so no word begins with it. */
export const MARK = 16384;

export interface CharacterTables {
  /** Shape (65536): the classes of each UTF-16 code unit, as bits. */
  readonly classes: Uint16Array;
  /** Shape (65536): the code unit as surfaces have it: lower case, one kind of apostrophe, one kind of hyphen. */
  readonly folded: Uint16Array;
  /** Shape (65536): `folded` where words only need folding, else 0. */
  readonly plain: Uint16Array;
}

/** Unicode properties as runs, so that one pass of each finds all: a test of each character would take 20 ms. */
const letters = /[\p{L}\p{N}]+/gu;
const digits = /\p{Nd}+/gu;
const upper = /[\p{Lu}\p{Lt}]+/gu;
const lower = /\p{Ll}+/gu;
const marks = /\p{M}+/gu;
const unspaced =
  /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Hiragana}\p{Script=Katakana}\u30fc]+/gu;

/** Numbers, not letters, and yet with a lower case. */
const romanNumerals = /[\u2160-\u216f]+/gu;

let common: CharacterTables | undefined;
let turkic: CharacterTables | undefined;

/**
 * The tables for a language: Turkish and Azerbaijani tell dotted and dotless I apart, all others are alike.
 *
 * Built at the first call, about 10 ms.
 */
export function characterTables(language: string): CharacterTables {
  common ??= buildTables();
  if (!/^(tr|az)\b/u.test(language)) return common;
  if (!turkic) {
    const folded = common.folded.slice();
    folded[0x49] = 0x131;
    turkic = { classes: common.classes, folded, plain: plainOf(common.classes, folded) };
  }
  return turkic;
}

function plainOf(classes: Uint16Array, folded: Uint16Array): Uint16Array {
  return folded.map((unit, c) => ((classes[c] & (WORD | ODD | IDEOGRAPH | UNSPACED)) === WORD ? unit : 0));
}

function buildTables(): CharacterTables {
  const classes = new Uint16Array(65536);
  const folded = new Uint16Array(65536);
  for (let c = 0; c < 65536; c++) folded[c] = c;
  classes.fill(WORD | IDEOGRAPH, 0x3400, 0x4dc0);
  classes.fill(WORD | IDEOGRAPH, 0x4e00, 0xa000);
  classes.fill(WORD, 0xac00, 0xd7a4);
  classes.fill(SURROGATE, 0xd800, 0xe000);
  for (const [first, end] of [
    [0, 0x3400],
    [0x4dc0, 0x4e00],
    [0xa000, 0xac00],
    [0xd7a4, 0xd800],
    [0xf900, 0x10000],
  ] as const) {
    const block = String.fromCharCode(...folded.subarray(first, end));
    const each = (property: RegExp, apply: (c: number) => void): void => {
      for (const { 0: run, index } of block.matchAll(property)) {
        for (let c = first + index; c < first + index + run.length; c++) apply(c);
      }
    };
    each(letters, (c) => {
      classes[c] = needsNormalising(c) ? WORD | ODD : WORD;
    });
    each(marks, (c) => {
      classes[c] = WORD | ODD | MARK;
    });
    each(digits, (c) => {
      classes[c] |= DIGIT;
    });
    each(lower, (c) => {
      classes[c] |= LOWER;
    });
    each(upper, (c) => {
      classes[c] |= UPPER;
    });
    each(unspaced, (c) => {
      if (classes[c] & WORD) classes[c] |= UNSPACED;
    });
    each(upper, (c) => {
      const lowered = block[c - first].toLowerCase();
      if (lowered.length === 1) folded[c] = lowered.charCodeAt(0);
    });
    each(romanNumerals, (c) => {
      folded[c] = block[c - first].toLowerCase().charCodeAt(0);
    });
  }
  for (let c = 0xf900; c < 0xfb00; c++) if (classes[c] !== 0) classes[c] |= IDEOGRAPH;
  folded[0x130] = 0x69; // lower case in Unicode is i with a combining dot, two units
  folded[0x3c2] = 0x3c3; // final sigma
  setAll(classes, IGNORABLE, '\u00ad\u200b\u200c\u200d\u2060\ufeff', true);
  setAll(classes, GLUE, "'\u2019\u02bc-\u2010\u2011.,:&+#", false);
  classes[0x2bc] = GLUE;
  for (const c of '\u2019\u02bc') folded[c.charCodeAt(0)] = 0x27;
  for (const c of '\u2010\u2011') folded[c.charCodeAt(0)] = 0x2d;
  setAll(
    classes,
    STOP,
    '.!?\u2026\u3002\uff01\uff1f\uff0e\u061f\u06d4\u0964\u203c\u203d\u2047\u2048\u2049\u104b\u17d4',
    false,
  );
  setAll(classes, NEWLINE, '\n\r\f\u0085\u2028\u2029', false);
  setAll(classes, SPACE, ' \t\v\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000', false);
  setAll(classes, CLOSER, '"\')]}\u00bb\u00ab\u201d\u201c\u2019\u2018\u203a\u2039\u300d\u300f\uff09', false);
  return { classes, folded, plain: plainOf(classes, folded) };
}

/** True where NFC may change the unit itself or join it to the one before, and for ligatures and full-width forms. */
function needsNormalising(c: number): boolean {
  if (c < 0x300) return false;
  const s = String.fromCharCode(c);
  return (
    s.normalize('NFC') !== s ||
    (c >= 0x1160 && c <= 0x11ff) ||
    (c >= 0xfb00 && c <= 0xfb06) ||
    (c >= 0xff00 && c <= 0xffef)
  );
}

function setAll(classes: Uint16Array, bit: number, characters: string, only: boolean): void {
  for (let i = 0; i < characters.length; i++) {
    const c = characters.charCodeAt(i);
    classes[c] = only ? bit : classes[c] | bit;
  }
}

const compatible = /[\ufb00-\ufb06\uff00-\uffef]/u;
const ignorable = /[\u00ad\u200b-\u200d\u2060\ufeff]/gu;

/**
 * Writes a stretch of text as surfaces have it: NFC, folded, without invisible characters; ligatures and full-width
 * forms are written out.
 */
export function canonicalSurface(text: string, tables: CharacterTables): string {
  const visible = text.replace(ignorable, '');
  const composed = visible.normalize(compatible.test(visible) ? 'NFKC' : 'NFC');
  let folded = '';
  for (const character of composed) {
    folded +=
      character.length > 1 ? character.toLowerCase() : String.fromCharCode(tables.folded[character.charCodeAt(0)]);
  }
  return folded.normalize('NFC');
}

const astralLetter = /^[\p{L}\p{N}]$/u;
const astralMark = /^\p{M}$/u;
const astralUpper = /^[\p{Lu}\p{Lt}]$/u;
const astralHan = /^\p{Script=Han}$/u;

/** The classes of a character beyond the basic plane. */
export function astralClasses(codePoint: number): number {
  const s = String.fromCodePoint(codePoint);
  if (astralHan.test(s)) return WORD | IDEOGRAPH | ODD;
  if (astralLetter.test(s)) return WORD | ODD | (astralUpper.test(s) ? UPPER : 0);
  return astralMark.test(s) ? WORD | ODD | MARK : 0;
}
