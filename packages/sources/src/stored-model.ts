import { type BackendContext, type ModelData, ModelError } from '@catchword/core';
import type { LearntSource } from './learnt-sources.js';

/**
 * Reads the model of an ensemble with numbers of single subjects.
 *
 * @param read may throw a RangeError for what does not fit together
 * @throws {ModelError} `model-incompatible` if it knows more subjects than the vocabulary has, or none of the context's
 *   sources; `model-damaged`
 */
export function readStored<T extends { readonly sources: readonly LearntSource[] }>(
  backend: string,
  { projectId, vocabulary, sources = [] }: BackendContext,
  { meta }: ModelData,
  read: () => T,
): T {
  const hint = `Train the project again: catchword train ${projectId} <corpus>`;
  const { nSubjects } = meta;
  try {
    if (typeof nSubjects !== 'number' || !Number.isInteger(nSubjects) || nSubjects < 0) {
      throw new RangeError('it does not tell of how many subjects it is');
    }
    if (nSubjects > vocabulary.nSubjects) {
      const message = `The stored ${backend} is of ${nSubjects} subjects; the vocabulary has ${vocabulary.nSubjects}`;
      throw new ModelError('model-incompatible', message, { hint });
    }
    const model = read();
    if (!model.sources.some((learnt) => sources.some((source) => source.projectId === learnt.projectId))) {
      const message = `The stored ${backend} has learnt from none of the sources that "${projectId}" has now`;
      throw new ModelError('model-incompatible', message, { hint });
    }
    return model;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelError('model-damaged', `The stored ${backend} cannot be used: ${cause.message}`, { hint, cause });
  }
}
