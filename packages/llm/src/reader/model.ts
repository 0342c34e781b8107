import type { BackendContext, JsonValue, ModelData } from '@catchword/core';
import { packArrays, viewArrays } from '@catchword/math';
import { type LearntSource, readLearntSources, readStored } from '@catchword/sources';
import { LearntWeights, N_EFFECTS, type Weights } from './learnt-weights.js';
import type { ReadingMode } from './params.js';

/** What a trained reader knows: how much the opinion of a certain model is worth, asked in a certain way. */
export interface ReaderModel {
  readonly weights: Weights;
  readonly mode: ReadingMode;
  /** The language model whose opinion was learnt from. */
  readonly model: string;
  readonly sources: readonly LearntSource[];
  /** Of the vocabulary that it was trained with. */
  readonly nSubjects: number;
}

/** @param model undefined where nothing was trained */
export function saveReaderModel(model: ReaderModel | undefined): ModelData {
  if (!model) return { meta: {}, pack: packArrays({}) };
  const { weights, mode, model: name, sources, nSubjects } = model;
  const { intercept, slope, share, effects } = weights;
  return {
    meta: { mode, model: name, nSubjects, sources: sources as unknown as JsonValue },
    pack: packArrays({ weights: Float64Array.of(intercept, slope, share, ...effects) }),
  };
}

/**
 * @returns undefined where nothing was trained
 * @throws {ModelError} `model-damaged` if the data is not a model of this kind; `model-incompatible` if it is of a larger vocabulary, or has
 *   learnt from none of the sources
 */
export function loadReaderModel(backend: string, context: BackendContext, data: ModelData): ReaderModel | undefined {
  if (Object.keys(data.meta).length === 0 && data.pack.places.length === 0) return undefined;
  return readStored(backend, context, data, () => {
    const { mode, model, nSubjects } = data.meta;
    if (typeof mode !== 'string' || typeof model !== 'string')
      throw new RangeError('it does not tell which model it judges');
    const array = viewArrays(data.pack).weights;
    if (!(array instanceof Float64Array) || array.length !== 3 + N_EFFECTS || !array.every(Number.isFinite)) {
      throw new RangeError('its weights are missing');
    }
    const [intercept = 0, slope = 1, share = 0] = array;
    if (!(slope > 0) || !(share >= 0 && share <= 1))
      throw new RangeError(`slope ${slope} or share ${share} make no sense`);
    const weights = { intercept, slope, share, effects: array.slice(3) };
    const sources = readLearntSources(data.meta.sources);
    return { weights, mode: mode as ReadingMode, model, sources, nSubjects: nSubjects as number };
  });
}

/** @returns the fusing of a model */
export function fusingOf({ weights }: ReaderModel): LearntWeights {
  return new LearntWeights(weights);
}
