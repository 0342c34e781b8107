import { Combiner } from '@catchword/sources';
import { N_SUBJECTS, worldDocuments, worldSource } from '@catchword/testing';
import { expect, test } from 'vitest';
import type { EnsembleParams } from '../ensemble/params.js';
import { CandidateTable } from './candidate-table.js';

const DOCS = worldDocuments(40, 1);
const WEIGHTS = [
  { weight: 0.7, exponent: 1 },
  { weight: 0.3, exponent: 2 },
];

async function suggested() {
  const sources = [worldSource('lexical', 'lexical'), worldSource('associative', 'associative')];
  return Promise.all(sources.map((source) => source.suggest(DOCS, { limit: 100 })));
}

test.each<EnsembleParams>([
  { combine: 'mean', rankConstant: 60 },
  { combine: 'rrf', rankConstant: 20 },
])('CandidateTable suggests what an ensemble does: $combine', async (params) => {
  const batches = await suggested();
  const weights = params.combine === 'rrf' ? WEIGHTS.map((each) => ({ ...each, exponent: 1 })) : WEIGHTS;
  const table = new CandidateTable(N_SUBJECTS, 2, params);
  table.add(batches, new Uint8Array(N_SUBJECTS).fill(1));
  const all = Uint32Array.from(DOCS, (_, i) => i);
  const joined = table.combine(weights, all, 5);
  const expected = new Combiner(N_SUBJECTS, params).combine(batches, weights, 5);
  expect(joined.indptr).toEqual(expected.indptr);
  expect(joined.subjectIds).toEqual(expected.subjectIds);
  joined.scores.forEach((score, k) => {
    expect(score).toBeCloseTo(expected.scores[k] ?? -1, 6);
  });
  const some = table.combine(weights, [7, 3], 5);
  expect(some.row(0)).toEqual(joined.row(7));
  expect(some.row(1)).toEqual(joined.row(3));
});

test('CandidateTable holds no subject that may not be suggested', async () => {
  const table = new CandidateTable(N_SUBJECTS, 2, { combine: 'mean', rankConstant: 60 });
  const allowed = Uint8Array.from({ length: N_SUBJECTS }, (_, id) => id % 2);
  table.add(await suggested(), allowed);
  expect(table.nDocs).toBe(DOCS.length);
  const { subjectIds } = table.combine(WEIGHTS, [0, 1, 2], 100);
  expect(subjectIds.length).toBeGreaterThan(0);
  expect(subjectIds.every((id) => id % 2 === 1)).toBe(true);
});
