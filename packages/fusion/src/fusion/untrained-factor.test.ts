import { expect, test } from 'vitest';
import type { FusionRows } from './fusion-table.js';
import { rankingQuality } from './ranking-quality.js';
import { chooseFactor } from './untrained-factor.js';

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

test('chooseFactor takes the least factor that finds as many of the untrained subjects as the best source', () => {
  const { rows, probabilities } = documents(100, 0.02);
  // The tenth trained candidate has 0.06: three times 0.019 is less, four times is more.
  const chosen = chooseFactor(rows, probabilities, [0], FREQUENCY);
  expect(chosen.factor).toBe(4);
  expect(chosen.recallAt10Untrained).toBe(1);
  expect(chosen.ndcgAt10).toBeGreaterThan(rankingQuality(rows, probabilities, FREQUENCY).ndcgAt10);
});

test('chooseFactor spends what it may where untrained subjects are too few to see a lack', () => {
  const { rows, probabilities } = documents(99, 0.05);
  expect(chooseFactor(rows, probabilities, [0], FREQUENCY).factor).toBe(30);
});

test('chooseFactor spends no more than a quarter of the share that untrained subjects have', () => {
  const { rows, probabilities } = documents(600, 0.02);
  // The first trained candidate is right; in a few documents an untrained one, in others the tenth trained one too, which four times 0.019 pushes out.
  const chosen = (nUntrained: number) => {
    const isUntrained = (d: number) => d < nUntrained;
    const y = rows.y.map((_, i) => {
      const [d, place] = [Math.floor(i / 13), i % 13];
      return place === 0 || (place === 10 && isUntrained(d)) || (place === 9 && d >= 597) ? 1 : 0;
    });
    const nGold = Uint32Array.from({ length: 600 }, (_, d) => (isUntrained(d) || d >= 597 ? 2 : 1));
    const nGoldUntrained = Uint32Array.from({ length: 600 }, (_, d) => (isUntrained(d) ? 1 : 0));
    return chooseFactor({ ...rows, y, nGold, nGoldUntrained }, probabilities, [0], FREQUENCY).factor;
  };
  expect(chosen(1)).toBe(3);
  expect(chosen(3)).toBe(30);
});

test.each([1, Number.NaN])(
  'where hardly any gold subject is untrained, the limit is no higher where a source lacks them (score %d)',
  (score) => {
    const { rows, probabilities } = documents(600, 0.02);
    const X = rows.X.map((value) => (value === 1 ? score : value));
    // an untrained subject is right in one document, the tenth trained one, which it would push out, in four; and far more that nobody names
    const y = rows.y.map((_, i) => {
      const [d, place] = [Math.floor(i / 13), i % 13];
      return place === 0 || (place === 10 && d === 0) || (place === 9 && d > 595) ? 1 : 0;
    });
    const nGold = new Uint32Array(600).fill(1000);
    const nGoldUntrained = Uint32Array.from({ length: 600 }, (_, d) => (d < 100 ? 1 : 0));
    const { factor } = chooseFactor({ ...rows, X, y, nGold, nGoldUntrained }, probabilities, [0], FREQUENCY);
    expect(factor).toBe(Number.isNaN(score) ? 1 : 3);
  },
);

test('chooseFactor takes one that costs nothing where it brings something that no source has', () => {
  const { rows, probabilities } = documents(100, 0.05);
  const X = rows.X.map((value, i) => (i % 2 === 0 ? Number.NaN : value));
  const chosen = chooseFactor({ ...rows, X }, probabilities, [0], FREQUENCY);
  expect(chosen.factor).toBe(1.25);
  expect(chosen.recallAt10Untrained).toBe(1);
});

test('chooseFactor takes none where documents are too few to tell', () => {
  const { rows, probabilities } = documents(49, 0.05);
  expect(chooseFactor(rows, probabilities, [0], FREQUENCY).factor).toBe(1);
});

test('chooseFactor takes none that would cost more than it may, and none at all where nothing untrained is right', () => {
  const { rows, probabilities } = documents(50, 0.02);
  // Only in one document an untrained candidate is right, in all others the tenth trained one, which it would push out.
  const y = rows.y.map((_, i) => ((i < 13 ? i === 10 : i % 13 === 9) ? 1 : 0));
  const nGoldUntrained = Uint32Array.from({ length: 50 }, (_, d) => (d === 0 ? 1 : 0));
  const mostlyTrained = { ...rows, y, nGold: rows.nGold.map(() => 1), nGoldUntrained };
  const costly = chooseFactor(mostlyTrained, probabilities, [0], FREQUENCY);
  expect(costly.factor).toBe(3); // three times 0.019 is no more than the tenth one has
  expect(costly.recallAt10Untrained).toBe(0);
  const noneRight = chooseFactor(
    { ...mostlyTrained, nGoldUntrained: new Uint32Array(50) },
    probabilities,
    [0],
    FREQUENCY,
  );
  expect(noneRight.factor).toBe(1);
  expect(noneRight.recallAt10Untrained).toBeNaN();
});
