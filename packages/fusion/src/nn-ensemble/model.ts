import type { BackendContext, JsonValue, ModelData } from '@catchword/core';
import { packArrays, viewArrays } from '@catchword/math';
import { type LearntSource, readLearntSources, readStored } from '@catchword/sources';
import { Network } from './network.js';

/** All that a trained `nn_ensemble` knows. */
export interface NnEnsembleModel {
  readonly sources: readonly LearntSource[];
  /** One for each source, as configured when it was trained. */
  readonly weights: readonly number[];
  readonly network: Network;
}

export function saveNnEnsemble({ sources, weights, network }: NnEnsembleModel): ModelData {
  const { nSubjects, nAnywhere } = network;
  const meta = { sources: sources as unknown as JsonValue, weights: [...weights], nSubjects, nAnywhere };
  return { meta, pack: packArrays(network.toArrays()) };
}

/** @throws {ModelError} if the data is not a model of `nn_ensemble`, or one of another vocabulary */
export function loadNnEnsemble(context: BackendContext, data: ModelData): NnEnsembleModel {
  return readStored('nn_ensemble', context, data, () => {
    const { meta } = data;
    const nSubjects = meta.nSubjects as number;
    const sources = readLearntSources(meta.sources);
    const weights = (Array.isArray(meta.weights) ? meta.weights : []).filter((w): w is number => typeof w === 'number');
    if (weights.length !== sources.length) throw new RangeError(`${sources.length} sources, ${weights.length} weights`);
    const arrays = viewArrays(data.pack);
    const { inputs, outputs, inputWeights, hiddenBias, outputWeights, outputBias } = arrays;
    if (!(inputs instanceof Uint32Array && outputs instanceof Uint32Array)) throw new RangeError('numbers are missing');
    if (!(inputWeights instanceof Float32Array && hiddenBias instanceof Float32Array)) {
      throw new RangeError('weights of the hidden layer are missing');
    }
    if (!(outputWeights instanceof Float32Array && outputBias instanceof Float32Array)) {
      throw new RangeError('weights of the subjects are missing');
    }
    const nodes = hiddenBias.length;
    const fits = inputWeights.length === inputs.length * nodes && outputWeights.length === outputs.length * nodes;
    if (!fits || outputBias.length !== outputs.length) {
      throw new RangeError(`its layers do not fit ${inputs.length} inputs, ${nodes} nodes, ${outputs.length} subjects`);
    }
    const inRange = inputs.every((key) => key < nSubjects * sources.length) && outputs.every((id) => id < nSubjects);
    const { nAnywhere } = meta;
    if (!inRange || typeof nAnywhere !== 'number' || !(nAnywhere >= 0 && nAnywhere <= outputs.length)) {
      throw new RangeError(`it names subjects beyond ${nSubjects}`);
    }
    const parts = { inputs, inputWeights, hiddenBias, outputs, outputWeights, outputBias };
    const network = new Network({ ...parts, nSources: sources.length, nSubjects, nAnywhere });
    return { sources, weights, network };
  });
}
