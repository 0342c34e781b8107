import { expect, test } from 'vitest';
import type { FusionRows } from './fusion-table.js';
import { chooseBonus, orderedBy } from './untrained-bonus.js';

const FREQUENCY = 1;

/**
 * Documents of thirteen candidates: ten trained ones of falling probability, and three untrained ones of `untrained` each, the first of
 * which is right in every document; of the trained ones the first is, and in every fifth document the tenth.
 */
function documents(nDocs: number, untrained: number) {
  const nFeatures = 2;
  const X: number[] = [];
  const y: number[] = [];
  const doc: number[] = [];
  const probabilities: number[] = [];
  for (let d = 0; d < nDocs; d++) {
    for (let i = 0; i < 13; i++) {
      const isUntrained = i >= 10;
      X.push(i === 10 ? 1 : Number.NaN, isUntrained ? 0 : Math.log1p(20));
      y.push(i === 0 || i === 10 || (i === 9 && d % 5 === 0) ? 1 : 0);
      doc.push(d);
      probabilities.push(isUntrained ? untrained - i * 1e-4 : 0.6 / (i + 1));
    }
  }
  const rows: FusionRows = {
    nFeatures,
    X: Float32Array.from(X),
    y: Uint8Array.from(y),
    weights: new Float32Array(y.length).fill(1),
    doc: Uint32Array.from(doc),
    hidden: new Uint8Array(y.length),
    nGold: Uint32Array.from({ length: nDocs }, (_, d) => (d % 5 === 0 ? 3 : 2)),
    nGoldUntrained: new Uint32Array(nDocs).fill(1),
  };
  return { rows, probabilities: Float64Array.from(probabilities) };
}

test('orderedBy doubles the probability of an untrained subject, by no more than the bonus', () => {
  expect(orderedBy(0.01, true, 0.05)).toBe(0.02);
  expect(orderedBy(0.5, true, 0.05)).toBe(0.55);
  expect(orderedBy(0.5, false, 0.05)).toBe(0.5);
  expect(orderedBy(0.5, true, 0)).toBe(0.5);
});

test('chooseBonus takes the least bonus that finds most of the untrained subjects', () => {
  const { rows, probabilities } = documents(50, 0.05);
  // The tenth trained candidate has 0.06: 0.0490 + 0.02 is more, and 0.049 + 0.01 is not.
  const chosen = chooseBonus(rows, probabilities, [0], FREQUENCY);
  expect(chosen.bonus).toBe(0.02);
  expect(chosen.recallAt10Untrained).toBe(1);
  expect(chosen.ndcgAt10).toBeGreaterThan(chooseBonus(rows, probabilities.fill(0), [0], FREQUENCY).ndcgAt10);
});

test('chooseBonus takes the highest bonus that costs nothing while the best source finds more', () => {
  const { rows, probabilities } = documents(50, 0.05);
  // In one document no bonus is enough for the untrained candidate; the source has it first there, as everywhere.
  const y = rows.y.map((right, i) => (i < 13 ? (i === 12 ? 1 : 0) : right));
  const X = rows.X.map((value, i) => (i === 2 * 12 ? 1 : value));
  const farDown = probabilities.map((probability, i) => (i === 12 ? 1e-6 : probability));
  const chosen = chooseBonus({ ...rows, y, X }, farDown, [0], FREQUENCY);
  expect(chosen.recallAt10Untrained).toBe(0.98);
  expect(chosen.bonus).toBe(0.35);
});

test('chooseBonus takes none where documents are too few to tell', () => {
  const { rows, probabilities } = documents(49, 0.05);
  expect(chooseBonus(rows, probabilities, [0], FREQUENCY).bonus).toBe(0);
});

test('chooseBonus takes none that would cost more than it may, and none at all where nothing untrained is right', () => {
  const { rows, probabilities } = documents(50, 0.05);
  // Only in one document the untrained candidate is right, in all others the tenth trained one, which it would push out.
  const y = rows.y.map((_, i) => ((i < 13 ? i === 10 : i % 13 === 9) ? 1 : 0));
  const nGoldUntrained = Uint32Array.from({ length: 50 }, (_, d) => (d === 0 ? 1 : 0));
  const mostlyTrained = { ...rows, y, nGold: rows.nGold.map(() => 1), nGoldUntrained };
  const costly = chooseBonus(mostlyTrained, probabilities, [0], FREQUENCY);
  expect(costly.bonus).toBe(0.01); // 0.049 and 0.01 are no more than the tenth one has
  expect(costly.recallAt10Untrained).toBe(0);
  const noneRight = chooseBonus(
    { ...mostlyTrained, nGoldUntrained: new Uint32Array(50) },
    probabilities,
    [0],
    FREQUENCY,
  );
  expect(noneRight.bonus).toBe(0);
  expect(noneRight.recallAt10Untrained).toBeNaN();
});
