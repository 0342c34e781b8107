import { ParamReader, type RawParams } from '@catchword/core';

export interface NnEnsembleParams {
  /** Units of the hidden layer. */
  readonly nodes: number;
  /** Share of inputs, and of hidden units, that are left out at random in training. */
  readonly dropoutRate: number;
  readonly epochs: number;
  readonly learningRate: number;
}

export const NN_ENSEMBLE_PARAM_HELP: Readonly<Record<string, string>> = {
  nodes: 'units of the hidden layer (default 100)',
  dropout_rate: 'share of inputs and hidden units left out at random in training, below 1 (default 0.2)',
  epochs: 'times that the training documents are gone through (default 10)',
  lr: 'learning rate of the optimiser, which is Adam (default 0.001)',
};

export function parseNnEnsembleParams(
  raw: RawParams,
  problem: (key: string, message: string) => void,
): NnEnsembleParams {
  const read = new ParamReader(raw, problem);
  return {
    nodes: read.whole('nodes', 100, 1, 2000),
    dropoutRate: read.number('dropout_rate', 0.2, 0, 0.95),
    epochs: read.whole('epochs', 10, 1, 1000),
    learningRate: read.number('lr', 0.001, 1e-6, 1),
  };
}
