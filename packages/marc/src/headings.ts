import type { SubjectId, Vocabulary } from '@catchword/core';
import { urisOf } from './map-record.js';
import type { HeadingRules, MarcMapping } from './marc-mapping.js';
import {
  firstSubfield,
  type MarcField,
  type MarcRecord,
  type MarcSubfield,
  type NewField,
  subfieldValues,
} from './marc-record.js';
import { highestLink, provenanceLinks, provenances } from './provenance.js';
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
  const own = ownFields(record, mapping.headings, origin);
  const people = headings.length === 0 ? [] : headingsOfPeople(record, own, mapping);
  const fresh = headings.filter((heading) => !people.some((field) => isSameHeading(field, heading)));
  const nPresent = headings.length - fresh.length;
  const added = newFields(fresh, mapping, origin, highestLink(record, own));
  const removed = [...own].map((i) => record.fields[i] as MarcField);
  if (isSameButDate(removed, added))
    return { bytes: record.bytes, removed: [], added: [], nPresent, refused: undefined };
  const bytes = spliced(record, own, added);
  if (typeof bytes !== 'string') return { bytes, removed, added, nPresent, refused: undefined };
  return { bytes: record.bytes, removed: [], added: [], nPresent, refused: bytes };
}

/** Places of the headings of earlier runs and of their 883. */
function ownFields(record: MarcRecord, rules: HeadingRules, origin: HeadingOrigin): Set<number> {
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
  mapping: MarcMapping,
  origin: HeadingOrigin,
  highest: number,
): NewField[] {
  const rules = mapping.headings;
  const fields: NewField[] = [];
  const processOf = ({ modelId = origin.modelId }: Heading) =>
    cleanText(rules.process ?? `catchword ${origin.projectId}@${modelId}`);
  const agency = rules.agency === undefined ? undefined : cleanText(rules.agency);
  let number = highest;
  for (const heading of headings) {
    if (heading.decision === 'added') {
      fields.push(headingField(heading, mapping, [])); // nothing of it is a machine's
      continue;
    }
    const link = { code: '8', value: `${++number}\\p` };
    fields.push(headingField(heading, mapping, [link]));
    const confidence = heading.confidence.toFixed(rules.dialect === 'dnb' ? 5 : 4);
    const subfields = [
      link,
      { code: 'a', value: processOf(heading) },
      { code: 'c', value: rules.dialect === 'dnb' ? confidence.replace('.', ',') : confidence },
      { code: 'd', value: origin.date },
    ];
    if (agency !== undefined) subfields.push({ code: 'q', value: agency });
    const indicators = heading.decision === 'accepted' ? '1 ' : '0 ';
    fields.push({ tag: '883', indicators, subfields });
  }
  return fields.sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0));
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

function headingField(heading: Heading, mapping: MarcMapping, link: readonly MarcSubfield[]): NewField {
  const rules = mapping.headings;
  const { tag } = heading;
  const label = cleanText(heading.label);
  const notation = heading.notation === undefined ? undefined : cleanText(heading.notation);
  if (tag === '653') return { tag, indicators: '  ', subfields: [...link, { code: 'a', value: label }] };
  const source = rules.source === undefined ? [] : [{ code: '2', value: cleanText(rules.source) }];
  const identifier = identifierOf(heading, mapping);
  const number = identifier === undefined ? [] : [{ code: '0', value: cleanText(identifier) }];
  if (tag === '084') {
    return {
      tag,
      indicators: '  ',
      subfields: [...link, { code: 'a', value: notation ?? label }, ...source, ...number],
    };
  }
  const known = { lcsh: '0', mesh: '2' }[rules.source ?? ''];
  const second = known ?? (rules.source === undefined ? '4' : '7');
  const subfields = [...link, { code: 'a', value: label }, ...(known === undefined ? source : []), ...number];
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
  readonly uris: readonly string[];
  readonly isOfSource: boolean;
  readonly identifiers: readonly string[];
  readonly labels: readonly string[];
  readonly isNotation: boolean;
}

/** Vocabularies that the second indicator names. */
const SOURCES_OF_INDICATOR: Readonly<Record<string, string>> = { '0': 'lcsh', '2': 'mesh' };

/** Subfields that make a heading a more special one: form, general, time, place. */
const SUBDIVISIONS = 'vxyz';

function headingsOfPeople(
  { fields }: MarcRecord,
  own: ReadonlySet<number>,
  { subjects, headings }: MarcMapping,
): PersonsHeading[] {
  const found: PersonsHeading[] = [];
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as MarcField;
    if (own.has(i) || !HEADING.test(field.tag)) continue;
    const identifiers = [...subfieldValues(field, '0'), ...subfieldValues(field, '1')];
    const source = firstSubfield(field, '2')?.trim() ?? SOURCES_OF_INDICATOR[field.indicators[1] ?? ''];
    const isFree = field.tag === '653';
    const isSubdivided = !isFree && field.subfields.some(({ code }) => SUBDIVISIONS.includes(code));
    found.push({
      uris: identifiers.flatMap((id) => urisOf(id, subjects.prefixes)).map(withoutProtocol),
      isOfSource:
        (isFree && headings.tag === '653') ||
        (source !== undefined && (source === headings.source || subjects.sources.includes(source))),
      identifiers: identifiers.map((id) => id.trim()),
      labels: isSubdivided ? [] : labelsOf(field),
      isNotation: field.tag === '084',
    });
  }
  return found;
}

function isSameHeading(persons: PersonsHeading, { uri, label, notation }: Heading): boolean {
  if (persons.uris.includes(withoutProtocol(uri))) return true;
  if (!persons.isOfSource) return false;
  if (notation !== undefined && persons.identifiers.includes(notation)) return true;
  const { labels } = persons;
  return labels.includes(label.normalize('NFC')) || (persons.isNotation && labels.includes(notation ?? ''));
}

/** @returns what the first subfield says, as it is and without a full stop that ends it; of free words all */
function labelsOf(field: MarcField): string[] {
  const values = field.tag === '653' ? subfieldValues(field, 'a') : [firstSubfield(field, 'a') ?? ''];
  return values.flatMap((value) => {
    const label = value.trim().normalize('NFC');
    return label.endsWith('.') ? [label, label.slice(0, -1).trimEnd()] : [label];
  });
}

/** The same concept is named with `http:` and with `https:`. */
function withoutProtocol(uri: string): string {
  return uri.replace(/^https?:/, '');
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
