import { closest } from '@catchword/core';
import { type FieldSpec, parseFieldSpec } from './field-spec.js';

/** How records become documents, and suggestions fields. */
export interface MarcMapping {
  /** Fields that make the text, a line each; the first is the title. */
  readonly text: readonly FieldSpec[];
  /** Metadata by name: the first of the fields that is there. */
  readonly metadata: ReadonlyMap<string, readonly FieldSpec[]>;
  readonly id: FieldSpec;
  readonly subjects: SubjectFields;
  readonly headings: HeadingRules;
}

/** Where the subjects stand that people gave. */
export interface SubjectFields {
  /** Tags, X for any digit. */
  readonly tags: readonly string[];
  /** Codes of `$2` of the project's vocabulary: headings with them are found by their labels, too, and told of where they are unknown. */
  readonly sources: readonly string[];
  /** What stands in brackets before the number in `$0`, and what URIs begin with in its place. */
  readonly prefixes: ReadonlyMap<string, readonly string[]>;
  /** Whether headings count that an 883 says a machine made. */
  readonly machine: boolean;
}

export const DIALECTS = ['standard', 'dnb'] as const;

export type Dialect = (typeof DIALECTS)[number];

export const IDENTIFIERS = ['uri', 'prefixed', 'notation'] as const;

/** How headings are written. */
export interface HeadingRules {
  /** The tag of what `tags` does not name. */
  readonly tag: string;
  /** Tags by the URI of a SKOS type, collection or concept scheme; the first that a concept has counts. */
  readonly tags: ReadonlyMap<string, string>;
  /** The code of the vocabulary, `$2`; `lcsh` and `mesh` are said by the indicator. */
  readonly source: string | undefined;
  /** What `$0` is: the URI, the number behind its prefix (`(DE-588)4066562-8`), or the notation. */
  readonly identifier: (typeof IDENTIFIERS)[number];
  /** The code of the organisation, `$q` of 883. */
  readonly agency: string | undefined;
  /** `$a` of 883; `catchword PROJECT@MODEL` where it is not set. */
  readonly process: string | undefined;
  readonly dialect: Dialect;
}

/** Tags that headings can have. */
export const HEADING_TAGS: readonly string[] = ['600', '610', '611', '630', '648', '650', '651', '653', '655', '084'];

/** What a mapping is where nothing is configured, in the form of its file. */
export const DEFAULT_MARC_MAPPING = {
  text: ['245$a$b$n$p', '246$a$b', '505$a$t', '520$a$b', '653$a'],
  metadata: {
    title: ['245$a$b$n$p'],
    creator: ['100$a', '110$a', '111$a'],
    year: ['264$c', '260$c', '008/7-10'],
    language: ['041$a', '008/35-37'],
  },
  id: '001',
  subjects: {
    tags: ['600', '610', '611', '630', '648', '650', '651', '655'],
    sources: [],
    prefixes: { '(DE-588)': ['https://d-nb.info/gnd/', 'http://d-nb.info/gnd/'] },
    machine: false,
  },
  headings: { tag: '650', tags: {}, identifier: 'uri', dialect: 'standard' },
} as const;

/**
 * Reads a mapping; what it does not set is as in `DEFAULT_MARC_MAPPING`.
 *
 * @param given what the file holds; scalars may be texts, numbers or truth values
 * @param onProblem called for everything that cannot be used, with its key
 */
export function parseMarcMapping(given: unknown, onProblem: (problem: string) => void): MarcMapping {
  const reader = new MappingReader(onProblem);
  const all = reader.section(given, '', ['text', 'metadata', 'id', 'subjects', 'headings']);
  const standard = DEFAULT_MARC_MAPPING;
  const metadata = new Map<string, readonly FieldSpec[]>();
  const namedFields = all.metadata === undefined ? standard.metadata : reader.section(all.metadata, 'metadata');
  for (const [name, fields] of Object.entries(namedFields))
    metadata.set(name, reader.specs(fields, `metadata.${name}`));
  const subjects = reader.section(all.subjects, 'subjects', Object.keys(standard.subjects));
  const headings = reader.section(all.headings, 'headings', [
    ...Object.keys(standard.headings),
    'source',
    'agency',
    'process',
  ]);
  const prefixes = new Map<string, readonly string[]>();
  const given0 =
    subjects.prefixes === undefined
      ? standard.subjects.prefixes
      : reader.section(subjects.prefixes, 'subjects.prefixes');
  for (const [prefix, uris] of Object.entries(given0))
    prefixes.set(prefix, reader.texts(uris, `subjects.prefixes.${prefix}`));
  const tags = new Map<string, string>();
  for (const [uri, tag] of Object.entries(reader.section(headings.tags, 'headings.tags'))) {
    tags.set(uri, reader.choice(tag, HEADING_TAGS, `headings.tags.${uri}`, '650'));
  }
  return {
    text: reader.specs(all.text ?? standard.text, 'text'),
    metadata,
    id: reader.specs(all.id ?? standard.id, 'id')[0] ?? (parseFieldSpec(standard.id) as FieldSpec),
    subjects: {
      tags: reader.tags(subjects.tags ?? standard.subjects.tags, 'subjects.tags'),
      sources: reader.texts(subjects.sources ?? [], 'subjects.sources'),
      prefixes,
      machine: reader.choice(subjects.machine ?? 'false', ['true', 'false'], 'subjects.machine', 'false') === 'true',
    },
    headings: {
      tag: reader.choice(headings.tag ?? standard.headings.tag, HEADING_TAGS, 'headings.tag', '650'),
      tags,
      source: reader.text(headings.source, 'headings.source'),
      identifier: reader.choice(headings.identifier ?? 'uri', IDENTIFIERS, 'headings.identifier', 'uri'),
      agency: reader.text(headings.agency, 'headings.agency'),
      process: reader.text(headings.process, 'headings.process'),
      dialect: reader.choice(headings.dialect ?? 'standard', DIALECTS, 'headings.dialect', 'standard'),
    },
  };
}

class MappingReader {
  private readonly onProblem: (problem: string) => void;

  constructor(onProblem: (problem: string) => void) {
    this.onProblem = onProblem;
  }

  /** @param keys that it may have; any where absent */
  section(value: unknown, key: string, keys?: readonly string[]): Readonly<Record<string, unknown>> {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.onProblem(`${key || 'the file'} has to be a map of keys`);
      return {};
    }
    const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
    const section: Record<string, unknown> = Object.create(null);
    for (const [name, item] of entries as [unknown, unknown][]) {
      const path = key === '' ? String(name) : `${key}.${String(name)}`;
      if (keys && !keys.includes(String(name))) {
        const meant = closest(String(name), keys);
        this.onProblem(`${path} is not known${meant === undefined ? '' : `; did you mean ${meant}?`}`);
      } else section[String(name)] = item;
    }
    return section;
  }

  text(value: unknown, key: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    this.onProblem(`${key} has to be a text`);
    return undefined;
  }

  texts(value: unknown, key: string): string[] {
    const items: readonly unknown[] = Array.isArray(value)
      ? value
      : value === undefined || value === null
        ? []
        : [value];
    return items.flatMap((item) => this.text(item, key) ?? []);
  }

  specs(value: unknown, key: string): FieldSpec[] {
    return this.texts(value, key).flatMap((text) => {
      const spec = parseFieldSpec(text);
      if (spec) return spec;
      this.onProblem(`${key}: "${text}" names no field; for example 245$a$b, 008/35-37, 653`);
      return [];
    });
  }

  tags(value: unknown, key: string): string[] {
    return this.texts(value, key).filter((tag) => {
      const isTag = /^[0-9X]{3}$/.test(tag);
      if (!isTag) this.onProblem(`${key}: "${tag}" is no tag; for example 650, 6XX`);
      return isTag;
    });
  }

  choice<T extends string>(value: unknown, choices: readonly T[], key: string, standard: T): T {
    const text = this.text(value, key);
    const choice = choices.find((each) => each === text);
    if (choice === undefined) this.onProblem(`${key} is one of ${choices.join(', ')}`);
    return choice ?? standard;
  }
}
