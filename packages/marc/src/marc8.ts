import { ANSEL_SET, MARC8_CONTROLS, MARC8_SETS, type Marc8Set, OTHER_SETS } from './marc8-table.js';

/** MARC-8 that cannot be read; the message says why. */
export class Marc8Error extends Error {}

const ESCAPE = 0x1b;
const BEYOND_ASCII = /[^\x20-\x7e]/;

/**
 * Reads MARC-8: ASCII and ANSEL, subscripts, superscripts and Greek symbols. A combining character, which stands before its
 * letter there, comes to stand behind it; the text is composed (NFC). Numeric character references (`&#x20AC;`), by which
 * MARC-8 holds what its sets lack, become characters.
 *
 * @param bytes a subfield, one code unit for each byte (latin1)
 * @throws {Marc8Error} for sets of other scripts, and bytes that stand for nothing
 * @see Library of Congress, MARC 21 Specifications: Character Sets and Encoding Options, part 2
 */
export function decodeMarc8(bytes: string): string {
  if (!BEYOND_ASCII.test(bytes)) return bytes.includes('&#x') ? withReferences(bytes) : bytes;
  let low = MARC8_SETS.B as Marc8Set;
  let high = ANSEL_SET;
  let text = '';
  let marks = '';
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes.charCodeAt(i);
    if (code === ESCAPE) {
      const named = escapeAt(bytes, i + 1);
      if (named.isHigh) high = named.set;
      else low = named.set;
      i += named.length;
      continue;
    }
    const set = code < 0x80 ? low : high;
    const mark = set.combining[code & 0x7f];
    if (mark !== undefined && !isControl(code)) {
      marks += mark;
      continue;
    }
    const character = isControl(code) ? (MARC8_CONTROLS[code] ?? '') : code === 0x20 ? ' ' : set.spacing[code & 0x7f];
    if (character === undefined) throw new Marc8Error(`the byte ${hex(code)} stands for no character in MARC-8`);
    text += character + marks;
    marks = '';
  }
  return withReferences(text + marks).normalize('NFC');
}

function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/** @param at behind the escape character */
function escapeAt(bytes: string, at: number): { set: Marc8Set; isHigh: boolean; length: number } {
  const [sequence = '', intermediate = '', final = ''] =
    /^([(,)\-$]{0,2})(!?[A-Za-z0-9])/.exec(bytes.slice(at, at + 4)) ?? [];
  const set = intermediate.includes('$') ? undefined : MARC8_SETS[final];
  if (set) return { set, isHigh: /[)-]/.test(intermediate), length: sequence.length };
  const name = intermediate.includes('$') ? OTHER_SETS['1'] : OTHER_SETS[final];
  throw new Marc8Error(
    name === undefined
      ? 'an escape sequence names no set of MARC-8'
      : `it uses the ${name} set of MARC-8, of which only the Latin sets are read`,
  );
}

function withReferences(text: string): string {
  return text.replace(/&#x([0-9a-f]{1,6});/gi, (reference, digits: string) => {
    const code = Number.parseInt(digits, 16);
    return code >= 0x20 && code <= 0x10ffff ? String.fromCodePoint(code) : reference;
  });
}

const codes = new Map<string, number>();
for (const [code, character] of Object.entries(ANSEL_SET.spacing)) codes.set(character, Number(code) | 0x80);
const markCodes = new Map<string, number>();
for (const [code, mark] of Object.entries(ANSEL_SET.combining)) {
  // Marks over two letters have a second half, which a grapheme by itself does not know: they are written as references.
  if (mark !== '' && mark !== '\u0361' && mark !== '\u0360') markCodes.set(mark, Number(code) | 0x80);
}

/**
 * Writes text in MARC-8, with ASCII and ANSEL; what these lack is a numeric character reference, as the specification has it.
 *
 * @returns one code unit for each byte (latin1)
 */
export function encodeMarc8(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text;
  let bytes = '';
  for (const { segment } of new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)) {
    bytes += encodeGrapheme(segment);
  }
  return bytes;
}

function encodeGrapheme(grapheme: string): string {
  const [letter = '', ...marks] = [...grapheme.normalize('NFD')];
  const base = byteOf(letter);
  const before = marks.map((mark) => markCodes.get(mark));
  if (base !== undefined && !before.includes(undefined)) return String.fromCharCode(...(before as number[])) + base;
  return [...grapheme.normalize('NFC')].map((c) => byteOf(c) ?? `&#x${hex(c.codePointAt(0) as number)};`).join('');
}

function byteOf(character: string): string | undefined {
  if (!BEYOND_ASCII.test(character)) return character;
  const code = codes.get(character);
  return code === undefined ? undefined : String.fromCharCode(code);
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(2, '0');
}
