import type { Source } from '@catchword/core';

/** @returns shape (nSubjects): training documents of each subject, of the source that has most */
export function maxFrequency(sources: readonly Source[], nSubjects: number): Uint32Array {
  const frequency = new Uint32Array(nSubjects);
  for (const { trainFrequency } of sources) {
    for (let id = 0; id < nSubjects; id++) if (trainFrequency[id] > frequency[id]) frequency[id] = trainFrequency[id];
  }
  return frequency;
}
