import type { SubjectId, SubjectIndex } from '@catchword/core';

/**
 * @returns a name to show: the preferred label in the language, else one without a language, else the last part of the URI
 */
export function displayLabel(subjects: SubjectIndex, id: SubjectId, language: string): string {
  const label = subjects.label(id, language) ?? subjects.label(id, '');
  if (label !== undefined) return label;
  const uri = subjects.uri(id);
  return /[^/#]+(?=[/#]*$)/.exec(uri)?.[0] ?? uri;
}
