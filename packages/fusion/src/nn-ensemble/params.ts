import type { RawParams } from '@catchword/core';

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
  const number = (key: string, fallback: number, low: number, high: number, whole: boolean): number => {
    const value = raw[key];
    if (value === undefined) return fallback;
    const parsed = typeof value === 'boolean' || String(value).trim() === '' ? Number.NaN : Number(value);
    if (parsed >= low && parsed <= high && (!whole || Number.isInteger(parsed))) return parsed;
    const kind = whole ? 'a whole number' : 'a number';
    problem(key, `${key} has to be ${kind} from ${low} to ${high}, not ${JSON.stringify(value)}`);
    return fallback;
  };
  return {
    nodes: number('nodes', 100, 1, 2000, true),
    dropoutRate: number('dropout_rate', 0.2, 0, 0.95, false),
    epochs: number('epochs', 10, 1, 1000, true),
    learningRate: number('lr', 0.001, 1e-6, 1, false),
  };
}
