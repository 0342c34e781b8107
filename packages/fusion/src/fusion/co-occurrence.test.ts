import { csrFromPairs, Random } from '@catchword/math';
import { expect, test } from 'vitest';
import { CoOccurrence } from './co-occurrence.js';

const N_SUBJECTS = 30;

function randomRecords(nRecords: number, seed: number): number[][] {
  const random = new Random(seed);
  return Array.from({ length: nRecords }, () => [
    ...new Set(Array.from({ length: random.below(6) }, () => random.below(N_SUBJECTS - 3))),
  ]);
}

const patternOf = (records: readonly number[][]) =>
  csrFromPairs(
    records.length,
    N_SUBJECTS,
    records.flatMap((subjects, row) => subjects.map(() => row)),
    records.flat(),
  );

/** @returns the counts as rows of pairs */
const rowsOf = (counted: CoOccurrence) =>
  Array.from({ length: counted.nSubjects }, (_, s) => {
    const { partners, counts } = counted.rowOf(s);
    return Array.from(partners, (partner, k) => [partner, counts[k]]);
  });

test('CoOccurrence counts records with two subjects as looking at all of them does', () => {
  const records = randomRecords(80, 1);
  const counted = CoOccurrence.count(patternOf(records));
  expect(counted.nRecords).toBe(80);
  const n = (...wanted: number[]) => records.filter((subjects) => wanted.every((s) => subjects.includes(s))).length;
  const all = Array.from({ length: N_SUBJECTS }, (_, s) => s);
  expect([...counted.frequency]).toEqual(all.map((s) => n(s)));
  expect(rowsOf(counted)).toEqual(
    all.map((s) => all.filter((other) => other !== s && n(s, other) > 0).map((other) => [other, n(s, other)])),
  );
});

test('CoOccurrence keeps the partners with most records in common, the first of equal ones, in the order of their ids', () => {
  const records = [
    [0, 5],
    [0, 5],
    [0, 4],
    [0, 2],
    [0, 3],
    [0, 3],
  ];
  const counted = CoOccurrence.count(patternOf(records), 3);
  expect(rowsOf(counted)[0]).toEqual([
    [2, 1],
    [3, 2],
    [5, 2],
  ]);
  expect(rowsOf(counted)[4]).toEqual([[0, 1]]);
});

test('CoOccurrence is that of the source that keeps most records, or none', () => {
  const [few, many] = [patternOf(randomRecords(5, 1)), patternOf(randomRecords(50, 2))];
  const source = (assignments?: typeof few) =>
    ({ ...(assignments ? { assignments: () => assignments } : undefined) }) as never;
  expect(CoOccurrence.ofSources([source(), source(few), source(many)])?.toArrays()).toEqual(
    CoOccurrence.count(many).toArrays(),
  );
  expect(CoOccurrence.ofSources([source()])).toBeUndefined();
  expect(CoOccurrence.ofSources([source(patternOf([]))])).toBeUndefined();
});

test('CoOccurrence is what it was after storing, and arrays that do not fit together are refused', () => {
  const arrays = CoOccurrence.count(patternOf(randomRecords(40, 3))).toArrays();
  expect(CoOccurrence.fromArrays(arrays).toArrays()).toEqual(arrays);
  const forged = (change: object) => () => CoOccurrence.fromArrays({ ...arrays, ...change });
  expect(forged({ counts: undefined })).toThrow('missing');
  expect(forged({ counts: new Uint16Array(3) })).toThrow(RangeError);
  expect(forged({ indptr: arrays.indptr?.slice(1) })).toThrow(RangeError);
  expect(forged({ partners: arrays.partners?.map(() => N_SUBJECTS) })).toThrow(`partner ${N_SUBJECTS} of`);
  const crossed = Uint32Array.from(arrays.indptr ?? []);
  crossed[4] = crossed[20] ?? 0;
  expect(forged({ indptr: crossed })).toThrow('overlap');
});

test('CoOccurrence that follows records as they change is what counting the new ones gives', () => {
  const random = new Random(9);
  for (let seed = 0; seed < 10; seed++) {
    let records = randomRecords(40, seed);
    const followed = CoOccurrence.fromArrays(CoOccurrence.count(patternOf(records)).toArrays());
    for (let round = 0; round < 5; round++) {
      const changed = records.map((subjects) =>
        random.uniform() < 0.2 ? (randomRecords(1, random.below(1000))[0] ?? []) : subjects,
      );
      const after = [...changed, ...randomRecords(random.below(5), seed + 100 * round)];
      followed.update(patternOf(records), patternOf(after));
      records = after;
      const counted = CoOccurrence.count(patternOf(records));
      expect(followed.nRecords).toBe(counted.nRecords);
      expect(rowsOf(followed)).toEqual(rowsOf(counted));
      expect(followed.toArrays()).toEqual(counted.toArrays());
      expect(rowsOf(CoOccurrence.fromArrays(followed.toArrays()))).toEqual(rowsOf(counted));
    }
  }
});

test('CoOccurrence leaves what threads share as it was, and takes in subjects that are new', () => {
  const arrays = CoOccurrence.count(
    patternOf([
      [0, 1],
      [1, 2],
    ]),
  ).toArrays();
  const copies = structuredClone(arrays);
  const followed = CoOccurrence.fromArrays(arrays);
  const before = patternOf([
    [0, 1],
    [1, 2],
  ]);
  const after = csrFromPairs(3, N_SUBJECTS + 1, [0, 0, 1, 2, 2], [0, 1, 1, 0, N_SUBJECTS]);
  followed.update(before, after);
  expect(arrays).toEqual(copies);
  expect(followed.nSubjects).toBe(N_SUBJECTS + 1);
  expect([0, 1, 2, N_SUBJECTS].map((s) => [followed.frequency[s], ...(rowsOf(followed)[s] ?? [])])).toEqual([
    [2, [1, 1], [N_SUBJECTS, 1]],
    [2, [0, 1]],
    [0],
    [1, [0, 1]],
  ]);
});
