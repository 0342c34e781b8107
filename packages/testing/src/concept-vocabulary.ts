import { LABEL_ALT, LABEL_HIDDEN, LABEL_PREF, SUBJECT_ACTIVE, SUBJECT_DEPRECATED } from '@catchword/core';
import { csrFromPairs, StringTable } from '@catchword/math';
import {
  type ParsedVocabulary,
  type SkosVocabulary,
  updateVocabulary,
  type VocabularyChanges,
} from '@catchword/vocabulary';

/** Labels by language tag; the tag '' is that of labels without a language. */
export type LabelsByLanguage = Readonly<Record<string, string | readonly string[]>>;

/** A concept as a test writes it down; broader, related and collections are URIs. */
export interface ConceptSpec {
  readonly uri: string;
  readonly pref: LabelsByLanguage;
  readonly alt?: LabelsByLanguage;
  readonly hidden?: LabelsByLanguage;
  readonly notation?: string;
  readonly broader?: readonly string[];
  readonly related?: readonly string[];
  readonly collections?: readonly string[];
  readonly deprecated?: boolean;
}

/** Makes a vocabulary of concepts; ids follow their order. */
export function vocabularyOf(concepts: readonly ConceptSpec[]): SkosVocabulary {
  return updateVocabulary(undefined, parsedConcepts(concepts)).vocabulary;
}

/** Updates a vocabulary as a newer file would: ids are kept by URI, what is missing is removed. */
export function updatedBy(
  old: SkosVocabulary,
  concepts: readonly ConceptSpec[],
): { readonly vocabulary: SkosVocabulary; readonly changes: VocabularyChanges } {
  return updateVocabulary(old, parsedConcepts(concepts));
}

/**
 * Writes concepts as the reader of vocabulary files does: labels by subject and kind, inverse relations inferred.
 *
 * @throws {RangeError} if a broader or related URI is not that of a concept
 */
function parsedConcepts(concepts: readonly ConceptSpec[]): ParsedVocabulary {
  const n = concepts.length;
  const ids = new Map(concepts.map((concept, id) => [concept.uri, id]));
  const languages = [
    ...new Set(concepts.flatMap(({ pref, alt, hidden }) => Object.keys({ ...pref, ...alt, ...hidden }))),
  ];
  languages.sort();
  const texts: string[] = [];
  const subject: number[] = [];
  const language: number[] = [];
  const kind: number[] = [];
  const indptr = new Uint32Array(n + 1);
  concepts.forEach((concept, id) => {
    const add = (labels: LabelsByLanguage | undefined, labelKind: number) => {
      for (const [tag, some] of Object.entries(labels ?? {})) {
        for (const text of typeof some === 'string' ? [some] : some) {
          texts.push(text);
          subject.push(id);
          language.push(languages.indexOf(tag));
          kind.push(labelKind);
        }
      }
    };
    add(concept.pref, LABEL_PREF);
    add(concept.alt, LABEL_ALT);
    add(concept.hidden, LABEL_HIDDEN);
    indptr[id + 1] = texts.length;
  });
  const pairs = (uris: (concept: ConceptSpec) => readonly string[] | undefined): [number, number][] =>
    concepts.flatMap((concept, id) =>
      (uris(concept) ?? []).map((uri): [number, number] => {
        const other = ids.get(uri);
        if (other === undefined) throw new RangeError(`${concept.uri} names ${uri}, which is no concept`);
        return [id, other];
      }),
    );
  const pattern = (of: readonly (readonly [number, number])[], nCols: number) =>
    csrFromPairs(
      n,
      nCols,
      of.map(([row]) => row),
      of.map(([, col]) => col),
    );
  const inverse = (of: readonly [number, number][]) => of.map(([a, b]): [number, number] => [b, a]);
  const broader = pairs((concept) => concept.broader);
  const related = pairs((concept) => concept.related);
  const collectionUris = [...new Set(concepts.flatMap((concept) => concept.collections ?? []))];
  const members = concepts.flatMap((concept, id) =>
    (concept.collections ?? []).map((uri): [number, number] => [id, collectionUris.indexOf(uri)]),
  );
  return {
    path: 'concepts of a test',
    uris: StringTable.from(concepts.map((concept) => concept.uri)),
    notations: StringTable.from(concepts.map((concept) => concept.notation ?? '')),
    status: Uint8Array.from(concepts, (concept) => (concept.deprecated ? SUBJECT_DEPRECATED : SUBJECT_ACTIVE)),
    languages,
    labels: {
      texts: StringTable.from(texts),
      subject: Uint32Array.from(subject),
      language: Uint8Array.from(language),
      kind: Uint8Array.from(kind),
      indptr,
    },
    broader: pattern(broader, n),
    narrower: pattern(inverse(broader), n),
    related: pattern([...related, ...inverse(related)], n),
    collections: pattern(members, collectionUris.length),
    collectionUris: StringTable.from(collectionUris),
    schemes: pattern([], 0),
    schemeUris: StringTable.from([]),
    types: pattern([], 0),
    typeUris: StringTable.from([]),
    prefixes: {},
  };
}
