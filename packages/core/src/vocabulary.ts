import type { CsrPattern, StringTable } from '@catchword/math';
import type { SubjectId } from './document.js';
import type { ModelData } from './model-data.js';

/** Whether a subject may be suggested: deprecated ones are marked by the vocabulary, removed ones are gone from it. */
export const SUBJECT_ACTIVE = 0;
export const SUBJECT_DEPRECATED = 1;
export const SUBJECT_REMOVED = 2;

export const LABEL_PREF = 0;
export const LABEL_ALT = 1;
export const LABEL_HIDDEN = 2;

/** All labels of a vocabulary, ordered by subject, then by kind. */
export interface LabelTable {
  readonly texts: StringTable;
  /** Shape (nLabels), ascending. */
  readonly subject: Uint32Array;
  /** Shape (nLabels): position in `Vocabulary.languages`. */
  readonly language: Uint8Array;
  /** Shape (nLabels): LABEL_PREF, LABEL_ALT or LABEL_HIDDEN. */
  readonly kind: Uint8Array;
  /** Shape (nSubjects + 1): subject s owns the labels `indptr[s]..indptr[s + 1])`. */
  readonly indptr: Uint32Array;
}

/** Subjects by id, URI and label. */
export interface SubjectIndex {
  /** Ids run from 0 to nSubjects - 1, those of removed subjects included. */
  readonly nSubjects: number;
  /** @returns the id, or -1; a removed subject is not found */
  idOfUri(uri: string): SubjectId;
  /** @returns the id whose preferred label in the language is exactly this, or -1; the lowest where several have it */
  idOfLabel(label: string, language: string): SubjectId;
  uri(id: SubjectId): string;
  /** @returns the preferred label in the language, or undefined where it has none there */
  label(id: SubjectId, language: string): string | undefined;
  /** @returns the first notation, or undefined */
  notation(id: SubjectId): string | undefined;
}

/** A SKOS vocabulary as typed arrays. */
export interface Vocabulary extends SubjectIndex {
  /** Hexadecimal SHA-256 of the content; equal for equal vocabularies. */
  readonly fingerprint: string;
  /** Language tags in the order that `LabelTable.language` counts; '' stands for labels without a tag. */
  readonly languages: readonly string[];
  readonly labels: LabelTable;
  /** Shape (nSubjects): SUBJECT_ACTIVE, SUBJECT_DEPRECATED or SUBJECT_REMOVED. */
  readonly status: Uint8Array;
  /** Shapes (nSubjects, nSubjects): row s lists the direct broader, narrower, related subjects; inverses are inferred. */
  readonly broader: CsrPattern;
  readonly narrower: CsrPattern;
  readonly related: CsrPattern;
  /** Shape (nSubjects, nCollections). */
  readonly collections: CsrPattern;
  readonly collectionUris: StringTable;
  /** Shape (nSubjects, nSchemes). */
  readonly schemes: CsrPattern;
  readonly schemeUris: StringTable;
  /** Shape (nSubjects, nTypes): types beyond skos:Concept. */
  readonly types: CsrPattern;
  readonly typeUris: StringTable;
  /** The arrays behind the vocabulary: for storage, and for workers to open the same memory. */
  toModelData(): ModelData;
}
