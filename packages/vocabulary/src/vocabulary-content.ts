import type { LabelTable } from '@catchword/core';
import type { CsrPattern, StringTable } from '@catchword/math';
import type { DefinitionTable } from './concept-definitions.js';

/** What a vocabulary consists of, row by row; see `Vocabulary` of core for the shapes. */
export interface VocabularyContent {
  readonly uris: StringTable;
  /** Shape (nSubjects): the first notation, or an empty string. */
  readonly notations: StringTable;
  readonly status: Uint8Array;
  /** Sorted, so that their order does not depend on the file. */
  readonly languages: readonly string[];
  readonly labels: LabelTable;
  readonly broader: CsrPattern;
  readonly narrower: CsrPattern;
  readonly related: CsrPattern;
  readonly collections: CsrPattern;
  readonly collectionUris: StringTable;
  readonly schemes: CsrPattern;
  readonly schemeUris: StringTable;
  readonly types: CsrPattern;
  readonly typeUris: StringTable;
  /** Namespaces by the prefix that the file gives them. */
  readonly prefixes: Readonly<Record<string, string>>;
}

/** A vocabulary file as it was read: concepts in the file's order, without the ids that an older version gave. */
export interface ParsedVocabulary extends VocabularyContent {
  readonly path: string;
  /** Absent where no concept has any. */
  readonly definitions?: DefinitionTable;
}
