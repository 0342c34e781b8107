/** The Latin sets of MARC-8, as the Library of Congress lists them in its code tables. */

/** ANSEL, 0xA1 to 0xCF, spacing characters. */
const SPACING: Readonly<Record<number, string>> = {
  161: 'Ł',
  162: 'Ø',
  163: 'Đ',
  164: 'Þ',
  165: 'Æ',
  166: 'Œ',
  167: 'ʹ',
  168: '·',
  169: '♭',
  170: '®',
  171: '±',
  172: 'Ơ',
  173: 'Ư',
  174: 'ʼ',
  176: 'ʻ',
  177: 'ł',
  178: 'ø',
  179: 'đ',
  180: 'þ',
  181: 'æ',
  182: 'œ',
  183: 'ʺ',
  184: 'ı',
  185: '£',
  186: 'ð',
  188: 'ơ',
  189: 'ư',
  192: '°',
  193: 'ℓ',
  194: '℗',
  195: '©',
  196: '♯',
  197: '¿',
  198: '¡',
  199: 'ß',
  200: '€',
};

/** ANSEL, 0xE0 to 0xFE: they stand before the letter that they belong to. */
const COMBINING: Readonly<Record<number, string>> = {
  224: '\u0309',
  225: '\u0300',
  226: '\u0301',
  227: '\u0302',
  228: '\u0303',
  229: '\u0304',
  230: '\u0306',
  231: '\u0307',
  232: '\u0308',
  233: '\u030c',
  234: '\u030a',
  // Halves of a ligature and of a tilde over two letters: the first stands for the whole, the second for nothing.
  235: '\u0361',
  236: '',
  237: '\u0315',
  238: '\u030b',
  239: '\u0310',
  240: '\u0327',
  241: '\u0328',
  242: '\u0323',
  243: '\u0324',
  244: '\u0325',
  245: '\u0333',
  246: '\u0332',
  247: '\u0326',
  248: '\u031c',
  249: '\u032e',
  250: '\u0360',
  251: '',
  254: '\u0313',
};

/** Controls above 0x7F that may stand in records: not for sorting (begin, end), joiner, non-joiner. */
export const MARC8_CONTROLS: Readonly<Record<number, string>> = {
  136: '\u0098',
  137: '\u009c',
  141: '\u200d',
  142: '\u200c',
};

const GREEK: Readonly<Record<number, string>> = { 97: 'α', 98: 'β', 99: 'γ' };

const SUBSCRIPTS: Readonly<Record<number, string>> = shifted(0x2080, { 40: '₍', 41: '₎', 43: '₊', 45: '₋' });

const SUPERSCRIPTS: Readonly<Record<number, string>> = {
  ...shifted(0x2070, { 40: '⁽', 41: '⁾', 43: '⁺', 45: '⁻' }),
  49: '¹',
  50: '²',
  51: '³',
};

function shifted(zero: number, others: Readonly<Record<number, string>>): Record<number, string> {
  const digits = Array.from({ length: 10 }, (_, d) => [48 + d, String.fromCharCode(zero + d)] as const);
  return { ...Object.fromEntries(digits), ...others };
}

/** A set of characters that an escape sequence can name; codes without their highest bit, 0x21 to 0x7E. */
export interface Marc8Set {
  readonly spacing: Readonly<Record<number, string>>;
  /** Characters that stand before their letter. */
  readonly combining: Readonly<Record<number, string>>;
}

const ASCII_SET: Marc8Set = {
  spacing: Object.fromEntries(Array.from({ length: 94 }, (_, i) => [33 + i, String.fromCharCode(33 + i)])),
  combining: {},
};

export const ANSEL_SET: Marc8Set = { spacing: sevenBits(SPACING), combining: sevenBits(COMBINING) };

function sevenBits(table: Readonly<Record<number, string>>): Record<number, string> {
  return Object.fromEntries(Object.entries(table).map(([code, character]) => [Number(code) & 0x7f, character]));
}

/** Sets by what names them in an escape sequence. */
export const MARC8_SETS: Readonly<Record<string, Marc8Set>> = {
  B: ASCII_SET,
  s: ASCII_SET,
  '!E': ANSEL_SET,
  g: { spacing: GREEK, combining: {} },
  b: { spacing: SUBSCRIPTS, combining: {} },
  p: { spacing: SUPERSCRIPTS, combining: {} },
};

/** Sets that are not read, for messages. */
export const OTHER_SETS: Readonly<Record<string, string>> = {
  '1': 'Chinese, Japanese and Korean',
  '2': 'Hebrew',
  '3': 'Arabic',
  '4': 'extended Arabic',
  N: 'Cyrillic',
  Q: 'extended Cyrillic',
  S: 'Greek',
};
