import type { SubjectId, Vocabulary } from '@catchword/core';
import { displayLabel } from './display-label.js';

/** How many subjects a change touched, and some of them. */
export interface ChangeCount {
  readonly n: number;
  readonly examples: readonly ChangeExample[];
}

export interface ChangeExample {
  readonly uri: string;
  readonly label: string;
  /** The preferred label before, where it was another. */
  readonly before?: string;
}

const MAX_EXAMPLES = 5;

/** Counts changed subjects and shows the first. */
export function countChange(
  ids: ArrayLike<SubjectId>,
  vocabulary: Vocabulary,
  language: string,
  before?: Vocabulary,
): ChangeCount {
  const examples = Array.from({ length: Math.min(ids.length, MAX_EXAMPLES) }, (_, i): ChangeExample => {
    const id = ids[i] as SubjectId;
    const label = displayLabel(vocabulary, id, language);
    const old = before ? displayLabel(before, id, language) : label;
    return { uri: vocabulary.uri(id), label, ...(old === label ? undefined : { before: old }) };
  });
  return { n: ids.length, examples };
}
