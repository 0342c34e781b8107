import { type SuggestionBatch, SuggestionBatchBuilder } from '@catchword/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Combiner, type SourceWeight } from './combine.js';

const N_SUBJECTS = 8;

function batchOf(rows: readonly (readonly [id: number, score: number][])[]): SuggestionBatch {
  const builder = new SuggestionBatchBuilder(N_SUBJECTS);
  for (const row of rows) {
    const ids = row.map(([id]) => id);
    builder.pushTop(
      ids,
      row.map(([, score]) => score),
      ids.length,
      N_SUBJECTS,
    );
  }
  return builder.build();
}

const rowOf = fc.uniqueArray(fc.integer({ min: 0, max: N_SUBJECTS - 1 })).chain((ids) =>
  fc.tuple(
    ...ids.map((id) =>
      fc.tuple(
        fc.constant(id),
        fc.integer({ min: 1, max: 64 }).map((n) => n / 64),
      ),
    ),
  ),
);
const weightOf = fc.record({ weight: fc.integer({ min: 0, max: 4 }), exponent: fc.constantFrom(0.5, 1, 2) });
const sourcesOf = fc.array(fc.tuple(fc.array(rowOf, { minLength: 2, maxLength: 2 }), weightOf), {
  minLength: 1,
  maxLength: 4,
});

test('Combiner gives the weighted mean of score^exponent over all sources, as Annif does', () => {
  fc.assert(
    fc.property(sourcesOf, (sources) => {
      const batches = sources.map(([rows]) => batchOf(rows));
      const weights = sources.map(([, weight]): SourceWeight => weight);
      const total = weights.reduce((sum, { weight }) => sum + weight, 0);
      const joined = new Combiner(N_SUBJECTS, { combine: 'mean', rankConstant: 60 }).combine(
        batches,
        weights,
        N_SUBJECTS,
      );
      for (let i = 0; i < 2; i++) {
        const found = new Map(joined.row(i).map(({ subjectId, score }) => [subjectId, score]));
        for (let id = 0; id < N_SUBJECTS; id++) {
          const expected = sources.reduce((sum, [rows, { weight, exponent }]) => {
            const score = rows[i].find(([subject]) => subject === id)?.[1] ?? 0;
            return sum + (score > 0 ? weight * Math.fround(score) ** exponent : 0);
          }, 0);
          expect(found.get(id) ?? 0).toBeCloseTo(total > 0 ? expected / total : 0, 5);
        }
      }
    }),
  );
});

test('Combiner gives the same whatever the order of the sources', () => {
  const params = fc.record({
    combine: fc.constantFrom('mean' as const, 'rrf' as const),
    rankConstant: fc.constantFrom(0, 60),
  });
  fc.assert(
    fc.property(sourcesOf, params, (sources, chosen) => {
      const combine = (order: typeof sources) =>
        new Combiner(N_SUBJECTS, chosen).combine(
          order.map(([rows]) => batchOf(rows)),
          order.map(([, weight]) => weight),
          5,
        );
      expect(combine([...sources].reverse())).toEqual(combine(sources));
    }),
  );
});

test('Combiner by ranks counts 1 / (k + rank), and 1 where all sources have a subject first', () => {
  const combiner = new Combiner(N_SUBJECTS, { combine: 'rrf', rankConstant: 60 });
  const batches = [
    batchOf([
      [
        [3, 0.9],
        [1, 0.2],
      ],
    ]),
    batchOf([[[3, 0.01]]]),
  ];
  const row = combiner
    .combine(
      batches,
      [
        { weight: 1, exponent: 1 },
        { weight: 1, exponent: 1 },
      ],
      5,
    )
    .row(0);
  expect(row.map(({ subjectId, score }) => [subjectId, score.toFixed(4)])).toEqual([
    [3, '1.0000'],
    [1, (61 / 62 / 2).toFixed(4)],
  ]);
});

test('Combiner leaves the weight of a missing source out', () => {
  const combiner = new Combiner(N_SUBJECTS, { combine: 'mean', rankConstant: 60 });
  const joined = combiner.combine(
    [batchOf([[[2, 0.5]]]), undefined],
    [
      { weight: 1, exponent: 1 },
      { weight: 3, exponent: 1 },
    ],
    5,
  );
  expect(joined.row(0)).toEqual([{ subjectId: 2, score: 0.5 }]);
});
