import { Random } from '@catchword/math';
import { gradeOf, simulatedGrader } from '@catchword/testing';
import { describe, expect, test } from 'vitest';
import { chooseWeights, type ReadDocument } from './choose-weights.js';
import { LearntWeights } from './learnt-weights.js';

const N = 20;

/**
 * Documents whose scores are the probabilities of being right.
 *
 * @param grade a grade from 0 to 3, or NaN
 */
function documentsWith(
  nDocs: number,
  seed: number,
  grade: (text: string, k: number, isRight: boolean) => number,
): ReadDocument[] {
  const random = new Random(seed);
  return Array.from({ length: nDocs }, (_, d) => {
    const scores = Float32Array.from({ length: N }, () => random.uniform() ** 3).sort((a, b) => b - a);
    const gold = new Set<number>();
    for (let k = 0; k < N; k++) if (random.uniform() < (scores[k] as number)) gold.add(k);
    const values = Float64Array.from(scores, (_, k) => grade(`text ${d}`, k, gold.has(k)) / 3);
    return { subjectIds: Uint32Array.from(scores, (_, k) => k), scores, values, gold, hash: d };
  });
}

const simulated = (share: number) => {
  const grader = simulatedGrader(share, 9);
  return (text: string, k: number, isRight: boolean) => gradeOf(grader(text, String(k), isRight));
};

/** @returns mean nDCG@10 of the sources and of the fused scores, on documents that nothing was learnt from */
function measured(learnFrom: readonly ReadDocument[], measureOn: readonly ReadDocument[]) {
  const { weights, figures } = chooseWeights(learnFrom, true);
  const fusing = new LearntWeights(weights);
  const none = measureOn.map((doc) => ({ ...doc, values: new Float64Array(N).fill(Number.NaN) }));
  const fused = measureOn.map((doc) => {
    const scores = fusing.fuse(doc.scores, doc.values);
    const order = Array.from(scores, (_, k) => k).sort((a, b) => (scores[b] as number) - (scores[a] as number));
    return {
      subjectIds: Uint32Array.from(order),
      scores: Float32Array.from(order, (k) => scores[k] as number),
      values: new Float64Array(N).fill(Number.NaN),
      ...{ gold: doc.gold, hash: doc.hash },
    };
  });
  const before = chooseWeights(none, true).figures.ndcgAt10OfSources;
  const after = chooseWeights(fused, true).figures.ndcgAt10OfSources;
  return { weights, figures, gain: after - before, fused };
}

describe('chooseWeights', () => {
  test.each([0.6, 0.7, 0.8, 0.2])('gains with a grader that is right in %s of pairs', (share) => {
    const { weights, gain } = measured(
      documentsWith(200, 1, simulated(share)),
      documentsWith(600, 2, simulated(share)),
    );
    expect(weights.share).toBeGreaterThan(0);
    expect(gain).toBeGreaterThan(0.002);
  });

  test.each([
    ['guesses', simulated(0.5)],
    ['is constant', () => 2],
    ['says nothing', () => Number.NaN],
  ])('loses next to nothing with a grader that %s', (_, grade) => {
    for (const seed of [1, 3, 5]) {
      const { gain } = measured(documentsWith(200, seed, grade), documentsWith(600, seed + 1, grade));
      expect(gain).toBeGreaterThan(-0.002);
    }
  });

  test('keeps probabilities what they are', () => {
    const { fused } = measured(documentsWith(400, 1, simulated(0.75)), documentsWith(800, 2, simulated(0.75)));
    for (const [low, high] of [
      [0.05, 0.2],
      [0.2, 0.5],
      [0.5, 0.8],
      [0.8, 1],
    ] as const) {
      let [sum, right, n] = [0, 0, 0];
      for (const { scores, gold, subjectIds } of fused) {
        scores.forEach((score, k) => {
          if (score < low || score >= high) return;
          sum += score;
          n++;
          if (gold.has(subjectIds[k] as number)) right++;
        });
      }
      expect(Math.abs(sum / n - right / n), `between ${low} and ${high}`).toBeLessThan(0.04);
    }
  });

  test('a candidate that nothing was said of keeps its score to the last bit', () => {
    const { weights } = chooseWeights(documentsWith(100, 1, simulated(0.8)), false);
    const scores = Float32Array.of(0.9, 0.5, 0.123456789, 1e-7);
    const values = Float64Array.of(1, Number.NaN, 0);
    const fused = new LearntWeights({ ...weights, share: 1 }).fuse(scores, values);
    expect([fused[1], fused[3]]).toEqual([scores[1], scores[3]]);
    expect(fused[0]).not.toBe(scores[0]);
  });

  test('takes scores of any scale: those of the sources stay on theirs', () => {
    const scaled = documentsWith(300, 1, simulated(0.8)).map((doc) => ({
      ...doc,
      scores: doc.scores.map((s) => s / 10),
    }));
    const { weights } = chooseWeights(scaled, false);
    expect(weights.share).toBeGreaterThan(0);
    const fused = new LearntWeights(weights).fuse(Float32Array.of(0.09, 0.05, 0.01), Float64Array.of(0, 1, 1 / 3));
    expect(Math.max(...fused)).toBeLessThan(0.3);
    expect(fused[1]).toBeGreaterThan(0.05);
    expect(fused[0]).toBeLessThan(0.09);
  });
});
