import type { SubjectId } from '@catchword/core';
import type { NumericArray } from '@catchword/math';
import type { ScoreRow } from './score-rows.js';

/**
 * The network of Annif's `nn_ensemble`, with rows for those inputs and subjects alone that occurred in training: all other
 * weights of Annif's are what they were at the start, random numbers near zero for inputs and zeros for subjects.
 *
 * Score of a subject: the mean of its inputs, plus bias, plus weights times the hidden layer.
 */
export class Network {
  readonly nSources: number;
  readonly nSubjects: number;
  readonly nodes: number;
  /** Per input its subject times nSources plus its source, ascending. */
  readonly inputs: Uint32Array;
  /** Shape (nInputs, nodes). */
  readonly inputWeights: Float32Array;
  /** Shape (nodes). */
  readonly hiddenBias: Float32Array;
  /** Subjects with an output: the first `nAnywhere` of them may be suggested although no source does. */
  readonly outputs: Uint32Array;
  readonly nAnywhere: number;
  /** Shape (nOutputs, nodes). */
  readonly outputWeights: Float32Array;
  /** Shape (nOutputs). */
  readonly outputBias: Float32Array;
  /** Per subject and source the input's number + 1. */
  private readonly inputOf: Map<number, number>;
  /** Per subject the output's number + 1. */
  private readonly outputOf: Map<number, number>;

  constructor(parts: NetworkParts) {
    this.nSources = parts.nSources;
    this.nSubjects = parts.nSubjects;
    this.nodes = parts.hiddenBias.length;
    this.inputs = parts.inputs;
    this.inputWeights = parts.inputWeights;
    this.hiddenBias = parts.hiddenBias;
    this.outputs = parts.outputs;
    this.nAnywhere = parts.nAnywhere;
    this.outputWeights = parts.outputWeights;
    this.outputBias = parts.outputBias;
    this.inputOf = new Map(Array.from(parts.inputs, (key, i) => [key, i + 1]));
    this.outputOf = new Map(Array.from(parts.outputs, (id, o) => [id, o + 1]));
  }

  /** @returns the number of the input, or -1 */
  input(id: SubjectId, source: number): number {
    return (this.inputOf.get(id * this.nSources + source) ?? 0) - 1;
  }

  /** @returns the number of the output, or -1 */
  output(id: SubjectId): number {
    return (this.outputOf.get(id) ?? 0) - 1;
  }

  /**
   * @param hiddenSubjects shape (nSubjects): 1 where what was learnt of a subject is not to count
   * @returns scores of all subjects that a source suggests or that may be suggested anywhere, some of them not above 0
   */
  scores(row: ScoreRow, hiddenSubjects?: Uint8Array): { readonly ids: Uint32Array; readonly scores: Float32Array } {
    const { nodes, nSources, inputWeights, outputWeights } = this;
    const hidden = Float64Array.from(this.hiddenBias);
    const sums = new Map<SubjectId, number>();
    for (let o = 0; o < this.nAnywhere; o++) if (!hiddenSubjects?.[this.outputs[o]]) sums.set(this.outputs[o], 0);
    row.ids.forEach((id, k) => {
      const value = row.values[k];
      sums.set(id, (sums.get(id) ?? 0) + value / nSources);
      const at = this.input(id, row.sources[k]) * nodes;
      if (at >= 0) for (let h = 0; h < nodes; h++) hidden[h] += value * inputWeights[at + h];
    });
    for (let h = 0; h < nodes; h++) if (hidden[h] < 0) hidden[h] = 0;
    const ids = Uint32Array.from(sums.keys());
    const scores = Float32Array.from(sums, ([id, mean]) => {
      const o = this.output(id);
      if (o < 0 || hiddenSubjects?.[id]) return mean;
      let score = mean + this.outputBias[o];
      for (let h = 0, at = o * nodes; h < nodes; h++) score += hidden[h] * outputWeights[at + h];
      return score;
    });
    return { ids, scores };
  }

  toArrays(): Record<string, NumericArray> {
    const { inputs, inputWeights, hiddenBias, outputs, outputWeights, outputBias } = this;
    return { inputs, inputWeights, hiddenBias, outputs, outputWeights, outputBias };
  }
}

/** What a network is made of, as its fields. */
export interface NetworkParts {
  readonly nSources: number;
  readonly nSubjects: number;
  readonly nAnywhere: number;
  readonly inputs: Uint32Array;
  readonly inputWeights: Float32Array;
  readonly hiddenBias: Float32Array;
  readonly outputs: Uint32Array;
  readonly outputWeights: Float32Array;
  readonly outputBias: Float32Array;
}
