import type { SubjectId, TrainOptions } from '@catchword/core';
import { Random } from '@catchword/math';
import { AdamWeights } from './adam.js';
import { Network } from './network.js';
import type { NnEnsembleParams } from './params.js';
import type { TrainingRow } from './score-rows.js';

const BATCH_DOCS = 32;
/** Scores are cut to [this, 1 - this] in the loss, and have no gradient beyond. */
const EPSILON = 1e-7;

/** A trained network, and how it went. */
export interface TrainedNetwork {
  readonly network: Network;
  /** Per epoch the mean binary cross-entropy over documents and all subjects. */
  readonly losses: readonly number[];
}

/**
 * Trains the network by binary cross-entropy over all subjects, in batches of 32 documents, as Annif does.
 *
 * Annif's scores are cut to [1e-7, 1 - 1e-7], and what is cut has no gradient. So a subject that no source suggests for any
 * document never changes, and one that is never suggested where it is right only ever sinks: its bias and weights stay at or
 * below zero. These are the subjects that the network pushes down; and so it is enough to look at them where they are suggested.
 *
 * @param rows of at least one document
 * @see Annif 1.4.3, annif/backend/nn_ensemble.py: Keras, Adam, glorot uniform inputs, outputs that start at zero
 */
export async function trainNetwork(
  rows: readonly TrainingRow[],
  nSources: number,
  nSubjects: number,
  params: NnEnsembleParams,
  options: Pick<TrainOptions, 'seed' | 'signal' | 'onProgress'>,
): Promise<TrainedNetwork> {
  const network = freshNetwork(rows, nSources, nSubjects, params.nodes, options.seed);
  const trainer = new Trainer(network, rows, params, options.seed);
  const losses: number[] = [];
  const order = Uint32Array.from({ length: Math.ceil(rows.length / BATCH_DOCS) }, (_, b) => b);
  const random = new Random(options.seed + 1);
  for (let epoch = 0; epoch < params.epochs; epoch++) {
    random.shuffle(order);
    let loss = 0;
    for (const [k, b] of order.entries()) {
      await new Promise((resolve) => setImmediate(resolve)); // lets a signal come in
      options.signal?.throwIfAborted();
      loss += trainer.batch(b * BATCH_DOCS, Math.min(rows.length, (b + 1) * BATCH_DOCS));
      const done = epoch * rows.length + Math.min(rows.length, (k + 1) * BATCH_DOCS);
      const total = params.epochs * rows.length;
      options.onProgress?.({ stage: 'training the network', done, total, unit: 'documents' });
    }
    losses.push(loss / rows.length);
  }
  return { network, losses };
}

/** A network with a row for each input, and an output for each subject, that occurs. */
function freshNetwork(
  rows: readonly TrainingRow[],
  nSources: number,
  nSubjects: number,
  nodes: number,
  seed: number,
): Network {
  const keys = new Set<number>();
  const suggested = new Set<SubjectId>();
  const right = new Set<SubjectId>();
  for (const { ids, sources, gold } of rows) {
    const golden = new Set(gold);
    ids.forEach((id, k) => {
      keys.add(id * nSources + sources[k]);
      suggested.add(id);
      if (golden.has(id)) right.add(id);
    });
  }
  const ascending = (ids: Iterable<number>) => Uint32Array.from(ids).sort();
  const others = ascending([...suggested].filter((id) => !right.has(id)));
  const random = new Random(seed);
  const range = Math.sqrt(6 / (nSubjects * nSources + nodes));
  return new Network({
    nSources,
    nSubjects,
    nAnywhere: right.size,
    inputs: ascending(keys),
    inputWeights: Float32Array.from({ length: keys.size * nodes }, () => (2 * random.uniform() - 1) * range),
    hiddenBias: new Float32Array(nodes),
    outputs: Uint32Array.from([...ascending(right), ...others]),
    outputWeights: new Float32Array(suggested.size * nodes),
    outputBias: new Float32Array(suggested.size),
  });
}

/** A document in the network's numbers. */
interface NumberedRow {
  readonly inputs: Uint32Array;
  readonly values: Float32Array;
  /** Outputs of the suggested subjects, and the means of their inputs. */
  readonly outputs: Uint32Array;
  readonly means: Float32Array;
  /** Outputs of those gold subjects that can have a score. */
  readonly gold: Uint32Array;
  /** The other gold subjects, whose loss is the greatest one always. */
  readonly nLost: number;
}

class Trainer {
  private readonly network: Network;
  private readonly rows: readonly NumberedRow[];
  private readonly params: NnEnsembleParams;
  private readonly random: Random;
  private readonly inputWeights: AdamWeights;
  private readonly hiddenBias: AdamWeights;
  private readonly outputWeights: AdamWeights;
  private readonly outputBias: AdamWeights;
  private readonly hidden: Float64Array;
  private readonly hiddenGradient: Float64Array;
  /** Shape (nOutputs): of the document at hand. */
  private readonly mean: Float32Array;
  private readonly isGold: Uint8Array;

  constructor(network: Network, rows: readonly TrainingRow[], params: NnEnsembleParams, seed: number) {
    this.network = network;
    this.params = params;
    this.random = new Random(seed + 2);
    this.rows = rows.map((row) => numbered(row, network));
    this.inputWeights = new AdamWeights(network.inputWeights);
    this.hiddenBias = new AdamWeights(network.hiddenBias);
    this.outputWeights = new AdamWeights(network.outputWeights);
    this.outputBias = new AdamWeights(network.outputBias);
    this.hidden = new Float64Array(network.nodes);
    this.hiddenGradient = new Float64Array(network.nodes);
    this.mean = new Float32Array(network.outputs.length);
    this.isGold = new Uint8Array(network.outputs.length);
  }

  /** Learns from the documents [from, to). @returns the sum of their losses */
  batch(from: number, to: number): number {
    let loss = 0;
    for (let d = from; d < to; d++) loss += this.document(this.rows[d], to - from);
    for (const layer of [this.inputWeights, this.hiddenBias, this.outputWeights, this.outputBias]) {
      layer.step(this.params.learningRate);
    }
    return loss;
  }

  /** Adds a document's gradients. @returns its loss */
  private document(row: NumberedRow, nDocs: number): number {
    const { network, random, hidden, hiddenGradient, mean, isGold } = this;
    const { nodes, nSubjects, nAnywhere } = network;
    const { dropoutRate } = this.params;
    const kept = 1 / (1 - dropoutRate);
    const inputGradients = this.inputWeights.gradients;
    const dropped = new Float32Array(row.inputs.length);
    hidden.set(network.hiddenBias);
    for (let k = 0; k < dropped.length; k++) {
      if (random.uniform() < dropoutRate) continue;
      const value = row.values[k] * kept;
      dropped[k] = value;
      for (let h = 0, at = row.inputs[k] * nodes; h < nodes; h++) hidden[h] += value * network.inputWeights[at + h];
    }
    for (let h = 0; h < nodes; h++) {
      hidden[h] = hidden[h] > 0 && random.uniform() >= dropoutRate ? hidden[h] * kept : 0;
    }
    hiddenGradient.fill(0);

    const scale = 1 / (nSubjects * nDocs);
    let loss = -row.nLost * Math.log(EPSILON);
    row.outputs.forEach((o, k) => {
      mean[o] = row.means[k];
    });
    for (const o of row.gold) isGold[o] = 1;
    for (let o = 0; o < nAnywhere; o++) loss += this.output(o, scale);
    for (const o of row.outputs) if (o >= nAnywhere) loss += this.output(o, scale);
    for (const o of row.outputs) mean[o] = 0;
    for (const o of row.gold) isGold[o] = 0;

    const biasGradients = this.hiddenBias.gradients;
    for (let h = 0; h < nodes; h++) {
      hiddenGradient[h] = hidden[h] > 0 ? hiddenGradient[h] * kept : 0;
      biasGradients[h] += hiddenGradient[h];
    }
    for (let k = 0; k < dropped.length; k++) {
      const value = dropped[k];
      if (value === 0) continue;
      for (let h = 0, at = row.inputs[k] * nodes; h < nodes; h++) inputGradients[at + h] += value * hiddenGradient[h];
    }
    return loss / nSubjects;
  }

  /** Adds the gradients of one subject. @returns its loss */
  private output(o: number, scale: number): number {
    const { network, hidden, hiddenGradient } = this;
    const { nodes, outputWeights, outputBias } = network;
    const from = o * nodes;
    let score = this.mean[o] + outputBias[o];
    for (let h = 0; h < nodes; h++) score += hidden[h] * outputWeights[from + h];
    const target = this.isGold[o];
    const cut = Math.min(1 - EPSILON, Math.max(EPSILON, score));
    if (cut === score) {
      const gradient = ((score - target) / (score * (1 - score))) * scale;
      const gradients = this.outputWeights.gradients;
      this.outputBias.gradients[o] += gradient;
      for (let h = 0; h < nodes; h++) {
        gradients[from + h] += gradient * hidden[h];
        hiddenGradient[h] += gradient * outputWeights[from + h];
      }
    }
    return -Math.log(target === 1 ? cut : 1 - cut);
  }
}

function numbered({ ids, sources, values, gold }: TrainingRow, network: Network): NumberedRow {
  const means = new Map<number, number>();
  ids.forEach((id, k) => {
    const o = network.output(id);
    means.set(o, (means.get(o) ?? 0) + values[k] / network.nSources);
  });
  const goldOutputs = gold.map((id) => network.output(id)).filter((o) => o >= 0 && o < network.nAnywhere);
  return {
    inputs: Uint32Array.from(ids, (id, k) => network.input(id, sources[k])),
    values,
    outputs: Uint32Array.from(means.keys()),
    means: Float32Array.from(means.values()),
    gold: Uint32Array.from(goldOutputs),
    nLost: gold.length - goldOutputs.length,
  };
}
