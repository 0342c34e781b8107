import { expect, test } from 'vitest';
import { floatRepr, toFixedEven } from './format-number.js';

test('toFixedEven sends exact ties to the even digit, all else to the nearest', () => {
  expect(toFixedEven(0.03125, 4)).toBe('0.0312');
  expect(toFixedEven(0.09375, 4)).toBe('0.0938');
  expect(toFixedEven(-0.03125, 4)).toBe('-0.0312');
  expect(toFixedEven(0.5, 0)).toBe('0');
  expect(toFixedEven(1.5, 0)).toBe('2');
  expect(toFixedEven(1, 4)).toBe('1.0000');
  expect(toFixedEven(0.12345, 4)).toBe('0.1235'); // a double above the tie
  expect(toFixedEven(0.00005, 4)).toBe('0.0001');
});

test('floatRepr writes as Python does', () => {
  const pairs: [number, string][] = [
    [1, '1.0'],
    [0, '0.0'],
    [0.1, '0.1'],
    [Math.fround(0.12), '0.11999999731779099'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [1.5e-7, '1.5e-07'],
    [1e16, '1e+16'],
    [1e100, '1e+100'],
    [123456, '123456.0'],
  ];
  for (const [x, text] of pairs) expect(floatRepr(x)).toBe(text);
});
