import { SuggestionBatch, SuggestionBatchBuilder } from '@catchword/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BANDS, bandOf } from './evaluation.js';
import { metricLines } from './evaluation-output.js';
import { Evaluator } from './evaluator.js';

/** Scores fall from 0.9375 in steps of 1/16, or of 1/64 where the row is longer. */
function batchOf(nSubjects: number, rows: readonly (readonly number[])[]): SuggestionBatch {
  const builder = new SuggestionBatchBuilder(nSubjects);
  for (const row of rows) {
    row.forEach((id, rank) => {
      builder.push(id, 1 - (rank + 1) / (row.length < 16 ? 16 : 64));
    });
    builder.endRow();
  }
  return builder.build();
}

const suggested = [[3, 1, 4, 9, 5, 2, 6, 8, 7, 0, 10], [2, 7, 1], [], [8, 2], [0], [5, 6, 7, 8, 9, 10, 11]];
const gold = [[1, 4, 5, 10, 11], [2], [0, 1], [], [0, 3, 6], [9, 10]];

test('Evaluator gives the numbers of Annif 1.4.3 on the same suggestions', () => {
  const evaluator = new Evaluator({ nSubjects: 12, limit: 10 });
  evaluator.add(batchOf(12, suggested), gold);
  expect(metricLines(evaluator.finish())).toEqual([
    'Precision (doc avg):          \t0.3198',
    'Recall (doc avg):             \t0.4889',
    'F1 score (doc avg):           \t0.3074',
    'Precision (subj avg):         \t0.3611',
    'Recall (subj avg):            \t0.4583',
    'F1 score (subj avg):          \t0.3750',
    'Precision (weighted subj avg):\t0.4872',
    'Recall (weighted subj avg):   \t0.5385',
    'F1 score (weighted subj avg): \t0.4744',
    'Precision (microavg):         \t0.3043',
    'Recall (microavg):            \t0.5385',
    'F1 score (microavg):          \t0.3889',
    'F1@5:                         \t0.3143',
    'NDCG:                         \t0.5733',
    'NDCG@5:                       \t0.5369',
    'NDCG@10:                      \t0.5733',
    'Precision@1:                  \t0.3333',
    'Precision@3:                  \t0.3333',
    'Precision@5:                  \t0.3556',
    'True positives:               \t7',
    'False positives:              \t16',
    'False negatives:              \t6',
    'Documents evaluated:          \t6',
  ]);
});

test("Evaluator gives the numbers of Annif's worked example", () => {
  const evaluator = new Evaluator({ nSubjects: 2 });
  evaluator.add(batchOf(2, [[0], [0]]), [[0], [1]]);
  const { metrics } = evaluator.finish();
  const wanted = {
    'Precision (doc avg)': 0.5,
    'Precision (subj avg)': 0.25,
    'Recall (subj avg)': 0.5,
    'F1 score (subj avg)': 1 / 3,
    'Precision (weighted subj avg)': 0.25,
    'F1 score (microavg)': 0.5,
    NDCG: 0.5,
    'True positives': 1,
    'False positives': 1,
    'False negatives': 1,
    'Documents evaluated': 2,
  };
  for (const [name, value] of Object.entries(wanted)) expect(metrics.get(name), name).toBeCloseTo(value, 12);
});

test('Evaluator applies limit and threshold to the metrics of Annif and not to the further figures', () => {
  const whole = new Evaluator({ nSubjects: 12 });
  whole.add(batchOf(12, suggested), gold);
  const cut = new Evaluator({ nSubjects: 12, limit: 4, threshold: 0.8125 });
  cut.add(batchOf(12, suggested), gold);
  const cutBefore = new Evaluator({ nSubjects: 12 });
  cutBefore.add(batchOf(12, suggested).filter(4, 0.8125), gold);
  expect(cut.finish().metrics).toEqual(cutBefore.finish().metrics);
  expect(cut.finish().further).toEqual(whole.finish().further);
  expect(cut.finish().metrics.get('True positives')).toBe(4);
});

test('Evaluator gives the same figures however the documents are batched', () => {
  const trainFrequency = Uint32Array.from({ length: 12 }, (_, i) => [0, 3, 50, 1000][i % 4] as number);
  const options = { nSubjects: 12, trainFrequency };
  const whole = new Evaluator(options);
  whole.add(batchOf(12, suggested), gold);
  const single = new Evaluator(options);
  suggested.forEach((row, i) => {
    single.add(batchOf(12, [row]), [gold[i]]);
  });
  expect(single.finish()).toEqual(whole.finish());
});

test('Evaluator without documents, without gold subjects and without suggestions has no NaN', () => {
  const evaluator = new Evaluator({ nSubjects: 3, trainFrequency: new Uint32Array(3) });
  expect([...evaluator.finish().metrics.values()].every((value) => value === 0)).toBe(true);
  evaluator.add(batchOf(3, [[]]), [[]]);
  const { metrics, further } = evaluator.finish();
  expect(metrics.get('NDCG')).toBe(1);
  expect(metrics.get('F1@5')).toBe(0);
  expect(further.ndcgAt10).toBeNull();
  expect(further.ndcgAt10Interval).toBeNull();
  expect(further.recallAt10).toBeNull();
  expect(further.bands.map((band) => band.recallAt10)).toEqual([null, null, null, null]);
  expect(further.f1At5Interval).toEqual({ low: 0, high: 0 });
});

test('Evaluator counts repeated gold subjects once and leaves out scores that are not above zero', () => {
  const evaluator = new Evaluator({ nSubjects: 4 });
  const batch = new SuggestionBatch(4, Uint32Array.of(0, 3), Uint32Array.of(1, 2, 3), Float32Array.of(0.5, 0, 0));
  evaluator.add(batch, [[1, 1, 2]]);
  const { metrics, further } = evaluator.finish();
  expect([metrics.get('True positives'), metrics.get('False positives'), metrics.get('False negatives')]).toEqual([
    1, 0, 1,
  ]);
  expect(further.meanSuggestions).toBe(1);
  expect(further.nGold).toBe(2);
});

test('Evaluator refuses what does not fit', () => {
  const evaluator = new Evaluator({ nSubjects: 2 });
  expect(() => evaluator.add(batchOf(2, [[0]]), [])).toThrow('suggestions for 1 documents but gold subjects for 0');
  expect(() => evaluator.add(batchOf(2, [[0]]), [[2]])).toThrow('gold subject 2 but 2 subjects');
  expect(() => evaluator.add(batchOf(9, [[7]]), [[1]])).toThrow('suggested subject 7 but 2 subjects');
  expect(() => new Evaluator({ nSubjects: 2, trainFrequency: new Uint32Array(3) })).toThrow('3 training frequencies');
});

test('bandOf puts frequencies into BANDS', () => {
  expect([0, 1, 9, 10, 100, 101].map((n) => BANDS[bandOf(n)])).toEqual(['0', '1-9', '1-9', '10-100', '10-100', '>100']);
});

test('Evaluator equals the definitions, written naively', () => {
  const nSubjects = 30;
  const ids = fc.uniqueArray(fc.nat(nSubjects - 1), { maxLength: 25 });
  fc.assert(
    fc.property(fc.array(fc.tuple(ids, ids), { minLength: 1, maxLength: 8 }), fc.nat(12), (documents, limit) => {
      const trainFrequency = Uint32Array.from({ length: nSubjects }, (_, i) => (i * i) % 150);
      const evaluator = new Evaluator({ nSubjects, limit, trainFrequency });
      const rows = documents.map(([row]) => row);
      const golds = documents.map(([, subjects]) => subjects);
      evaluator.add(batchOf(nSubjects, rows), golds);
      const { metrics, further } = evaluator.finish({ nResamples: 0 });
      const kept = rows.map((row) => row.slice(0, limit));
      const mean = (f: (row: number[], subjects: number[]) => number, of = kept) =>
        of.reduce((sum, row, i) => sum + f(row, golds[i]), 0) / rows.length;
      const hits = (row: number[], subjects: number[], k: number) =>
        row.slice(0, k).filter((id) => subjects.includes(id)).length;
      const or0 = (x: number) => (Number.isNaN(x) ? 0 : x);
      const dcg = (gains: boolean[]) => gains.reduce((sum, gain, i) => sum + (gain ? 1 / Math.log2(i + 2) : 0), 0);
      const ndcg = (k: number) => (row: number[], subjects: number[]) =>
        dcg(row.slice(0, k).map((id) => subjects.includes(id))) / dcg(subjects.slice(0, k).map(() => true));
      const withOne = (f: (row: number[], subjects: number[]) => number) => (row: number[], subjects: number[]) =>
        subjects.length === 0 ? 1 : f(row, subjects);
      const f1 = (k: number) => (row: number[], subjects: number[]) =>
        or0((2 * hits(row, subjects, k)) / (Math.min(k, row.length) + subjects.length));
      expect(metrics.get('F1@5')).toBeCloseTo(mean(f1(5)), 10);
      expect(metrics.get('F1 score (doc avg)')).toBeCloseTo(mean(f1(99)), 10);
      expect(metrics.get('NDCG')).toBeCloseTo(mean(withOne(ndcg(99))), 6);
      expect(metrics.get('NDCG@5')).toBeCloseTo(mean(withOne(ndcg(5))), 6);
      expect(metrics.get('NDCG@10')).toBeCloseTo(mean(withOne(ndcg(10))), 6);
      expect(metrics.get('Precision@3')).toBeCloseTo(
        mean((row, subjects) => or0(hits(row, subjects, 3) / Math.min(3, row.length))),
        10,
      );
      expect(further.precisionAt3).toBeCloseTo(
        mean((row, subjects) => hits(row, subjects, 3) / 3, rows),
        10,
      );
      const scored = rows.flatMap((row, i) => (golds[i].length > 0 ? [ndcg(20)(row, golds[i])] : []));
      if (scored.length > 0) {
        expect(further.ndcgAt20).toBeCloseTo(scored.reduce((a, b) => a + b) / scored.length, 10);
      } else expect(further.ndcgAt20).toBeNull();
      BANDS.forEach((_, band) => {
        const inBand = (id: number) => bandOf(trainFrequency[id]) === band;
        const all = golds.reduce((sum, subjects) => sum + subjects.filter(inBand).length, 0);
        const found = rows.reduce(
          (sum, row, i) => sum + row.slice(0, 10).filter((id) => inBand(id) && golds[i].includes(id)).length,
          0,
        );
        expect(further.bands[band].nGold).toBe(all);
        if (all > 0) expect(further.bands[band].recallAt10).toBeCloseTo(found / all, 12);
      });
    }),
    { numRuns: 200 },
  );
});
