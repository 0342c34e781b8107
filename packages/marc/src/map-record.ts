import { composed, type FieldSpec, fieldText, hasTag, leaderText } from './field-spec.js';
import type { MarcMapping, SubjectFields } from './marc-mapping.js';
import { type MarcField, type MarcRecord, SUBFIELD_MARK } from './marc-record.js';
import { hasProvenance, provenanceLinks, provenances } from './provenance.js';

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

/** What a mapping wants of fields with one tag. */
interface TagPlan {
  /** Places in the list of specifications. */
  readonly specs: readonly number[];
  readonly isSubject: boolean;
}

/** Makes documents of records by a mapping, which is prepared once: each field of a record is looked at once. */
export class RecordMapper {
  private readonly mapping: MarcMapping;
  /** Each specification of the mapping once. */
  private readonly specs: readonly FieldSpec[];
  private readonly textSpecs: readonly number[];
  private readonly metadataSpecs: readonly (readonly [name: string, specs: readonly number[]])[];
  private readonly idSpec: number;
  /** Tags that were met. */
  private readonly plans = new Map<string, TagPlan>();
  /** Of the record at hand, by specification: the first value, and all of them, a line each; `''` where there is none. */
  private readonly firsts: string[];
  private readonly lines: string[];

  constructor(mapping: MarcMapping) {
    const all = [...mapping.text, ...[...mapping.metadata.values()].flat(), mapping.id];
    const specs = [...new Map(all.map((spec) => [spec.text, spec])).values()];
    const places = new Map(specs.map(({ text }, i) => [text, i]));
    const placesOf = (wanted: readonly FieldSpec[]) => wanted.map(({ text }) => places.get(text) as number);
    this.mapping = mapping;
    this.specs = specs;
    this.textSpecs = placesOf(mapping.text);
    this.metadataSpecs = [...mapping.metadata].map(([name, wanted]) => [name, placesOf(wanted)]);
    this.idSpec = places.get(mapping.id.text) as number;
    this.firsts = specs.map(() => '');
    this.lines = specs.map(() => '');
  }

  /**
   * Makes a document of a record. Fields that an 883 says a machine made are left out of the text, so that suggestions do not
   * depend on those of an earlier run, and of the headings unless the mapping has them.
   */
  map(record: MarcRecord): MappedRecord {
    const { specs, mapping, firsts, lines } = this;
    for (let i = 0; i < specs.length; i++) {
      const spec = specs[i] as FieldSpec;
      firsts[i] = lines[i] = spec.tag === 'LDR' ? leaderText(record, spec) : '';
    }
    const headings: StatedHeading[] = [];
    const machineLinks = linksOfMachines(record);
    const { tags } = record;
    for (let k = 0; k < tags.length; k++) {
      const tag = tags[k] as string;
      const plan = this.plans.get(tag) ?? this.plan(tag);
      if (plan.specs.length === 0 && !plan.isSubject) continue;
      const field = record.field(k);
      const { marked } = field; // made each time that it is asked for
      const isMachine = isMachines(field, machineLinks);
      if (plan.isSubject && (!isMachine || mapping.subjects.machine)) {
        headings.push(statedHeading(field, marked, mapping.subjects));
      }
      if (isMachine) continue;
      for (const i of plan.specs) {
        const text = fieldText(tag, marked, specs[i] as FieldSpec);
        if (text === '') continue;
        if (firsts[i] === '') firsts[i] = lines[i] = text;
        else lines[i] += `\n${text}`;
      }
    }
    return { text: this.text(), documentId: firsts[this.idSpec] || undefined, metadata: this.metadata(), headings };
  }

  /** @returns the `documentId` of what `map` makes, and nothing else of it */
  id(record: MarcRecord): string | undefined {
    const spec = this.specs[this.idSpec] as FieldSpec;
    if (spec.tag === 'LDR') return leaderText(record, spec) || undefined;
    const machineLinks = linksOfMachines(record);
    const { tags } = record;
    for (let k = 0; k < tags.length; k++) {
      if (!hasTag(spec.tag, tags[k] as string)) continue;
      const field = record.field(k);
      if (isMachines(field, machineLinks)) continue;
      const text = fieldText(field.tag, field.marked, spec);
      if (text !== '') return text;
    }
    return undefined;
  }

  private text(): string {
    let text = '';
    for (const i of this.textSpecs) {
      const lines = this.lines[i] as string;
      if (lines !== '') text += text === '' ? lines : `\n${lines}`;
    }
    return text;
  }

  private metadata(): Record<string, string> {
    const metadata: Record<string, string> = Object.create(BARE);
    for (const [name, specs] of this.metadataSpecs) {
      for (const i of specs) {
        const value = this.firsts[i] as string;
        if (value === '') continue;
        metadata[name] = value;
        break;
      }
    }
    return metadata;
  }

  private plan(tag: string): TagPlan {
    const plan = {
      specs: this.specs.flatMap((spec, i) => (spec.tag !== 'LDR' && hasTag(spec.tag, tag) ? i : [])),
      isSubject: this.mapping.subjects.tags.some((spec) => hasTag(spec, tag)),
    };
    this.plans.set(tag, plan);
    return plan;
  }
}

/** What objects stand on that inherit nothing. Those that stand on null itself are made and filled more slowly. */
const BARE: object = Object.freeze(Object.create(null));

/** @returns undefined where nothing in the record is a machine's */
function linksOfMachines(record: MarcRecord): ReadonlySet<string> | undefined {
  if (!hasProvenance(record)) return undefined;
  let all: Set<string> | undefined;
  for (const { isMachine, links } of provenances(record)) {
    if (!isMachine) continue;
    all ??= new Set();
    for (const link of links) all.add(link);
  }
  return all;
}

function isMachines(field: MarcField, links: ReadonlySet<string> | undefined): boolean {
  return links !== undefined && provenanceLinks(field).some((link) => links.has(link));
}

function statedHeading(field: MarcField, marked: string, rules: SubjectFields): StatedHeading {
  let uris: readonly string[] = [];
  let others: readonly string[] = [];
  let label: string | undefined;
  let source: string | undefined;
  for (let at = marked.indexOf(SUBFIELD_MARK); at >= 0; ) {
    const next = marked.indexOf(SUBFIELD_MARK, at + 1);
    const end = next < 0 ? marked.length : next;
    const code = at + 1 < end ? marked.charCodeAt(at + 1) : 0;
    if (code === ZERO) uris = joined(uris, urisOf(marked.slice(at + 2, end), rules.prefixes));
    else if (code === ONE) others = joined(others, urisOf(marked.slice(at + 2, end), rules.prefixes));
    else if (code === TWO) source ??= marked.slice(at + 2, end).trim();
    else if (code === LETTER_A) label ??= marked.slice(at + 2, end).trim();
    at = next;
  }
  return {
    uris: joined(uris, others),
    label: composed(label ?? ''),
    isOfSource: rules.sources.length > 0 && isOfSource(source, field, rules.sources),
  };
}

const [ZERO, ONE, TWO, LETTER_A] = [0x30, 0x31, 0x32, 0x61];

function joined<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return a.length === 0 ? b : b.length === 0 ? a : [...a, ...b];
}

/** @returns URIs that an identifier may be; `(uri)` before one is passed over */
export function urisOf(identifier: string, prefixes: SubjectFields['prefixes']): string[] {
  let text = identifier.trim();
  let end = text.startsWith('(') ? text.indexOf(')') : -1;
  if (end === 4 && /^\(uri\)/i.test(text)) {
    text = text.slice(end + 1).trimStart();
    end = text.startsWith('(') ? text.indexOf(')') : -1;
  }
  if (end < 0) return /^(https?|urn|info):/i.test(text) ? [text] : [];
  const beginnings = prefixes.get(text.slice(0, end + 1));
  if (!beginnings) return [];
  const number = text.slice(end + 1).trimStart();
  return number === '' ? [] : beginnings.map((beginning) => beginning + number);
}

/** @param said what `$2` says */
function isOfSource(said: string | undefined, { indicators }: MarcField, sources: readonly string[]): boolean {
  const source = said ?? { '0': 'lcsh', '2': 'mesh' }[indicators[1] ?? ''];
  return source !== undefined && sources.includes(source);
}
