import { SUBJECT_ACTIVE, SUBJECT_REMOVED, type Vocabulary } from '@catchword/core';
import type { CsrPattern, StringTable } from '@catchword/math';
import { SKOS, WELL_KNOWN_PREFIXES } from './namespaces.js';
import { expandName } from './qualified-name.js';
import { SkosVocabulary } from './skos-vocabulary.js';

/** One rule by which subjects are left out of a vocabulary or taken in again; `key=value|value` in a configuration. */
export interface VocabularyRule {
  readonly key:
    | 'exclude'
    | 'exclude_type'
    | 'exclude_scheme'
    | 'exclude_collection'
    | 'include'
    | 'include_type'
    | 'include_scheme'
    | 'include_collection';
  /** Full URIs, with or without `<>`, or names like `yso:p10`; `*` of exclude and include means all concepts. */
  readonly values: readonly string[];
}

/**
 * Works the rules of a vocabulary, in the order written, from all of its subjects.
 *
 * A prefix is looked up among those that the vocabulary file declared, then among well-known ones.
 *
 * @param warn called for each value that matches nothing, with Annif's words
 * @returns shape (nSubjects): 1 where the subject is active and allowed, else 0
 */
export function allowedSubjects(
  vocabulary: Vocabulary,
  rules: readonly VocabularyRule[],
  warn: (message: string) => void = () => undefined,
): Uint8Array {
  const skos = SkosVocabulary.of(vocabulary);
  const allowed = Uint8Array.from(skos.status, (status) => (status === SUBJECT_ACTIVE ? 1 : 0));
  for (const { key, values } of rules) {
    const mark = key.startsWith('include') ? 1 : 0;
    for (const value of values) {
      let n = 0;
      for (const id of subjectsOf(skos, key, value.trim())) {
        n++;
        if (skos.status[id] === SUBJECT_ACTIVE) allowed[id] = mark;
      }
      if (n === 0)
        warn(`${key}: no concepts found ${RELATION[key.replace(/^(?:ex|in)clude_?/, '')] ?? 'with'} ${value}`);
    }
  }
  return allowed;
}

const RELATION: Readonly<Record<string, string>> = {
  '': 'with URI',
  type: 'with type',
  scheme: 'in scheme',
  collection: 'in collection',
};

function* subjectsOf(vocabulary: SkosVocabulary, key: VocabularyRule['key'], value: string): Generator<number> {
  const uri = expandName(value, vocabulary.prefixes, WELL_KNOWN_PREFIXES);
  switch (key) {
    case 'exclude':
    case 'include': {
      if (value === '*') yield* presentSubjects(vocabulary);
      else {
        const id = vocabulary.idOfUri(uri);
        if (id >= 0) yield id;
      }
      return;
    }
    case 'exclude_type':
    case 'include_type':
      if (uri === `${SKOS}Concept`) yield* presentSubjects(vocabulary);
      else yield* membersOf(vocabulary.types, vocabulary.typeUris, uri);
      return;
    case 'exclude_scheme':
    case 'include_scheme':
      yield* membersOf(vocabulary.schemes, vocabulary.schemeUris, uri);
      return;
    case 'exclude_collection':
    case 'include_collection':
      yield* membersOf(vocabulary.collections, vocabulary.collectionUris, uri);
  }
}

function* presentSubjects({ status }: SkosVocabulary): Generator<number> {
  for (let id = 0; id < status.length; id++) if (status[id] !== SUBJECT_REMOVED) yield id;
}

function* membersOf(pattern: CsrPattern, uris: StringTable, uri: string): Generator<number> {
  let group = -1;
  for (let i = 0; i < uris.length && group < 0; i++) if (uris.get(i) === uri) group = i;
  if (group < 0) return;
  for (let id = 0; id < pattern.nRows; id++) {
    for (let k = pattern.indptr[id] as number; k < (pattern.indptr[id + 1] as number); k++) {
      if (pattern.indices[k] === group) yield id;
    }
  }
}
