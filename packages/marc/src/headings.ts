import type { SubjectId, Vocabulary } from '@catchword/core';
import { ByteOutput } from './byte-output.js';
import type { HeadingRules, MarcMapping } from './marc-mapping.js';
import { type MarcField, type MarcRecord, type NewField, subfieldValues } from './marc-record.js';
import { type ConceptNames, hasConcept, isHeadingTag, namesOfConcept, PersonsHeadings } from './persons-headings.js';
import { hasLinks, hasProvenance, highestLink, provenanceLinks, provenances } from './provenance.js';
import { ReadyField, ReadySubfields } from './ready-field.js';
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

/** What becomes of one record. */
export interface HeadingChange {
  /** Own fields of an earlier run that go. */
  readonly removed: readonly MarcField[];
  readonly added: readonly NewField[];
  /** Suggestions that the record has already. */
  readonly nPresent: number;
  /** Why it is not changed although it should be; undefined where it is as it should be. */
  readonly refused: string | undefined;
}

/** A record with its headings. */
export interface HeadedRecord extends HeadingChange {
  /** The record as it is to be written; the very bytes that it came in where nothing changes or it is refused. */
  readonly bytes: Buffer;
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
  const change = writeHeaded(record, headings, mapping, origin, output);
  const bytes = output.take();
  return { ...change, bytes: change.removed.length + change.added.length === 0 ? record.bytes : bytes };
}

const output = new ByteOutput();

/** Like `headedRecord`, to where the record is to be written. */
export function writeHeaded(
  record: MarcRecord,
  headings: readonly Heading[],
  mapping: MarcMapping,
  origin: HeadingOrigin,
  output: ByteOutput,
): HeadingChange {
  const isLinked = hasLinks(record);
  const own = isLinked || hasProvenance(record) ? ownFields(record, mapping.headings, origin) : NO_PLACES;
  const forms = formsOf(mapping);
  const concepts = headings.map((heading) => forms.of(heading).concept);
  const people = headings.length === 0 ? [] : forms.people.of(record, own, concepts);
  const fresh =
    people.length === 0 ? headings : headings.filter((_, i) => !hasConcept(people, concepts[i] as ConceptNames));
  const nPresent = headings.length - fresh.length;
  const added = newFields(fresh, forms, mapping.headings, origin, isLinked ? highestLink(record, own) : 0);
  const removed = own.size === 0 ? NO_FIELDS : [...own].map((i) => record.field(i));
  const isSame = isSameButDate(removed, added);
  const refused = isSame ? undefined : spliced(record, own, added, output);
  if (!isSame && refused === undefined) return { removed, added, nPresent, refused };
  output.append(record.bytes);
  return { removed: NO_FIELDS, added: NO_FIELDS, nPresent, refused };
}

const NO_PLACES: ReadonlySet<number> = new Set();
const NO_FIELDS: readonly never[] = [];

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
    if (isOurs && isHeadingTag(field.tag)) own.add(i);
    else for (const link of links) keptLinks.add(link);
  });
  for (const provenance of all) {
    if (isOwn(provenance) && !provenance.links.some((link) => keptLinks.has(link))) own.add(provenance.field);
  }
  return own;
}

function newFields(
  headings: readonly Heading[],
  forms: HeadingForms,
  rules: HeadingRules,
  origin: HeadingOrigin,
  highest: number,
): ReadyField[] {
  const fields: ReadyField[] = [];
  const sources: ReadyField[] = [];
  const statements = forms.statements(origin);
  const isDnb = rules.dialect === 'dnb';
  let number = highest;
  let isInOrder = true;
  let before = '';
  for (const heading of headings) {
    const { field, subfields } = forms.of(heading);
    const { tag, indicators } = field;
    isInOrder &&= tag === before || before < tag;
    before = tag;
    if (heading.decision === 'added') {
      fields.push(field); // nothing of it is a machine's
      continue;
    }
    const link = linkOf(++number);
    fields.push(new ReadyField(tag, indicators, [link, subfields]));
    const process = statements.process(heading.modelId);
    const confidence = isDnb ? fiveDecimals(heading.confidence) : fourDecimals(heading.confidence);
    const kind = heading.decision === 'accepted' ? '1 ' : '0 ';
    sources.push(new ReadyField('883', kind, [link, process, confidence, statements.end]));
  }
  isInOrder &&= before <= '883';
  for (const field of sources) fields.push(field);
  return isInOrder ? fields : fields.sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0));
}

/** Links that are made once. */
const links: ReadySubfields[] = [];
const MOST_LINKS = 100;

function linkOf(number: number): ReadySubfields {
  let link = links[number];
  if (!link) {
    link = new ReadySubfields({ code: '8', value: `${number}\\p` });
    if (number < MOST_LINKS) links[number] = link;
  }
  return link;
}

/** Of 0.0000 to 1.0000, as they were needed. */
const fractions: ReadySubfields[] = [];

/** @returns as `toFixed(4)`, which takes longer */
function fourDecimals(value: number): ReadySubfields {
  const n = Math.round(value * 10_000);
  // So near to the middle between two of them that only its binary digits tell, or no such number.
  if (!(Math.abs(value * 10_000 - n) < 0.499) || n < 0 || n > 10_000 || value < 0)
    return confidenceOf(value.toFixed(4));
  fractions[n] ??= confidenceOf(value.toFixed(4));
  return fractions[n];
}

function fiveDecimals(value: number): ReadySubfields {
  return confidenceOf(value.toFixed(5).replace('.', ','));
}

function confidenceOf(value: string): ReadySubfields {
  return new ReadySubfields({ code: 'c', value });
}

/** What a concept is as a heading, whatever record it comes into. */
interface HeadingForm {
  readonly heading: Heading;
  /** Without its link. */
  readonly field: ReadyField;
  readonly subfields: ReadySubfields;
  readonly concept: ConceptNames;
}

/** Forms that are kept. */
const MOST_FORMS = 1 << 16;

/** Makes forms of headings by a mapping, those of a concept once. */
class HeadingForms {
  readonly people: PersonsHeadings;
  private readonly mapping: MarcMapping;
  private readonly forms = new Map<string, HeadingForm>();
  private statements_: Statements | undefined;

  constructor(mapping: MarcMapping) {
    this.mapping = mapping;
    this.people = new PersonsHeadings(mapping);
  }

  of(heading: Heading): HeadingForm {
    const { uri, label, tag, notation } = heading;
    const known = this.forms.get(uri);
    if (known) {
      const { heading: before } = known;
      if (before === heading || (before.label === label && before.tag === tag && before.notation === notation))
        return known;
    }
    if (this.forms.size >= MOST_FORMS) this.forms.clear();
    const { indicators, subfields: all } = headingField(heading, this.mapping);
    const subfields = new ReadySubfields(...all);
    const form = {
      heading,
      field: new ReadyField(tag, indicators, [subfields]),
      subfields,
      concept: namesOfConcept(heading, this.mapping.subjects.prefixes),
    };
    this.forms.set(uri, form);
    return form;
  }

  /** @returns what an 883 says before the confidence, and behind it */
  statements(origin: HeadingOrigin): Statements {
    if (this.statements_?.origin !== origin) this.statements_ = new Statements(origin, this.mapping.headings);
    return this.statements_;
  }
}

/** What an 883 says besides the confidence. */
class Statements {
  readonly origin: HeadingOrigin;
  /** Behind the confidence. */
  readonly end: ReadySubfields;
  private readonly rules: HeadingRules;
  /** By model. */
  private readonly processes = new Map<string, ReadySubfields>();

  constructor(origin: HeadingOrigin, rules: HeadingRules) {
    const { agency } = rules;
    const date = { code: 'd', value: origin.date };
    this.origin = origin;
    this.rules = rules;
    this.end = new ReadySubfields(date, ...(agency === undefined ? [] : [{ code: 'q', value: cleanText(agency) }]));
  }

  /** @returns what stands before it */
  process(modelId = this.origin.modelId): ReadySubfields {
    let process = this.processes.get(modelId);
    if (!process) {
      if (this.processes.size >= MOST_FORMS) this.processes.clear();
      const value = this.rules.process ?? `catchword ${this.origin.projectId}@${modelId}`;
      process = new ReadySubfields({ code: 'a', value: cleanText(value) });
      this.processes.set(modelId, process);
    }
    return process;
  }
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
