import type { Heading } from './headings.js';
import { iso2709Of, type SampleField } from './sample-records.test.fixture.js';

/** Numbers that look random, the same for a seed. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** @returns a whole number from 0 to n - 1 */
  below(n: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * n);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

const WORDS = [
  'kissat',
  'Käsite',
  'K\u0061\u0308site',
  '\u0301x',
  '– “x” …',
  '日本',
  '😀',
  'a\u0085b',
  'Dogs.',
  '',
  ' cats ',
];
const SIMPLE_WORDS = ['kissat', 'Dogs.', '', ' cats ', '&#x4e2d;', 'S\xe8augetiere', '\x1b(B', '\x1bsx', '\xe8'];
const PROCESSES = ['catchword yso-fi@abc0', 'catchword yso-fi@abc1', 'catchword other@abc0', 'maschinell gebildet'];

function fieldsOf(dice: Dice, isMarc8: boolean): SampleField[] {
  const word = () => dice.pick(isMarc8 ? SIMPLE_WORDS : WORDS);
  const fields: SampleField[] = [['001', `b${dice.below(1000)}`]];
  const link = () => `$8${1 + dice.below(4)}${dice.pick(['\\p', '\\p', '.2\\p', '\\c', ''])}`;
  for (let n = dice.below(9); n > 0; n--) {
    const tag = dice.pick(['008', '245', '520', '650', '650', '650', '651', '653', '084', '6ab', '699', '912', 'ABC']);
    const text = `${word()} ${word()}${'x'.repeat(dice.below(40))}`.trim();
    const number = `$0${dice.pick(['http://example.org/', 'https://example.org/', '(uri) http://example.org/', '(X) ', '(X)'])}${dice.below(9)}`;
    const more = dice.pick(['', '', number, `${number}$2yso/fin`, '$2yso/fin', '$xgeneral', '$', '$2other']);
    const own = dice.below(4) === 0 ? link() : '';
    const label = dice.pick([`käsite ${dice.below(9)}`, `kissat ${dice.below(9)}.`, text]);
    const marks = dice.pick([' 7', ' 0', '12', '', ' ']);
    fields.push([tag, `${marks}${own}$a${tag[0] === '6' && !isMarc8 ? label : text}${more}`]);
  }
  for (let n = dice.below(6) - 3; n > 0; n--) {
    const agency = dice.pick(['$qFI-X', '$qFI-X', '', '$qDE-1']);
    const confidence = `$c0.${dice.pick(['9000', '5000', '3333'])}`;
    fields.push([
      '883',
      `${dice.pick(['0 ', '0 ', '1 ', '  '])}${link()}$a${dice.pick(PROCESSES)}${confidence}$d20250101${agency}`,
    ]);
  }
  if (dice.below(4) === 0) {
    // What an earlier run of the same project has put in.
    for (let n = 1 + dice.below(3); n > 0; n--) {
      fields.push([
        dice.pick(['650', '650', '651', '245']),
        ` 7$8${n}\\p$akäsite ${dice.below(9)}$2yso/fin$0http://example.org/${dice.below(9)}`,
      ]);
      fields.push([
        '883',
        `0 $8${n}\\p$acatchword yso-fi@abc0$c${dice.pick(['0.9000', '0.5000'])}$d20250101${dice.pick(['$qFI-X', '$qFI-X', ''])}`,
      ]);
    }
  }
  if (dice.below(8) === 0) fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (dice.below(60) === 0) {
    for (let n = 9 + dice.below(2); n > 0; n--) fields.push(['520', `  $a${'y'.repeat(9_800 + dice.below(190))}`]);
  }
  return fields;
}

/** Something that nobody should write: bytes that are others, gone, twice there. */
function spoilt(dice: Dice, record: Buffer): Buffer {
  const bytes = Buffer.from(record);
  const at = dice.below(bytes.length);
  const kind = dice.below(7);
  if (kind === 0) bytes[at] = dice.pick([0x1d, 0x1e, 0x1f, 0x00, 0x80, 0xff, 0x30, 0x39]);
  else if (kind === 1) return bytes.subarray(0, at);
  else if (kind === 2) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 3))]);
  else if (kind === 3) bytes[24 + dice.below(24)] = dice.pick([0x30, 0x31, 0x39, 0x41, 0x20, 0xe4]);
  else if (kind === 4) bytes[dice.below(24)] = dice.pick([0x30, 0x31, 0x39, 0x61, 0x20, 0xe4]);
  else if (kind === 5 && bytes.length > 60) {
    // Entries that change places: the data is in another order than the directory.
    const first = Buffer.from(bytes.subarray(24, 36));
    bytes.copy(bytes, 24, 36, 48);
    first.copy(bytes, 36);
  } else if (bytes.length > 60) bytes.copy(bytes, 24 + 3, 36 + 3, 48); // two fields in one place
  return bytes;
}

/** @returns a file of records of all kinds: as they should be, in UTF-8 and MARC-8, with headings of earlier runs, broken */
export function hostileFile(seed: number, nRecords: number): Buffer {
  const dice = new Dice(seed);
  const parts: Buffer[] = [];
  for (let i = 0; i < nRecords; i++) {
    const isMarc8 = dice.below(5) === 0;
    const fields = fieldsOf(dice, isMarc8);
    const record = isMarc8 ? iso2709Of(fields, ' ') : iso2709Of(fields);
    if (!isMarc8 && dice.below(10) === 0) record[9] = 0x20; // UTF-8 under a leader that says MARC-8
    parts.push(dice.below(6) === 0 ? spoilt(dice, record) : record);
    if (dice.below(10) === 0) parts.push(Buffer.from(dice.pick(['\n', '\r\n', '\0', ' \x1a', 'text'])));
  }
  return Buffer.concat(parts);
}

/** @returns headings of all kinds for a record; undefined for one that keeps its own */
export function hostileHeadings(seed: number): Heading[] | undefined {
  const dice = new Dice(seed);
  dice.below(2);
  if (dice.below(12) === 0) return undefined;
  const isLong = dice.below(40) === 0;
  return Array.from({ length: dice.below(6) }, () => {
    const number = dice.below(9);
    const odd = dice.pick([
      'a\x1eb\x1dc',
      '\ud800',
      'e\u0301',
      '\u0301',
      '日本',
      '😀',
      `${'l'.repeat(9_900)}`,
      'Säugetiere',
    ]);
    const label =
      isLong || dice.below(12) === 0 ? odd : dice.pick([`käsite ${number}`, `kissat ${number}`, `label ${number}`]);
    return {
      uri: dice.pick([`http://example.org/${number}`, `http://example.org/${number}`, `urn:${odd}`]),
      label,
      notation: dice.below(3) === 0 ? dice.pick([`${number}`, '12.3', 'ä']) : undefined,
      tag: dice.pick(['650', '650', '650', '651', '653', '600', '610', '630', '084', '655']),
      confidence: dice.pick([0.9, 0.5, 1 / 3, 0.00005, 1e-9, 0, 1, 0.12345, 2, -1, Number.NaN, dice.below(1e6) / 1e6]),
      ...(dice.below(6) === 0 ? { modelId: `m${dice.below(3)}` } : undefined),
      ...(dice.below(6) === 0 ? { decision: dice.pick(['accepted', 'added'] as const) } : undefined),
    };
  });
}
