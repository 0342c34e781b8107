import { expect, test } from 'vitest';
import { closest } from './closest.js';

test('closest finds a typing error and swapped letters, and keeps silent about other words', () => {
  const commands = ['train', 'suggest', 'eval', 'index', 'list-projects'];
  expect(closest('trian', commands)).toBe('train');
  expect(closest('sugest', commands)).toBe('suggest');
  expect(closest('List-Project', commands)).toBe('list-projects');
  expect(closest('banana', commands)).toBeUndefined();
  expect(closest('', commands)).toBeUndefined();
  expect(closest('x'.repeat(100_000), commands)).toBeUndefined();
});
