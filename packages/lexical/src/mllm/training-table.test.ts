import { Random } from '@catchword/math';
import { describe, expect, test } from 'vitest';
import { GOLD, type RowChunk, TOGETHER } from './collect-rows.js';
import { fillHistory, N_FEATURES, N_TEXT_FEATURES } from './features.js';
import { LabelHistory } from './label-history.js';
import { TrainingTable } from './training-table.js';

const N_SUBJECTS = 12;
const N_PARTS = 8;

interface Doc {
  readonly gold: readonly number[];
  /** Subject, and whether its label stands together. */
  readonly candidates: readonly (readonly [number, boolean])[];
}

function randomDocs(n: number, seed: number): Doc[] {
  const random = new Random(seed);
  const some = (share: number) =>
    Array.from({ length: N_SUBJECTS }, (_, s) => s).filter(() => random.uniform() < share);
  return Array.from({ length: n }, () => ({
    gold: some(0.2),
    candidates: some(0.5).map((s): [number, boolean] => [s, random.uniform() < 0.5]),
  }));
}

/** Every candidate becomes a row; its text features say which document and subject it is of. */
function chunkOf(docs: readonly Doc[], firstDoc: number): RowChunk {
  const rows = docs.flatMap(({ gold, candidates }, d) =>
    candidates.map(([subject, together]) => ({ doc: firstDoc + d, subject, together, isGold: gold.includes(subject) })),
  );
  let end = 0;
  const X = new Float32Array(rows.length * N_TEXT_FEATURES);
  rows.forEach(({ doc, subject }, r) => {
    X.fill(doc, r * N_TEXT_FEATURES, (r + 1) * N_TEXT_FEATURES);
    X[r * N_TEXT_FEATURES] = subject;
  });
  return {
    docEnds: Uint32Array.from(docs, ({ candidates }) => (end += candidates.length)),
    candidates: Float64Array.from(rows, ({ subject, together, isGold }) => {
      return subject * 4 + (together ? TOGETHER : 0) + (isGold ? GOLD : 0);
    }),
    nRows: rows.length,
    X,
    subjects: Uint32Array.from(rows, ({ subject }) => subject),
    y: Uint8Array.from(rows, ({ isGold }) => (isGold ? 1 : 0)),
    weights: new Float32Array(rows.length).fill(2),
    docs: Uint32Array.from(rows, ({ doc }) => doc),
  };
}

function historyOf(docs: readonly Doc[]): LabelHistory {
  const history = LabelHistory.empty(N_SUBJECTS, docs.length);
  for (const { gold, candidates } of docs) {
    for (const s of gold) history.gold[s]++;
    for (const [s, together] of candidates) {
      const isGold = gold.includes(s) ? 1 : 0;
      history.candidate[s]++;
      history.candidateGold[s] += isGold;
      if (together) history.together[s]++;
      if (together) history.togetherGold[s] += isGold;
    }
  }
  return history;
}

function tableOf(docs: readonly Doc[], chunkSize: number, mostRows?: number): TrainingTable {
  const table = new TrainingTable(N_SUBJECTS, mostRows);
  for (let from = 0; from < docs.length; from += chunkSize) {
    const some = docs.slice(from, from + chunkSize);
    table.add(
      chunkOf(some, from),
      some.map(({ gold }) => gold),
    );
  }
  return table;
}

describe('TrainingTable', () => {
  const docs = randomDocs(50, 1);

  test('counts what the records say of each subject', () => {
    const { history, priors } = tableOf(docs, 7).finish(0, 0);
    const expected = historyOf(docs);
    expect(history).toEqual(expected);
    const sum = (counts: Uint32Array) => counts.reduce((a, b) => a + b, 0);
    expect(priors.keyphraseness).toBe(sum(expected.togetherGold) / sum(expected.together));
    expect(priors.candidateness).toBe(sum(expected.candidateGold) / sum(expected.candidate));
  });

  test('hides the history of a share of the subjects from all of their rows', () => {
    const chunk = chunkOf(docs, 0);
    const hiddenSubjects = (hiddenShare: number): Set<number> => {
      const { X } = tableOf(docs, 7).finish(3, hiddenShare);
      const frequency = (r: number) => X[r * N_FEATURES + N_TEXT_FEATURES];
      const keyphraseness = (r: number) => X[r * N_FEATURES + N_TEXT_FEATURES + 2];
      const hidden = new Set<number>();
      for (let r = 0; r < chunk.nRows; r++) {
        if (frequency(r) > 0) continue;
        expect(keyphraseness(r)).toBeNaN();
        hidden.add(chunk.subjects[r]);
      }
      for (let r = 0; r < chunk.nRows; r++) if (frequency(r) > 0) expect(hiddenShare).toBeLessThan(1);
      return hidden;
    };
    const some = hiddenSubjects(0.5);
    const all = hiddenSubjects(1);
    expect(all).toEqual(new Set(chunk.subjects));
    expect(some.size).toBeLessThan(all.size);
    expect(some.size).toBeGreaterThan(hiddenSubjects(0).size);
  });

  test('gives each row the history of all documents but those of its own part', () => {
    const { X, priors, y, weights } = tableOf(docs, 7).finish(0, 0);
    const chunk = chunkOf(docs, 0);
    expect(y).toEqual(chunk.y);
    expect(weights).toEqual(chunk.weights);
    const row = new Float32Array(N_FEATURES);
    for (let r = 0; r < chunk.nRows; r++) {
      const others = historyOf(docs.filter((_, d) => d % N_PARTS !== chunk.docs[r] % N_PARTS));
      row.set(chunk.X.subarray(r * N_TEXT_FEATURES, (r + 1) * N_TEXT_FEATURES));
      fillHistory(others, priors, undefined, chunk.subjects[r], false, row, 0);
      expect(X.subarray(r * N_FEATURES, (r + 1) * N_FEATURES)).toEqual(row);
    }
  });

  test('does not let a row see its own answer: a subject of one document has no history in its rows', () => {
    const lonely: Doc[] = docs.map(({ gold, candidates }, d) => ({
      gold: d === 20 ? [0] : gold.filter((s) => s !== 0),
      candidates: [[0, true], ...candidates.filter(([s]) => s !== 0)],
    }));
    const { X } = tableOf(lonely, 50).finish(0, 0);
    const chunk = chunkOf(lonely, 0);
    const positive = chunk.docs.findIndex((doc, r) => doc === 20 && chunk.subjects[r] === 0);
    expect(X[positive * N_FEATURES + N_TEXT_FEATURES]).toBe(0);
    expect(X[positive * N_FEATURES + N_TEXT_FEATURES + 2]).toBeNaN();
  });

  test('does not depend on how documents are cut into chunks', () => {
    expect(tableOf(docs, 1).finish(0, 0)).toEqual(tableOf(docs, 50).finish(0, 0));
    expect(tableOf(docs, 3, 60).finish(0, 0)).toEqual(tableOf(docs, 17, 60).finish(0, 0));
  });

  test('lets go of rows by halves when there are too many, and keeps all counts', () => {
    const whole = tableOf(docs, 10);
    const thinned = tableOf(docs, 10, 60);
    expect(whole.nRows).toBeGreaterThan(240);
    expect(thinned.nRows).toBeLessThanOrEqual(60);
    const { X, history, y } = thinned.finish(0, 0);
    expect(history).toEqual(historyOf(docs));
    const chunk = chunkOf(docs, 0);
    const kept = Array.from(chunk.docs.keys()).filter((r) => chunk.docs[r] % 8 === 0);
    expect(thinned.nRows).toBe(kept.length);
    kept.forEach((r, k) => {
      expect(X.subarray(k * N_FEATURES, k * N_FEATURES + N_TEXT_FEATURES)).toEqual(
        chunk.X.subarray(r * N_TEXT_FEATURES, (r + 1) * N_TEXT_FEATURES),
      );
      expect(y[k]).toBe(chunk.y[r]);
    });
    expect(thinned.facts()).toMatchObject({ documents: 50, rows: kept.length });
  });

  test('without documents has neither rows nor shares', () => {
    const { X, y, priors } = tableOf([], 1).finish(0, 0);
    expect([X.length, y.length, priors]).toEqual([0, 0, { keyphraseness: 0, candidateness: 0 }]);
  });
});
