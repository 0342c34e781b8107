import { composed } from './field-spec.js';
import type { HeadingRules, MarcMapping, SubjectFields } from './marc-mapping.js';
import { firstSubfield, type MarcField, type MarcRecord, SUBFIELD_MARK, subfieldValues } from './marc-record.js';

/**
 * What a heading that a record has says of its concept, or what a concept may be called by one: where both say the same, the
 * record has the concept. A letter for the kind is before each text.
 */
export type Names = readonly string[];

const KEY = 'k';
const IDENTIFIER = 'i';
const LABEL = 'l';
const NOTATION = 'n';

/** By what a heading of a person may name a concept. */
export interface ConceptNames {
  readonly names: ReadonlySet<string>;
  /** How its identifiers end (`tailOf`), and its label and notation begin (`beginningOf`). */
  readonly tails: readonly number[];
  readonly heads: readonly number[];
  /** One of `bitOf` for each of these. */
  readonly bits: number;
}

/** Reads the headings that records have, by a mapping. */
export class PersonsHeadings {
  private readonly subjects: SubjectFields;
  private readonly rules: HeadingRules;

  constructor({ subjects, headings }: MarcMapping) {
    this.subjects = subjects;
    this.rules = headings;
  }

  /**
   * @param own places of fields that are no person's
   * @returns what the headings say that may name one of the concepts
   */
  of(record: MarcRecord, own: ReadonlySet<number>, concepts: readonly ConceptNames[]): Names[] {
    const found: Names[] = [];
    const { tags, layout } = record;
    const bits = concepts.reduce((all, concept) => all | concept.bits, 0);
    for (let i = 0; i < tags.length; i++) {
      const tag = tags[i] as string;
      if (!isHeadingTag(tag) || own.has(i)) continue;
      let isWorthReading: boolean;
      if (layout.format === 'iso2709' && layout.encoding === 'utf-8') {
        const from = layout.from + layout.base + (layout.starts[i] as number);
        isWorthReading = mayName(
          layout.block.characters,
          from,
          from + (layout.lengths[i] as number) - 1,
          concepts,
          bits,
        );
      } else {
        const { marked } = record.field(i);
        isWorthReading = mayName(marked, 0, marked.length, concepts, bits);
      }
      if (isWorthReading) found.push(this.names(record.field(i)));
    }
    return found;
  }

  private names(field: MarcField): Names {
    const { subjects, rules } = this;
    const { tag, marked } = field;
    const identifiers: string[] = [];
    let said: string | undefined;
    let isSubdivided = false;
    const isFree = tag === '653';
    for (let at = marked.indexOf(SUBFIELD_MARK); at >= 0; ) {
      const next = marked.indexOf(SUBFIELD_MARK, at + 1);
      const end = next < 0 ? marked.length : next;
      const code = at + 1 < end ? (marked[at + 1] as string) : '';
      if (code === '0' || code === '1') identifiers.push(marked.slice(at + 2, end).trim());
      else if (code === '2') said ??= marked.slice(at + 2, end).trim();
      else if (!isFree && code !== '' && SUBDIVISIONS.includes(code)) isSubdivided = true;
      at = next;
    }
    const names = identifiers.map((identifier) => KEY + identifierKey(identifier));
    const source = said ?? SOURCES_OF_INDICATOR[marked[1] ?? ''];
    const isOfSource =
      (isFree && rules.tag === '653') ||
      (source !== undefined && (source === rules.source || subjects.sources.includes(source)));
    if (!isOfSource) return names;
    for (const identifier of identifiers) names.push(IDENTIFIER + identifier);
    if (isSubdivided) return names;
    for (const label of labelsOf(field)) {
      names.push(LABEL + label);
      if (tag === '084') names.push(NOTATION + label);
    }
    return names;
  }
}

export function namesOfConcept(
  { uri, label, notation }: { readonly uri: string; readonly label: string; readonly notation: string | undefined },
  prefixes: SubjectFields['prefixes'],
): ConceptNames {
  const keys = keysOf(uri, prefixes);
  const composedLabel = label.normalize('NFC');
  const names = new Set(keys.map((key) => KEY + key));
  if (notation !== undefined) names.add(IDENTIFIER + notation);
  names.add(LABEL + composedLabel);
  names.add(NOTATION + (notation ?? ''));
  const tails = [...keys, notation ?? ''].map((text) => tailOf(text, 0, text.length));
  const heads = [composedLabel, notation ?? ''].map((text) => beginningOf(text, 0));
  return { names, tails, heads, bits: [...tails, ...heads].reduce((all, n) => all | bitOf(n), 0) };
}

/** @returns whether a record with these headings has the concept */
export function hasConcept(headings: readonly Names[], { names }: ConceptNames): boolean {
  for (const heading of headings) for (const name of heading) if (names.has(name)) return true;
  return false;
}

/**
 * Tells of nearly all headings that they name none of the concepts, without making a string of them.
 *
 * @param text where the heading's text lies, from and to these places: decoded, or a character for each byte of UTF-8
 * @param bits those of all concepts
 */
function mayName(text: string, from: number, to: number, concepts: readonly ConceptNames[], bits: number): boolean {
  for (let at = text.indexOf(SUBFIELD_MARK, from); at >= 0 && at < to; ) {
    const next = text.indexOf(SUBFIELD_MARK, at + 1);
    const end = next < 0 || next > to ? to : next;
    const code = at + 1 < end ? text.charCodeAt(at + 1) : 0;
    if (code === ZERO || code === ONE) {
      const tail = tailOf(text, at + 2, end);
      if (tail === ANY) return true;
      if ((bits & bitOf(tail)) !== 0) for (const { tails } of concepts) if (tails.includes(tail)) return true;
    } else if (code === LETTER_A) {
      const head = headOf(text, at + 2, end);
      if (head === ANY) return true;
      if ((bits & bitOf(head)) !== 0) for (const { heads } of concepts) if (heads.includes(head)) return true;
    }
    at = next;
  }
  return false;
}

const [ZERO, ONE, LETTER_A, BLANK, FULL_STOP] = [0x30, 0x31, 0x61, 0x20, 0x2e];

/** @returns one bit of 32: where it is not among those of some numbers, neither is the number among them */
function bitOf(n: number): number {
  return 1 << ((n ^ (n >> 7)) & 31);
}

/** Of what does not tell by its beginning or end what it is. */
const ANY = -1;

/**
 * @returns the last four characters of an identifier as a number: those of its key as well, since only what stands before a colon
 *   or a bracket is left out of it; `ANY` where that is not sure
 */
function tailOf(text: string, from: number, to: number): number {
  if (to - from < 4) return ANY;
  let tail = 0;
  for (let i = to - 4; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code === 0x3a || code === 0x29) return ANY;
    tail = (tail << 7) | code;
  }
  return tail;
}

/**
 * @returns the first three characters of a label as a number, where neither composing the label nor leaving out blanks and a
 *   full stop can change them: ASCII, the next one as well; else `ANY`
 */
function headOf(text: string, from: number, to: number): number {
  if (to - from < 4) return ANY;
  const third = text.charCodeAt(from + 2);
  if (text.charCodeAt(from) === BLANK || third === BLANK || third === FULL_STOP) return ANY;
  const next = text.charCodeAt(from + 3);
  return next < 0x20 || next >= 0x7f ? ANY : beginningOf(text, from);
}

/** @returns three characters as a number; `ANY` where they are not ASCII */
function beginningOf(text: string, from: number): number {
  let beginning = 0;
  for (let i = from; i < from + 3; i++) {
    const code = text.charCodeAt(i);
    if (!(code >= 0x20 && code < 0x7f)) return ANY;
    beginning = (beginning << 7) | code;
  }
  return beginning;
}

const HEADING = /^6\d\d$/;

/** @returns true for 6XX and 084 */
export function isHeadingTag(tag: string): boolean {
  return tag[0] === '6' ? HEADING.test(tag) : tag === '084';
}

/** Vocabularies that the second indicator names. */
const SOURCES_OF_INDICATOR: Readonly<Record<string, string>> = { '0': 'lcsh', '2': 'mesh' };

/** Subfields that make a heading a more special one: form, general, time, place. */
const SUBDIVISIONS = 'vxyz';

/** @returns what the first subfield says, as it is and without a full stop that ends it; of free words all */
function labelsOf(field: Pick<MarcField, 'tag' | 'marked'>): string[] {
  const labels: string[] = [];
  for (const value of field.tag === '653' ? subfieldValues(field, 'a') : [firstSubfield(field, 'a')]) {
    if (value === undefined) continue;
    const label = composed(value.trim());
    labels.push(label);
    if (label.endsWith('.')) labels.push(label.slice(0, -1).trimEnd());
  }
  return labels;
}

/** @returns identifiers, as `identifierKey` makes them, that mean a concept: its URI, and its number behind each prefix */
function keysOf(uri: string, prefixes: SubjectFields['prefixes']): string[] {
  const bare = withoutProtocol(uri);
  const keys = [bare];
  for (const [prefix, beginnings] of prefixes) {
    for (const beginning of beginnings.map(withoutProtocol)) {
      if (bare.startsWith(beginning) && bare.length > beginning.length)
        keys.push(prefix + bare.slice(beginning.length));
    }
  }
  return keys;
}

/** @returns a URI without its protocol, or a prefix in brackets and its number without blanks between them */
function identifierKey(identifier: string): string {
  if (!identifier.startsWith('(')) return withoutProtocol(identifier);
  const end = identifier.indexOf(')') + 1;
  const rest = identifier.slice(end).trimStart();
  if (end === 5 && identifier.slice(0, end).toLowerCase() === '(uri)') return withoutProtocol(rest);
  return rest.length === identifier.length - end ? identifier : identifier.slice(0, end) + rest;
}

/** The same concept is named with `http:` and with `https:`. */
function withoutProtocol(uri: string): string {
  return /^https?:/i.test(uri) ? uri.slice(uri.indexOf(':') + 1) : uri;
}
