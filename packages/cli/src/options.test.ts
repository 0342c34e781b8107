import { expect, test } from 'vitest';
import { memoryAmount } from './options.js';

test('memoryAmount takes MiB and units', () => {
  expect(memoryAmount('512')).toBe(512 * 2 ** 20);
  expect(memoryAmount('1.5G')).toBe(1.5 * 2 ** 30);
  expect(memoryAmount('64 MiB')).toBe(64 * 2 ** 20);
  for (const text of ['', '0', '0.5', '-1', '1e3', '5k', 'much', '2GG']) expect(() => memoryAmount(text)).toThrow();
});
