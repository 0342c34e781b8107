import { hasTag, specValues } from './field-spec.js';
import type { MarcMapping, SubjectFields } from './marc-mapping.js';
import { firstSubfield, type MarcField, type MarcRecord, subfieldValues } from './marc-record.js';
import { provenanceLinks, provenances } from './provenance.js';

/** What a record says of a document. */
export interface MappedRecord {
  /** A line for each field. */
  readonly text: string;
  readonly documentId: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly headings: readonly StatedHeading[];
}

/** A subject as a field states it. */
export interface StatedHeading {
  /** From `$0` and `$1`; numbers behind a known prefix as each URI that they may be. */
  readonly uris: readonly string[];
  readonly label: string;
  /** Whether `$2` says that it is of the project's vocabulary. */
  readonly isOfSource: boolean;
}

/**
 * Makes a document of a record. Fields that an 883 says a machine made are left out of the text, so that suggestions do not
 * depend on those of an earlier run, and of the headings unless the mapping has them.
 */
export function mapRecord(record: MarcRecord, mapping: MarcMapping): MappedRecord {
  const people = withoutMachine(record);
  const metadata: Record<string, string> = Object.create(null);
  for (const [name, specs] of mapping.metadata) {
    for (const spec of specs) {
      const [value] = specValues(people, spec);
      if (value === undefined) continue;
      metadata[name] = value;
      break;
    }
  }
  return {
    text: mapping.text.flatMap((spec) => specValues(people, spec)).join('\n'),
    documentId: specValues(people, mapping.id)[0],
    metadata,
    headings: statedHeadings(mapping.subjects.machine ? record : people, mapping.subjects),
  };
}

function withoutMachine(record: MarcRecord): MarcRecord {
  const links = new Set(provenances(record).flatMap(({ isMachine, links }) => (isMachine ? links : [])));
  if (links.size === 0) return record;
  return {
    ...record,
    fields: record.fields.filter((field) => !provenanceLinks(field).some((link) => links.has(link))),
  };
}

function statedHeadings({ fields }: MarcRecord, rules: SubjectFields): StatedHeading[] {
  return fields
    .filter(({ tag }) => isSubjectTag(tag, rules))
    .map((field) => ({
      uris: [...subfieldValues(field, '0'), ...subfieldValues(field, '1')].flatMap((id) => urisOf(id, rules.prefixes)),
      label: (firstSubfield(field, 'a') ?? '').trim().normalize('NFC'),
      isOfSource: isOfSource(field, rules.sources),
    }));
}

/** Whether a tag is one of a mapping's, as far as it was asked. */
const subjectTags = new WeakMap<SubjectFields, Map<string, boolean>>();

function isSubjectTag(tag: string, rules: SubjectFields): boolean {
  let known = subjectTags.get(rules);
  if (!known) {
    known = new Map();
    subjectTags.set(rules, known);
  }
  let isOne = known.get(tag);
  if (isOne === undefined) {
    isOne = rules.tags.some((spec) => hasTag(spec, tag));
    known.set(tag, isOne);
  }
  return isOne;
}

/** @returns URIs that an identifier may be; `(uri)` before one is passed over */
export function urisOf(identifier: string, prefixes: SubjectFields['prefixes']): string[] {
  const text = identifier.trim().replace(/^\(uri\)\s*/i, '');
  if (/^(https?|urn|info):/i.test(text)) return [text];
  const [, prefix = '', number = ''] = /^(\([^)]*\))\s*(.+)$/.exec(text) ?? [];
  return (prefixes.get(prefix) ?? []).map((beginning) => beginning + number);
}

function isOfSource(field: MarcField, sources: readonly string[]): boolean {
  if (sources.length === 0) return false;
  const said = firstSubfield(field, '2')?.trim() ?? { '0': 'lcsh', '2': 'mesh' }[field.indicators[1] ?? ''];
  return said !== undefined && sources.includes(said);
}
