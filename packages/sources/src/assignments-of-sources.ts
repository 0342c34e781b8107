import type { Source } from '@catchword/core';

type Assignments = ReturnType<NonNullable<Source['assignments']>>;

/** @returns whether any source keeps the subjects of its records */
export function keepsAssignments(sources: readonly Source[]): boolean {
  return sources.some(({ assignments }) => assignments !== undefined);
}

/**
 * @returns shape (nRecords, nSubjects): the subjects of the records of the source that keeps most, the first of equal ones;
 *   undefined where none keeps any
 */
export function assignmentsOfSources(sources: readonly Source[]): Assignments | undefined {
  let most: Assignments | undefined;
  for (const source of sources) {
    const assignments = source.assignments?.();
    if (assignments && !(most && most.nRows >= assignments.nRows)) most = assignments;
  }
  return most;
}
