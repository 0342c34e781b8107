import { Random } from '@catchword/math';
import { expect, test } from 'vitest';
import type { FusionRows } from './fusion-table.js';
import { SourceCurves } from './source-curves.js';

const N_DOCS = 40;
const PER_DOC = 10;
/** Two scores, their calibrated ones. */
const N_FEATURES = 4;

/** Rows of documents with scores in [0, 1]; the higher the first one, the oftener right; the second one is often missing. */
function rowsOf(answer: (doc: number, score: number, random: Random) => boolean): FusionRows {
  const random = new Random(3);
  const n = N_DOCS * PER_DOC;
  const X = new Float32Array(n * N_FEATURES).fill(Number.NaN);
  const y = new Uint8Array(n);
  const doc = Uint32Array.from({ length: n }, (_, i) => 3 * Math.floor(i / PER_DOC)); // some documents have no rows
  for (let i = 0; i < n; i++) {
    const score = random.uniform();
    X[i * N_FEATURES] = score;
    if (random.uniform() < 0.5) X[i * N_FEATURES + 1] = 1 - score;
    y[i] = answer(doc[i] as number, score, random) ? 1 : 0;
  }
  const zeros = new Uint32Array(3 * N_DOCS);
  const weights = new Float32Array(n).fill(1);
  return { nFeatures: N_FEATURES, X, y, weights, doc, hidden: new Uint8Array(n), nGold: zeros, nGoldUntrained: zeros };
}

const columnOf = ({ X, y }: FusionRows, column: number) =>
  Array.from(y, (_, i) => X[i * N_FEATURES + column] as number);

test('SourceCurves fill calibrated scores that follow the score and know nothing of the own document', () => {
  const rows = rowsOf((_, score, random) => random.uniform() < score);
  SourceCurves.fillOutOfFold(rows, [0, 1], [2, 3]);
  for (let d = 0; d < N_DOCS; d++) {
    const at = Array.from({ length: PER_DOC }, (_, i) => d * PER_DOC + i);
    const scores = columnOf(rows, 0);
    const calibrated = columnOf(rows, 2);
    const byScore = [...at].sort((a, b) => (scores[a] as number) - (scores[b] as number));
    for (let i = 1; i < byScore.length; i++)
      expect(calibrated[byScore[i] as number]).toBeGreaterThanOrEqual(calibrated[byScore[i - 1] as number] as number);
    const flipped = rowsOf((_, score, random) => random.uniform() < score);
    for (const i of at) flipped.y[i] = 1 - (rows.y[i] as number);
    SourceCurves.fillOutOfFold(flipped, [0, 1], [2, 3]);
    expect(at.map((i) => columnOf(flipped, 2)[i])).toEqual(at.map((i) => calibrated[i]));
    expect(columnOf(flipped, 2)).not.toEqual(calibrated);
  }
});

test('SourceCurves say how often a score is right, and nothing where there is none', () => {
  const rows = rowsOf((_, score, random) => random.uniform() < score);
  const curves = SourceCurves.fillOutOfFold(rows, [0, 1], [2, 3]);
  curves.fill(rows.X, N_FEATURES, rows.y.length, [0, 1], [2, 3]);
  const [scores, missing, calibrated, other] = [0, 1, 2, 3].map((column) => columnOf(rows, column)) as number[][];
  calibrated?.forEach((value, i) => {
    expect(Math.abs(value - (scores?.[i] as number))).toBeLessThan(0.2);
    expect(Number.isNaN(other?.[i])).toBe(Number.isNaN(missing?.[i]));
  });
});
