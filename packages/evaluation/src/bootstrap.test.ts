import { Random } from '@catchword/math';
import { expect, test } from 'vitest';
import { RatioBootstrap } from './bootstrap.js';

function meansOf(values: readonly number[]): RatioBootstrap {
  const bootstrap = new RatioBootstrap(1);
  for (const value of values) {
    bootstrap.add(0, value, 1);
    bootstrap.endDocument();
  }
  return bootstrap;
}

test('RatioBootstrap is as wide as the normal approximation for many documents', () => {
  const random = new Random(7);
  for (const n of [400, 30_000]) {
    const values = Array.from({ length: n }, () => (random.uniform() < 0.3 ? 1 : 0));
    const mean = values.reduce<number>((a, b) => a + b, 0) / n;
    const [interval] = meansOf(values).intervals(1000, 1);
    const half = 1.96 * Math.sqrt((mean * (1 - mean)) / n);
    expect(((interval?.high ?? 0) - (interval?.low ?? 0)) / 2 / half).toBeGreaterThan(0.9);
    expect(((interval?.high ?? 0) - (interval?.low ?? 0)) / 2 / half).toBeLessThan(1.1);
    expect(Math.abs(((interval?.high ?? 0) + (interval?.low ?? 0)) / 2 - mean)).toBeLessThan(half / 5);
  }
});

test('RatioBootstrap gives the same interval for the same seed, and one point for equal documents', () => {
  const values = [0.1, 0.4, 0.9, 0.2];
  expect(meansOf(values).intervals(200, 3)).toEqual(meansOf(values).intervals(200, 3));
  expect(meansOf([0.5, 0.5, 0.5]).intervals(50, 3)).toEqual([{ low: 0.5, high: 0.5 }]);
});

test('RatioBootstrap has no interval without documents, resamples or a denominator', () => {
  expect(new RatioBootstrap(2).intervals(100, 1)).toEqual([null, null]);
  expect(meansOf([1, 2]).intervals(0, 1)).toEqual([null]);
});
