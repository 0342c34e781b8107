import type { Source } from '@catchword/core';

type Assignments = ReturnType<NonNullable<Source['assignments']>>;

/** @returns whether any source keeps the subjects of its records */
export function keepsAssignments(sources: readonly Source[]): boolean {
  return sources.some(({ assignments }) => assignments !== undefined);
}

/** @returns the source that keeps most records, the first of equal ones; undefined where none keeps any */
export function sourceWithMostRecords(sources: readonly Source[]): Source | undefined {
  let most: { readonly source: Source; readonly nRows: number } | undefined;
  for (const source of sources) {
    const assignments = source.assignments?.();
    if (assignments && !(most && most.nRows >= assignments.nRows)) most = { source, nRows: assignments.nRows };
  }
  return most?.source;
}

/** @returns shape (nRecords, nSubjects): the subjects of the records of the source that keeps most; undefined where none keeps any */
export function assignmentsOfSources(sources: readonly Source[]): Assignments | undefined {
  return sourceWithMostRecords(sources)?.assignments?.();
}
