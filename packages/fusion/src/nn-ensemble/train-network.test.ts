import { expect, test } from 'vitest';
import type { Network } from './network.js';
import type { TrainingRow } from './score-rows.js';
import { trainNetwork } from './train-network.js';

const row = (entries: readonly (readonly [number, number, number])[], gold: readonly number[]): TrainingRow => ({
  ids: Uint32Array.from(entries, ([id]) => id),
  sources: Uint32Array.from(entries, ([, source]) => source),
  values: Float32Array.from(entries, ([, , value]) => value),
  gold,
});

/** Three documents, two sources, six subjects: 3 is suggested once, 4 is right and never suggested, 5 never occurs. */
const ROWS = [
  row(
    [
      [0, 0, 0.9],
      [1, 0, 0.5],
      [0, 1, 0.7],
      [2, 1, 0.3],
    ],
    [0, 4],
  ),
  row(
    [
      [1, 0, 0.8],
      [3, 1, 0.6],
    ],
    [3],
  ),
  row(
    [
      [2, 0, 0.4],
      [0, 1, 0.2],
      [1, 1, 0.9],
    ],
    [1, 2],
  ),
];
const PARAMS = { nodes: 3, dropoutRate: 0, epochs: 40, learningRate: 0.02 };

function scores(network: Network): number[][] {
  return ROWS.map((each) => {
    const { ids, scores } = network.scores(each);
    return Array.from({ length: 6 }, (_, id) => scores[ids.indexOf(id)] ?? 0);
  });
}

test('trainNetwork learns what Keras 3.15.1 learns from the same start, with the layers of Annif 1.4.3', async () => {
  const { network, losses } = await trainNetwork(ROWS, 2, 6, PARAMS, { seed: 1 });
  // Dense(3, 'relu') on the flattened inputs, Dense(6) on it, plus the mean; Adam, binary_crossentropy, 40 epochs of one batch.
  const expected = [
    [1.21049, -0.11734, -0.12973, -0.16091, 0, 0],
    [-0.14103, -0.59675, -0.59689, 1.12243, 0, 0],
    [-0.11234, 0.92049, 0.87695, -0.2552, 0, 0],
  ];
  scores(network).forEach((found, d) => {
    found.forEach((score, id) => {
      expect(score).toBeCloseTo(expected[d]?.[id] ?? -9, 4);
    });
  });
  expect(losses[0]).toBeCloseTo(1.1677526, 6);
  expect(losses[39]).toBeCloseTo(0.9093809, 5);
});

test('trainNetwork gives the same network for the same seed, dropout included', async () => {
  const params = { ...PARAMS, dropoutRate: 0.3 };
  const once = await trainNetwork(ROWS, 2, 6, params, { seed: 5 });
  expect(await trainNetwork(ROWS, 2, 6, params, { seed: 5 })).toEqual(once);
  expect((await trainNetwork(ROWS, 2, 6, params, { seed: 6 })).losses).not.toEqual(once.losses);
});

test('Network gives a subject that it never saw the mean of its inputs', async () => {
  const { network } = await trainNetwork(ROWS, 2, 6, PARAMS, { seed: 1 });
  const { ids, scores } = network.scores(row([[5, 0, 0.5]], []));
  expect(scores[ids.indexOf(5)]).toBe(0.25);
});
