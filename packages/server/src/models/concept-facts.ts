import { LABEL_ALT, LABEL_PREF, SUBJECT_DEPRECATED, type SubjectId, type Vocabulary } from '@catchword/core';
import { displayLabel } from '@catchword/project';
import type { ConceptDefinitions } from '@catchword/vocabulary';

/** A concept in a list: what it takes to show it and to ask for more. */
export interface ConceptReference {
  readonly uri: string;
  readonly label: string;
  readonly notation: string | null;
  readonly deprecated: boolean;
}

/** All that a vocabulary tells of a concept. */
export interface ConceptFacts extends ConceptReference {
  readonly labels: readonly { readonly text: string; readonly language: string; readonly kind: LabelKind }[];
  /** Its definition in each language, the scope note where it has none there. */
  readonly definitions: readonly { readonly text: string; readonly language: string }[];
  readonly broader: readonly ConceptReference[];
  readonly narrower: readonly ConceptReference[];
  readonly related: readonly ConceptReference[];
  /** Ways from a concept at the top down to this one, both left out where they are the same; the shortest first. */
  readonly paths: readonly (readonly ConceptReference[])[];
  readonly collections: readonly string[];
  readonly schemes: readonly string[];
  readonly types: readonly string[];
}

export type LabelKind = 'preferred' | 'alternative' | 'hidden';

/** More ways to the top than this confuse; deeper ones are cut at their top. */
const MOST_PATHS = 5;
const DEEPEST = 20;
/** Neighbours that are listed: some concepts have tens of thousands below them. */
const MOST_NEIGHBOURS = 1000;

export function conceptReference(vocabulary: Vocabulary, id: SubjectId, language: string): ConceptReference {
  return {
    uri: vocabulary.uri(id),
    label: displayLabel(vocabulary, id, language),
    notation: vocabulary.notation(id) ?? null,
    deprecated: vocabulary.status[id] === SUBJECT_DEPRECATED,
  };
}

/**
 * @param language labels of other concepts are shown in it
 * @param definitions of the vocabulary, where it has any
 */
export function conceptFacts(
  vocabulary: Vocabulary,
  id: SubjectId,
  language: string,
  definitions: ConceptDefinitions | undefined,
): ConceptFacts {
  const { labels, languages } = vocabulary;
  const reference = (each: SubjectId) => conceptReference(vocabulary, each, language);
  const neighbours = (pattern: Pattern) =>
    row(pattern, id)
      .slice(0, MOST_NEIGHBOURS)
      .map(reference)
      .sort((a, b) => (a.notation ?? a.label).localeCompare(b.notation ?? b.label));
  const numbers = Array.from(
    { length: (labels.indptr[id + 1] as number) - (labels.indptr[id] as number) },
    (_, i) => (labels.indptr[id] as number) + i,
  );
  return {
    ...reference(id),
    labels: numbers.map((k) => ({
      text: labels.texts.get(k),
      language: languages[labels.language[k] as number] as string,
      kind: labelKind(labels.kind[k] as number),
    })),
    definitions: definitions?.all(id) ?? [],
    broader: neighbours(vocabulary.broader),
    narrower: neighbours(vocabulary.narrower),
    related: neighbours(vocabulary.related),
    paths: pathsToTop(vocabulary, id).map((path) => path.map(reference)),
    collections: row(vocabulary.collections, id).map((each) => vocabulary.collectionUris.get(each)),
    schemes: row(vocabulary.schemes, id).map((each) => vocabulary.schemeUris.get(each)),
    types: row(vocabulary.types, id).map((each) => vocabulary.typeUris.get(each)),
  };
}

export function labelKind(kind: number): LabelKind {
  return kind === LABEL_PREF ? 'preferred' : kind === LABEL_ALT ? 'alternative' : 'hidden';
}

interface Pattern {
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
}

function row({ indptr, indices }: Pattern, i: number): number[] {
  return Array.from(indices.subarray(indptr[i], indptr[i + 1]));
}

/** Breadth first from the concept upwards, so that cycles end and the shortest ways come first. */
function pathsToTop(vocabulary: Vocabulary, id: SubjectId): SubjectId[][] {
  const paths: SubjectId[][] = [];
  let front: SubjectId[][] = [[id]];
  for (let depth = 0; front.length > 0 && paths.length < MOST_PATHS; depth++) {
    const next: SubjectId[][] = [];
    for (const path of front) {
      const above = row(vocabulary.broader, path[0] as SubjectId).filter((each) => !path.includes(each));
      if (above.length === 0 || depth === DEEPEST) paths.push(path.slice(0, -1));
      else for (const each of above) if (next.length < 1000) next.push([each, ...path]);
    }
    front = next;
  }
  return paths.filter((path) => path.length > 0).slice(0, MOST_PATHS);
}
