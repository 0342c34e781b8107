import type { SubjectId, Vocabulary } from '@catchword/core';
import { composed } from './field-spec.js';
import type { HeadingRules, MarcMapping } from './marc-mapping.js';
import {
  firstSubfield,
  type MarcField,
  type MarcRecord,
  type MarcSubfield,
  markedSubfields,
  type NewField,
  SUBFIELD_MARK,
  subfieldValues,
} from './marc-record.js';
import { hasLinks, hasProvenance, highestLink, provenanceLinks, provenances } from './provenance.js';
import { spliced } from './splice.js';

/** A suggestion, as much of it as a heading needs. */
export interface Heading {
  readonly uri: string;
  readonly label: string;
  readonly notation: string | undefined;
  readonly tag: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** The version of the model that suggested it, where that is not the one of all. */
  readonly modelId?: string;
  /** What a person had to do with it: nothing, where it is absent. */
  readonly decision?: 'accepted' | 'added';
}

/** Whose headings they are. */
export interface HeadingOrigin {
  readonly projectId: string;
  /** Names the version of the model. */
  readonly modelId: string;
  /** Eight digits: yyyymmdd. */
  readonly date: string;
}

/** What became of one record. */
export interface HeadedRecord {
  /** The record as it is to be written; the very bytes that it came in where nothing changes or it is refused. */
  readonly bytes: Buffer;
  /** Own fields of an earlier run that go. */
  readonly removed: readonly MarcField[];
  readonly added: readonly NewField[];
  /** Suggestions that the record has already. */
  readonly nPresent: number;
  /** Why it is not changed although it should be; undefined where it is as it should be. */
  readonly refused: string | undefined;
}

/**
 * Puts suggestions into a record as headings, each linked with an 883 that says where it comes from.
 *
 * Headings of an earlier run of the same project and agency make way; where they are the same with the same confidence, the
 * record stays as it is. What a person made is not touched, also where it is linked with an 883 of a machine; a
 * suggestion that a person's heading has already (the same `$0`, or `$2` and `$a`) is left out.
 *
 * @param headings the best first
 * @see MARC 21 Format for Bibliographic Data, 883 and Appendix A ($8)
 */
export function headedRecord(
  record: MarcRecord,
  headings: readonly Heading[],
  mapping: MarcMapping,
  origin: HeadingOrigin,
): HeadedRecord {
  const isLinked = hasLinks(record);
  const own = isLinked || hasProvenance(record) ? ownFields(record, mapping.headings, origin) : NONE;
  const forms = formsOf(mapping);
  const people = headings.length === 0 ? [] : headingsOfPeople(record, own, mapping);
  const fresh = people.length === 0 ? headings : headings.filter((heading) => !hasHeading(people, forms.of(heading)));
  const nPresent = headings.length - fresh.length;
  const added = newFields(fresh, forms, mapping.headings, origin, isLinked ? highestLink(record, own) : 0);
  const removed = [...own].map((i) => record.field(i));
  if (isSameButDate(removed, added))
    return { bytes: record.bytes, removed: [], added: [], nPresent, refused: undefined };
  const bytes = spliced(record, own, added);
  if (typeof bytes !== 'string') return { bytes, removed, added, nPresent, refused: undefined };
  return { bytes: record.bytes, removed: [], added: [], nPresent, refused: bytes };
}

const NONE: ReadonlySet<number> = new Set();

/** Places of the headings of earlier runs and of their 883. */
function ownFields(record: MarcRecord, rules: HeadingRules, origin: HeadingOrigin): ReadonlySet<number> {
  const all = provenances(record);
  const isOwn = ({ isMachine, process, agency }: (typeof all)[number]) =>
    isMachine &&
    agency === (rules.agency ?? '') &&
    (rules.process === undefined ? process.startsWith(`catchword ${origin.projectId}@`) : process === rules.process);
  const ownLinks = new Set(all.filter(isOwn).flatMap(({ links }) => links));
  const othersLinks = new Set(all.filter((each) => !isOwn(each)).flatMap(({ links }) => links));
  const own = new Set<number>();
  const keptLinks = new Set<string>();
  record.fields.forEach((field, i) => {
    const links = provenanceLinks(field);
    if (field.tag === '883' || links.length === 0) return;
    // One that somebody else speaks for as well, or that is linked with other fields, is not ours alone.
    const isOurs =
      subfieldValues(field, '8').every((link) => /\\p$/.test(link.trim())) &&
      links.every((link) => ownLinks.has(link) && !othersLinks.has(link));
    if (isOurs && HEADING.test(field.tag)) own.add(i);
    else for (const link of links) keptLinks.add(link);
  });
  for (const provenance of all) {
    if (isOwn(provenance) && !provenance.links.some((link) => keptLinks.has(link))) own.add(provenance.field);
  }
  return own;
}

const HEADING = /^(6\d\d|084)$/;

function newFields(
  headings: readonly Heading[],
  forms: HeadingForms,
  rules: HeadingRules,
  origin: HeadingOrigin,
  highest: number,
): NewField[] {
  const fields: NewField[] = [];
  const sources: NewField[] = [];
  const ofModel = forms.process(origin, origin.modelId);
  const end = forms.end(origin);
  const isDnb = rules.dialect === 'dnb';
  let number = highest;
  let isInOrder = true;
  for (const heading of headings) {
    const { field, tail } = forms.of(heading);
    const { tag, indicators } = field;
    isInOrder &&= fields.length === 0 || (fields[fields.length - 1] as NewField).tag <= tag;
    if (heading.decision === 'added') {
      fields.push(field); // nothing of it is a machine's
      continue;
    }
    const link = `\x1f8${++number}\\p`;
    const nBytes = indicators.length + link.length; // these are ASCII
    fields.push(new MarkedField(tag, indicators, indicators + link + tail.text, nBytes + tail.nBytes));
    const process = heading.modelId === undefined ? ofModel : forms.process(origin, heading.modelId);
    const confidence = isDnb ? heading.confidence.toFixed(5).replace('.', ',') : fourDecimals(heading.confidence);
    sources.push(
      new MarkedField(
        '883',
        heading.decision === 'accepted' ? '1 ' : '0 ',
        `${heading.decision === 'accepted' ? '1 ' : '0 '}${link}${process.text}${confidence}${end.text}`,
        2 + link.length + process.nBytes + confidence.length + end.nBytes,
      ),
    );
  }
  isInOrder &&= fields.length === 0 || (fields[fields.length - 1] as NewField).tag <= '883';
  for (const field of sources) fields.push(field);
  return isInOrder ? fields : fields.sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0));
}

/** Texts of 0.0000 to 1.0000, as they were needed. */
const fractions: string[] = [];

/** @returns as `toFixed(4)`, which takes longer */
function fourDecimals(value: number): string {
  const n = Math.round(value * 10_000);
  // So near to the middle between two of them that only its binary digits tell, or no such number.
  if (!(Math.abs(value * 10_000 - n) < 0.499) || n < 0 || n > 10_000 || value < 0) return value.toFixed(4);
  let text = fractions[n];
  if (text === undefined) {
    text = value.toFixed(4);
    fractions[n] = text;
  }
  return text;
}

/** A part of a field's text. */
interface MarkedText {
  readonly text: string;
  /** In UTF-8. */
  readonly nBytes: number;
}

function markedText(text: string): MarkedText {
  return { text, nBytes: Buffer.byteLength(text) };
}

/** A new field whose subfields are made when somebody wants to see them. */
class MarkedField implements NewField {
  readonly tag: string;
  readonly indicators: string;
  readonly marked: string;
  readonly nBytes: number;

  constructor(tag: string, indicators: string, marked: string, nBytes: number) {
    this.tag = tag;
    this.indicators = indicators;
    this.marked = marked;
    this.nBytes = nBytes;
  }

  get subfields(): readonly MarcSubfield[] {
    return markedSubfields(this.marked);
  }
}

/** What a concept is as a heading, whatever record it comes into. */
interface HeadingForm {
  readonly heading: Heading;
  /** Without its link. */
  readonly field: NewField;
  /** Its subfields, each behind its mark. */
  readonly tail: MarkedText;
  /** Identifiers in the form of `identifierKey` that mean the concept. */
  readonly keys: readonly string[];
  /** In composed form. */
  readonly label: string;
  readonly notation: string | undefined;
}

/** Forms that are kept. */
const MOST_FORMS = 1 << 16;

/** Makes forms of headings by a mapping, those of a concept once. */
class HeadingForms {
  private readonly mapping: MarcMapping;
  private readonly forms = new Map<string, HeadingForm>();
  private readonly processes = new Map<string, MarkedText>();
  private readonly ends = new Map<string, MarkedText>();

  constructor(mapping: MarcMapping) {
    this.mapping = mapping;
  }

  of(heading: Heading): HeadingForm {
    const { uri, label, tag, notation } = heading;
    const known = this.forms.get(uri);
    if (known) {
      const { heading: before } = known;
      if (before.label === label && before.tag === tag && before.notation === notation) return known;
    }
    if (this.forms.size >= MOST_FORMS) this.forms.clear();
    const field = headingField(heading, this.mapping);
    const form = {
      heading,
      field,
      tail: markedText(field.subfields.map(({ code, value }) => SUBFIELD_MARK + code + value).join('')),
      keys: keysOf(uri, this.mapping.subjects.prefixes),
      label: label.normalize('NFC'),
      notation,
    };
    this.forms.set(uri, form);
    return form;
  }

  /** @returns what an 883 says before the confidence */
  process({ projectId }: HeadingOrigin, modelId: string): MarkedText {
    const process = this.mapping.headings.process ?? `catchword ${projectId}@${modelId}`;
    return textOf(this.processes, process, () => `\x1fa${cleanText(process)}\x1fc`);
  }

  /** @returns what it says behind it */
  end({ date }: HeadingOrigin): MarkedText {
    const { agency } = this.mapping.headings;
    return textOf(this.ends, date, () => `\x1fd${date}${agency === undefined ? '' : `\x1fq${cleanText(agency)}`}`);
  }
}

function textOf(known: Map<string, MarkedText>, key: string, make: () => string): MarkedText {
  let text = known.get(key);
  if (!text) {
    if (known.size >= MOST_FORMS) known.clear();
    text = markedText(make());
    known.set(key, text);
  }
  return text;
}

const formsOfMappings = new WeakMap<MarcMapping, HeadingForms>();

function formsOf(mapping: MarcMapping): HeadingForms {
  let forms = formsOfMappings.get(mapping);
  if (!forms) {
    forms = new HeadingForms(mapping);
    formsOfMappings.set(mapping, forms);
  }
  return forms;
}

const SIMPLE = /^(?:[!-~\xa1-\u02ff](?:[ -~\xa1-\u02ff]*[!-~\xa1-\u02ff])?)?$/;

/** Controls would end subfields, fields and records, and XML has neither them nor halves of characters. */
function cleanText(text: string): string {
  if (SIMPLE.test(text)) return text;
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\x00-\x1f\x7f\ufffe\uffff]+/g, ' ')
    .trim();
}

/** @returns the field without a link */
function headingField(heading: Heading, mapping: MarcMapping): NewField {
  const rules = mapping.headings;
  const { tag } = heading;
  const label = cleanText(heading.label);
  const notation = heading.notation === undefined ? undefined : cleanText(heading.notation);
  if (tag === '653') return { tag, indicators: '  ', subfields: [{ code: 'a', value: label }] };
  const source = rules.source === undefined ? [] : [{ code: '2', value: cleanText(rules.source) }];
  const identifier = identifierOf(heading, mapping);
  const number = identifier === undefined ? [] : [{ code: '0', value: cleanText(identifier) }];
  if (tag === '084') {
    return {
      tag,
      indicators: '  ',
      subfields: [{ code: 'a', value: notation ?? label }, ...source, ...number],
    };
  }
  const known = { lcsh: '0', mesh: '2' }[rules.source ?? ''];
  const second = known ?? (rules.source === undefined ? '4' : '7');
  const subfields = [{ code: 'a', value: label }, ...(known === undefined ? source : []), ...number];
  return { tag, indicators: `${firstIndicator(tag, label)}${second}`, subfields };
}

/** Names: of a person by surname or forename, of others in direct order; of titles how many characters are not for sorting. */
function firstIndicator(tag: string, label: string): string {
  if (tag === '600') return label.includes(',') ? '1' : '0';
  if (tag === '610' || tag === '611') return '2';
  return tag === '630' ? '0' : ' ';
}

function identifierOf({ uri, notation }: Heading, { headings, subjects }: MarcMapping): string | undefined {
  if (headings.identifier === 'notation') return notation;
  return headings.identifier === 'prefixed' ? (prefixed(uri, subjects.prefixes) ?? uri) : uri;
}

function prefixed(uri: string, prefixes: MarcMapping['subjects']['prefixes']): string | undefined {
  for (const [prefix, beginnings] of prefixes) {
    for (const beginning of beginnings) if (uri.startsWith(beginning)) return prefix + uri.slice(beginning.length);
  }
  return undefined;
}

/** A heading that a record has, as much of it as tells whether it is the same as a suggestion. */
interface PersonsHeading {
  /** As `identifierKey` makes them. */
  readonly keys: readonly string[];
  readonly isOfSource: boolean;
  /** As they stand. */
  readonly identifiers: readonly string[];
  readonly labels: readonly string[];
  readonly isNotation: boolean;
}

/** Vocabularies that the second indicator names. */
const SOURCES_OF_INDICATOR: Readonly<Record<string, string>> = { '0': 'lcsh', '2': 'mesh' };

/** Subfields that make a heading a more special one: form, general, time, place. */
const SUBDIVISIONS = 'vxyz';

function headingsOfPeople(
  record: MarcRecord,
  own: ReadonlySet<number>,
  { subjects, headings }: MarcMapping,
): PersonsHeading[] {
  const found: PersonsHeading[] = [];
  const { tags } = record;
  for (let i = 0; i < tags.length; i++) {
    const tag = tags[i] as string;
    if ((tag[0] !== '6' && tag[0] !== '0') || own.has(i) || !HEADING.test(tag)) continue;
    const field = record.field(i);
    const { marked } = field;
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
    const source = said ?? SOURCES_OF_INDICATOR[marked[1] ?? ''];
    const isOfSource =
      (isFree && headings.tag === '653') ||
      (source !== undefined && (source === headings.source || subjects.sources.includes(source)));
    found.push({
      keys: identifiers.map(identifierKey),
      isOfSource,
      identifiers,
      labels: isSubdivided || !isOfSource ? [] : labelsOf(field),
      isNotation: tag === '084',
    });
  }
  return found;
}

function hasHeading(people: readonly PersonsHeading[], form: HeadingForm): boolean {
  for (const { keys, isOfSource, identifiers, labels, isNotation } of people) {
    for (const key of keys) if (form.keys.includes(key)) return true;
    if (!isOfSource) continue;
    if (form.notation !== undefined && identifiers.includes(form.notation)) return true;
    if (labels.includes(form.label) || (isNotation && labels.includes(form.notation ?? ''))) return true;
  }
  return false;
}

/** @returns what the first subfield says, as it is and without a full stop that ends it; of free words all */
function labelsOf(field: MarcField): string[] {
  const { tag } = field;
  const labels: string[] = [];
  for (const value of tag === '653' ? subfieldValues(field, 'a') : [firstSubfield(field, 'a')]) {
    if (value === undefined) continue;
    const label = composed(value.trim());
    labels.push(label);
    if (label.endsWith('.')) labels.push(label.slice(0, -1).trimEnd());
  }
  return labels;
}

/** @returns identifiers, as `identifierKey` makes them, that mean a concept: its URI, and its number behind each prefix */
function keysOf(uri: string, prefixes: MarcMapping['subjects']['prefixes']): string[] {
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

function isSameButDate(before: readonly MarcField[], after: readonly NewField[]): boolean {
  const texts = (fields: readonly NewField[]) => fields.map(withoutDate).sort().join('\n');
  return before.length === after.length && texts(before) === texts(after);
}

function withoutDate({ tag, indicators, subfields }: NewField): string {
  const kept = subfields.filter(({ code }) => tag !== '883' || code !== 'd');
  return [tag, indicators, ...kept.map(({ code, value }) => `$${code}${value.normalize('NFC')}`)].join('\x1f');
}

/**
 * Chooses the tags of concepts: the first rule whose type, collection or scheme a concept has.
 *
 * @returns the tag of a subject
 */
export function headingTags(vocabulary: Vocabulary, rules: HeadingRules): (id: SubjectId) => string {
  const choices = [...rules.tags].map(([uri, tag]) => {
    const memberships = (
      [
        [vocabulary.types, vocabulary.typeUris],
        [vocabulary.collections, vocabulary.collectionUris],
        [vocabulary.schemes, vocabulary.schemeUris],
      ] as const
    ).flatMap(([pattern, uris]) => {
      for (let i = 0; i < uris.length; i++) if (uris.get(i) === uri) return [{ pattern, column: i }];
      return [];
    });
    return { tag, memberships };
  });
  return (id) => {
    for (const { tag, memberships } of choices) {
      for (const { pattern, column } of memberships) {
        const end = pattern.indptr[id + 1] as number;
        for (let k = pattern.indptr[id] as number; k < end; k++) if (pattern.indices[k] === column) return tag;
      }
    }
    return rules.tag;
  };
}
