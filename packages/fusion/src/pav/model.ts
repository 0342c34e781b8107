import type { BackendContext, JsonValue, ModelData } from '@catchword/core';
import { type NumericArray, packArrays, viewArrays } from '@catchword/math';
import { type LearntSource, readLearntSources, readStored } from '@catchword/sources';
import { SubjectCurves } from './subject-curves.js';

/** All that a trained `pav` knows. */
export interface PavModel {
  readonly sources: readonly LearntSource[];
  /** One for each source. */
  readonly curves: readonly SubjectCurves[];
  readonly nSubjects: number;
}

export function savePav({ sources, curves, nSubjects }: PavModel): ModelData {
  const arrays: Record<string, NumericArray> = {};
  curves.forEach((each, s) => {
    for (const [name, array] of Object.entries(each.toArrays())) arrays[`${s}.${name}`] = array;
  });
  return { meta: { sources: sources as unknown as JsonValue, nSubjects }, pack: packArrays(arrays) };
}

/** @throws {ModelError} if the data is not a model of `pav`, or one of another vocabulary */
export function loadPav(context: BackendContext, data: ModelData): PavModel {
  return readStored('pav', context, data, () => {
    const sources = readLearntSources(data.meta.sources);
    const nSubjects = data.meta.nSubjects as number;
    const arrays = viewArrays(data.pack);
    const curves = sources.map((_, s) => {
      const part = ['subjects', 'ends', 'xs', 'ys'].map((name) => [name, arrays[`${s}.${name}`]] as const);
      return SubjectCurves.fromArrays(Object.fromEntries(part), nSubjects);
    });
    return { sources, curves, nSubjects };
  });
}
