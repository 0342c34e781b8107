import { csrFromPairs, Random } from '@catchword/math';
import { expect, test } from 'vitest';
import { CoOccurrence } from './co-occurrence.js';
import { COMPANY, CompanyFeatures } from './company-features.js';

const N_SUBJECTS = 60;
const FIRST_UNTRAINED = 50;
const N_COLUMNS = COMPANY.length;

function countsOf(seed: number): CoOccurrence {
  const random = new Random(seed);
  const rows: number[] = [];
  const subjects: number[] = [];
  for (let row = 0; row < 150; row++) {
    for (let k = 0; k < 4; k++) {
      rows.push(row);
      subjects.push(random.below(FIRST_UNTRAINED));
    }
  }
  return CoOccurrence.count(csrFromPairs(150, N_SUBJECTS, rows, subjects));
}

function filled(counts: CoOccurrence, ids: readonly number[], weights: readonly number[], hidden?: Uint8Array) {
  const place = new Uint32Array(N_SUBJECTS + 5);
  ids.forEach((id, i) => {
    place[id] = i + 1;
  });
  const X = new Float32Array(ids.length * N_COLUMNS).fill(Number.NaN);
  const features = new CompanyFeatures(counts, place);
  features.fill(Uint32Array.from(ids), Float32Array.from(weights), ids.length, X, N_COLUMNS, 0, hidden);
  return ids.map((_, i) => [...X.subarray(i * N_COLUMNS, (i + 1) * N_COLUMNS)]);
}

/** The definition, pair by pair. */
function oracle(counts: CoOccurrence, ids: readonly number[], weights: readonly number[], hidden?: Uint8Array) {
  const { frequency, nRecords } = counts;
  const together = (a: number, b: number): number => {
    const row = counts.rowOf(a);
    return row.counts[row.partners.indexOf(b)] ?? 0;
  };
  const isKnown = (id: number) => frequency[id] > 0 && hidden?.[id] !== 1;
  const others = ids
    .map((id, i) => ({ id, weight: Math.fround(weights[i] as number) }))
    .filter(({ id, weight }) => isKnown(id) && weight > 0)
    .sort((a, b) => b.weight - a.weight || a.id - b.id)
    .slice(0, 20);
  return ids.map((id) => {
    const row = new Array<number>(N_COLUMNS).fill(Number.NaN);
    const company = others.filter((other) => other.id !== id);
    const total = company.reduce((sum, { weight }) => sum + weight, 0);
    if (!isKnown(id) || total === 0) return row;
    row.fill(0);
    for (const other of company) {
      const n = together(other.id, id);
      const share = (n + (5 * frequency[id]) / nRecords) / (frequency[other.id] + 5);
      const reverse = (n + (5 * frequency[other.id]) / nRecords) / (frequency[id] + 5);
      row[0] += (other.weight * share) / total;
      row[2] += (other.weight * reverse) / total;
      if (n === 0) continue;
      const lift = Math.max(0, Math.log(share / (frequency[id] / nRecords)));
      row[1] = Math.max(row[1], other.weight * share);
      row[3] = Math.max(row[3], other.weight * reverse);
      row[4] += (other.weight * lift) / total;
      row[5] = Math.max(row[5], other.weight * lift);
      row[6] += other.weight / total;
    }
    return row;
  });
}

test('CompanyFeatures are as defined, for candidates with records and without, few and many', () => {
  const random = new Random(7);
  for (let round = 0; round < 40; round++) {
    const counts = countsOf(round);
    const all = Array.from({ length: N_SUBJECTS }, (_, id) => id);
    random.shuffle(all);
    const ids = all.slice(0, 1 + random.below(N_SUBJECTS));
    const weights = ids.map(() => (random.uniform() < 0.1 ? 0 : random.uniform()));
    const hidden =
      round % 2 === 0 ? undefined : Uint8Array.from({ length: N_SUBJECTS }, () => (random.below(4) % 3 === 0 ? 1 : 0));
    const found = filled(counts, ids, weights, hidden);
    oracle(counts, ids, weights, hidden).forEach((row, i) => {
      row.forEach((value, c) => {
        if (Number.isNaN(value)) expect(found[i]?.[c]).toBeNaN();
        else expect(found[i]?.[c]).toBeCloseTo(value, 5);
      });
    });
  }
});

test('a subject whose records are hidden says nothing of others and nothing is known of its company, as of one without records', () => {
  const counts = countsOf(1);
  const ids = [3, 8, FIRST_UNTRAINED, 12];
  const weights = [0.9, 0.5, 0.7, 0.2];
  const hidden = new Uint8Array(N_SUBJECTS);
  hidden[3] = 1;
  const found = filled(counts, ids, weights, hidden);
  for (const value of [...(found[0] ?? []), ...(found[2] ?? [])]) expect(value).toBeNaN();
  expect([found[1], found[3]]).toEqual(filled(counts, [8, 12], [0.5, 0.2]));
});

test('a candidate alone keeps no company, nor does a subject that came after training', () => {
  const counts = countsOf(2);
  expect(filled(counts, [4], [1])[0]?.every(Number.isNaN)).toBe(true);
  const found = filled(counts, [4, N_SUBJECTS + 2, 6], [1, 0.5, 0.5]);
  expect(found[1]?.every(Number.isNaN)).toBe(true);
  expect([found[0], found[2]]).toEqual(filled(counts, [4, 6], [1, 0.5]));
});
