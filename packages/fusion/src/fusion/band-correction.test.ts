import { Random } from '@catchword/math';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BandCorrection, correctionNote } from './band-correction.js';
import { BoundedVoices } from './bounded-voices.js';

const N_SUBJECTS = 5000;
const FREQUENT = Math.log1p(50);
const RARE = Math.log1p(3);

/** Teaches documents of ten suggestions each, of which a share is right that is another than the probability. */
function taught(nDocs: number, truth: (p: number) => number, subjectOf: (doc: number) => number): BandCorrection {
  const random = new Random(5);
  const correction = new BandCorrection(N_SUBJECTS);
  for (let doc = 0; doc < nDocs; doc++) {
    const probabilities = Array.from({ length: 10 }, () => 0.02 + 0.9 * random.uniform());
    const right = probabilities.map((p) => random.uniform() < truth(p));
    const bands = probabilities.map(() => FREQUENT);
    correction.add(BandCorrection.note(probabilities, bands, right), [subjectOf(doc)]);
  }
  return correction;
}

describe('BandCorrection', () => {
  test('says what it is told while it was taught nothing', () => {
    const correction = new BandCorrection(N_SUBJECTS);
    expect(correction.isEmpty).toBe(true);
    for (const p of [1e-6, 0.1, 0.5, 1 - 1e-6]) expect(correction.correct(p, RARE)).toBe(p);
    expect(correction.toArrays()).toEqual({});
  });

  test('follows what cataloguers say, the more of them the closer, and in their band only', () => {
    const truth = (p: number) => p * 0.7;
    const errors = [30, 300, 3000].map((nDocs) => {
      const correction = taught(nDocs, truth, (doc) => doc);
      expect(correction.correct(0.5, RARE)).toBeCloseTo(0.5, 12);
      return Math.abs(correction.correct(0.5, FREQUENT) - truth(0.5));
    });
    expect(errors[0]).toBeGreaterThan(0.08);
    expect(errors[1]).toBeLessThan(0.08);
    expect(errors[2]).toBeLessThan(0.03);
  });

  test('barely moves for a thousand documents of one subject that all say the others are wrong', () => {
    const correction = taught(
      1000,
      () => 0,
      () => 7,
    );
    for (const p of [0.01, 0.1, 0.3, 0.5, 0.7, 0.9]) {
      expect(Math.abs(correction.correct(p, FREQUENT) - p)).toBeLessThan(0.05);
    }
    const many = taught(
      1000,
      () => 0,
      (doc) => doc,
    );
    expect(many.correct(0.5, FREQUENT)).toBeLessThan(0.3);
  });

  test('keeps the order of suggestions, moves log odds by 1 at most, and loads to what it was', () => {
    const outcome = fc.record({ p: fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), right: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(fc.array(outcome, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 30 }),
        (docs) => {
          const correction = new BandCorrection(100);
          docs.forEach((doc, i) => {
            const bands = doc.map(() => RARE);
            const note = BandCorrection.note(
              doc.map(({ p }) => p),
              bands,
              doc.map(({ right }) => right),
            );
            expect(correctionNote(JSON.parse(JSON.stringify(note)))).toEqual(note);
            correction.add(note, [i]);
          });
          const loaded = BandCorrection.fromArrays(100, correction.toArrays());
          let before = 0;
          for (let logOdds = -13; logOdds <= 13; logOdds += 0.25) {
            const corrected = correction.correct(1 / (1 + Math.exp(-logOdds)), RARE);
            expect(corrected).toBeGreaterThan(before);
            expect(Math.abs(Math.log(corrected / (1 - corrected)) - logOdds)).toBeLessThan(1 + 1e-6);
            expect(loaded.correct(1 / (1 + Math.exp(-logOdds)), RARE)).toBe(corrected);
            before = corrected;
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('refuses arrays that do not fit, and takes no note that is none', () => {
    const arrays = taught(
      3,
      (p) => p,
      (doc) => doc,
    ).toArrays();
    for (const name of Object.keys(arrays)) {
      const { [name]: _, ...others } = arrays;
      expect(() => BandCorrection.fromArrays(N_SUBJECTS, others)).toThrow(RangeError);
    }
    expect(() => BandCorrection.fromArrays(1, arrays)).toThrow(RangeError);
    for (const value of [null, 'x', {}, [[1]], [[-1, 1, 1, 1]], [[1e9, 1, 1, 1]], [[0, 1, 1, null]]]) {
      expect(correctionNote(value)).toBeUndefined();
    }
  });
});

test('BoundedVoices: documents of one subject count together as six or seven, the first one whole', () => {
  const voices = new BoundedVoices(10);
  expect(voices.isEmpty).toBe(true);
  expect(voices.add([1])).toBe(1);
  let total = 1;
  for (let n = 1; n < 100_000; n++) total += voices.add([1]);
  expect(total).toBeGreaterThan(6);
  expect(total).toBeLessThan(7);
  expect(voices.add([1, 2])).toBeCloseTo(0.5, 3);
  expect(voices.add([])).toBe(0);
});
