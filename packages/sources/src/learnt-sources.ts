import type { JsonValue, Source } from '@catchword/core';

/** A source as it was when an ensemble learnt from it. */
export interface LearntSource {
  readonly projectId: string;
  readonly modelId: string;
}

/** @returns the sources that a model made now has learnt from */
export function learntSources(sources: readonly Source[]): LearntSource[] {
  return sources.map(({ projectId, modelId }) => ({ projectId, modelId }));
}

/** @throws {RangeError} if the value is not what `learntSources` gave */
export function readLearntSources(value: JsonValue | undefined): LearntSource[] {
  if (!Array.isArray(value) || value.length === 0) throw new RangeError('its description names no sources');
  return (value as readonly JsonValue[]).map((each) => {
    const { projectId, modelId } = (each ?? {}) as Record<string, JsonValue>;
    if (typeof projectId !== 'string' || typeof modelId !== 'string') throw new RangeError('a source has no name');
    return { projectId, modelId };
  });
}

/**
 * What a user should know of sources that are not those that an ensemble learnt from.
 *
 * @param backend the ensemble's, for the messages
 */
export function changesSince(
  learntFrom: readonly LearntSource[],
  sources: readonly Source[],
  backend: string,
  projectId: string,
): string[] {
  const refresh = `train it again: catchword train ${projectId} CORPUS`;
  const warnings: string[] = [];
  for (const learnt of learntFrom) {
    const source = sources.find((each) => each.projectId === learnt.projectId);
    if (!source) {
      warnings.push(
        `${backend} "${projectId}" learnt from source "${learnt.projectId}", which it no longer has; ${refresh}`,
      );
    } else if (source.modelId !== '' && source.modelId !== learnt.modelId) {
      warnings.push(
        `source "${learnt.projectId}" was trained again since ${backend} "${projectId}" learnt from it; ${refresh}`,
      );
    }
  }
  for (const { projectId: id } of sources) {
    if (!learntFrom.some((learnt) => learnt.projectId === id)) {
      warnings.push(`${backend} "${projectId}" has not learnt from its source "${id}", which is left out; ${refresh}`);
    }
  }
  return warnings;
}
