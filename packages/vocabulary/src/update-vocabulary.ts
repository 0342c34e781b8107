import {
  LABEL_PREF,
  type LabelTable,
  SUBJECT_ACTIVE,
  SUBJECT_DEPRECATED,
  SUBJECT_REMOVED,
  type SubjectId,
  type Vocabulary,
} from '@catchword/core';
import { type CsrPattern, csrFromPairs, StringTable, Uint32List } from '@catchword/math';
import { ConceptDefinitions, rearrangedDefinitions } from './concept-definitions.js';
import { equalStrings, gatherStrings, NO_STRING } from './gather-strings.js';
import { SkosVocabulary } from './skos-vocabulary.js';
import type { ParsedVocabulary, VocabularyContent } from './vocabulary-content.js';

/** What an update changed, as ids of the new vocabulary, ascending. */
export interface VocabularyChanges {
  /** Not the ones that are deprecated from the start. */
  readonly added: readonly SubjectId[];
  /** Gone from the file; their rows stay. */
  readonly removed: readonly SubjectId[];
  /** Subjects with a preferred label that was added, dropped or changed, and that were not deprecated with it. */
  readonly relabelled: readonly SubjectId[];
  /** Removed by an earlier update, and back under their old ids. */
  readonly restored: readonly SubjectId[];
  /** Deprecated since the old vocabulary, and in both. */
  readonly deprecated: readonly SubjectId[];
}

/**
 * Makes a vocabulary of a file that was read; subjects that the old one has keep their ids, by URI.
 *
 * Subjects that are gone keep their row, marked SUBJECT_REMOVED and without labels or relations; new ones are appended
 * in the file's order. Everything but URIs and ids comes from the file. O(old + parsed)
 *
 * @param old the vocabulary before; undefined for a first load, which numbers subjects in the file's order
 * @returns with `definitions` where the file has any; they are no part of the vocabulary's content
 */
export function updateVocabulary(
  old: Vocabulary | undefined,
  parsed: ParsedVocabulary,
): {
  readonly vocabulary: SkosVocabulary;
  readonly definitions?: ConceptDefinitions;
  readonly changes: VocabularyChanges;
} {
  const nParsed = parsed.uris.length;
  if (!old) {
    const added = Array.from({ length: nParsed }, (_, id) => id).filter((id) => parsed.status[id] === SUBJECT_ACTIVE);
    const changes = { added, removed: [], relabelled: [], restored: [], deprecated: [] };
    const definitions = parsed.definitions && ConceptDefinitions.fromTable(parsed.definitions);
    return { vocabulary: SkosVocabulary.fromContent(parsed), changes, ...(definitions ? { definitions } : undefined) };
  }
  const before = SkosVocabulary.of(old);
  const { idOf, rowOf } = alignIds(before, parsed);
  const vocabulary = SkosVocabulary.fromContent(rearranged(before, parsed, idOf, rowOf));
  const definitions =
    parsed.definitions && ConceptDefinitions.fromTable(rearrangedDefinitions(parsed.definitions, rowOf));
  const changes = compare(before, vocabulary, rowOf);
  return { vocabulary, changes, ...(definitions ? { definitions } : undefined) };
}

/** @returns the id of each parsed row, and the parsed row of each id or -1 */
function alignIds(before: SkosVocabulary, parsed: ParsedVocabulary): { idOf: Uint32Array; rowOf: Int32Array } {
  const nParsed = parsed.uris.length;
  const idOf = new Uint32Array(nParsed);
  let nSubjects = before.nSubjects;
  for (let row = 0; row < nParsed; row++) {
    const known = before.rowOfUri(parsed.uris.get(row));
    idOf[row] = known < 0 ? nSubjects++ : known;
  }
  const rowOf = new Int32Array(nSubjects).fill(-1);
  for (let row = 0; row < nParsed; row++) rowOf[idOf[row] as number] = row;
  return { idOf, rowOf };
}

function rearranged(
  before: SkosVocabulary,
  parsed: ParsedVocabulary,
  idOf: Uint32Array,
  rowOf: Int32Array,
): VocabularyContent {
  const nNew = rowOf.length - before.nSubjects;
  return {
    ...parsed,
    uris: appended(before.uris, gatherStrings(parsed.uris, rowOf.subarray(rowOf.length - nNew))),
    notations: gatherStrings(
      parsed.notations,
      Uint32Array.from(rowOf, (row) => (row < 0 ? NO_STRING : row)),
    ),
    status: Uint8Array.from(rowOf, (row) => (row < 0 ? SUBJECT_REMOVED : (parsed.status[row] as number))),
    labels: rearrangedLabels(parsed.labels, rowOf),
    broader: rearrangedPattern(parsed.broader, rowOf, idOf),
    narrower: rearrangedPattern(parsed.narrower, rowOf, idOf),
    related: rearrangedPattern(parsed.related, rowOf, idOf),
    collections: rearrangedPattern(parsed.collections, rowOf),
    schemes: rearrangedPattern(parsed.schemes, rowOf),
    types: rearrangedPattern(parsed.types, rowOf),
  };
}

function appended(a: StringTable, b: StringTable): StringTable {
  const nBytes = a.offsets[a.length] as number;
  const bytes = new Uint8Array(nBytes + b.bytes.length);
  bytes.set(a.bytes.subarray(0, nBytes));
  bytes.set(b.bytes, nBytes);
  const offsets = new Uint32Array(a.length + b.length + 1);
  offsets.set(a.offsets);
  for (let i = 1; i <= b.length; i++) offsets[a.length + i] = nBytes + (b.offsets[i] as number);
  return new StringTable(bytes, offsets);
}

function rearrangedLabels(labels: LabelTable, rowOf: Int32Array): LabelTable {
  const order = new Uint32Array(labels.texts.length);
  const subject = new Uint32Array(order.length);
  const indptr = new Uint32Array(rowOf.length + 1);
  let n = 0;
  for (let id = 0; id < rowOf.length; id++) {
    const row = rowOf[id] as number;
    if (row >= 0) {
      for (let k = labels.indptr[row] as number; k < (labels.indptr[row + 1] as number); k++) {
        order[n] = k;
        subject[n++] = id;
      }
    }
    indptr[id + 1] = n;
  }
  return {
    texts: gatherStrings(labels.texts, order),
    subject,
    language: Uint8Array.from(order, (k) => labels.language[k] as number),
    kind: Uint8Array.from(order, (k) => labels.kind[k] as number),
    indptr,
  };
}

/** @param idOf new numbers of the columns, where these are subjects */
function rearrangedPattern(pattern: CsrPattern, rowOf: Int32Array, idOf?: Uint32Array): CsrPattern {
  const rows = new Uint32List(pattern.indices.length);
  const cols = new Uint32List(pattern.indices.length);
  for (let id = 0; id < rowOf.length; id++) {
    const row = rowOf[id] as number;
    if (row < 0) continue;
    for (let k = pattern.indptr[row] as number; k < (pattern.indptr[row + 1] as number); k++) {
      const col = pattern.indices[k] as number;
      rows.push(id);
      cols.push(idOf ? (idOf[col] as number) : col);
    }
  }
  return csrFromPairs(rowOf.length, idOf ? rowOf.length : pattern.nCols, rows.toArray(), cols.toArray());
}

function compare(before: SkosVocabulary, after: SkosVocabulary, rowOf: Int32Array): VocabularyChanges {
  const changes = {
    added: [] as SubjectId[],
    removed: [] as SubjectId[],
    relabelled: [] as SubjectId[],
    restored: [] as SubjectId[],
    deprecated: [] as SubjectId[],
  };
  for (let id = 0; id < after.nSubjects; id++) {
    const isThere = (rowOf[id] as number) >= 0;
    if (id >= before.nSubjects) {
      if (after.status[id] === SUBJECT_ACTIVE) changes.added.push(id);
    } else if (before.status[id] === SUBJECT_REMOVED) {
      if (isThere) changes.restored.push(id);
    } else if (!isThere) changes.removed.push(id);
    else {
      if (before.status[id] === SUBJECT_ACTIVE && after.status[id] === SUBJECT_DEPRECATED) changes.deprecated.push(id);
      else if (!samePrefLabels(before, after, id)) changes.relabelled.push(id);
    }
  }
  return changes;
}

function samePrefLabels(a: SkosVocabulary, b: SkosVocabulary, id: SubjectId): boolean {
  const fromA = a.labels.indptr[id] as number;
  const fromB = b.labels.indptr[id] as number;
  const endA = endOfPrefLabels(a.labels, id);
  const endB = endOfPrefLabels(b.labels, id);
  if (endA - fromA !== endB - fromB) return false;
  for (let i = fromA; i < endA; i++) {
    const language = a.languages[a.labels.language[i] as number];
    let found = false;
    for (let j = fromB; j < endB && !found; j++) {
      found =
        b.languages[b.labels.language[j] as number] === language && equalStrings(a.labels.texts, i, b.labels.texts, j);
    }
    if (!found) return false;
  }
  return true;
}

function endOfPrefLabels(labels: LabelTable, id: SubjectId): number {
  let k = labels.indptr[id] as number;
  while (k < (labels.indptr[id + 1] as number) && labels.kind[k] === LABEL_PREF) k++;
  return k;
}
