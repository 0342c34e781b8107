import { expect, test } from 'vitest';
import { ParamReader } from './param-reader.js';

function read<T>(raw: Record<string, string | number | boolean>, how: (reader: ParamReader) => T): [T, string[]] {
  const problems: string[] = [];
  const value = how(new ParamReader(raw, (key) => problems.push(key)));
  return [value, problems];
}

test('ParamReader takes values as configurations write them', () => {
  expect(read({ a: '7' }, (reader) => reader.whole('a', 1, 0, 9))).toEqual([7, []]);
  expect(read({ a: 0.5 }, (reader) => reader.number('a', 1, 0, 9))).toEqual([0.5, []]);
  expect(read({ a: 'No' }, (reader) => reader.truth('a', true))).toEqual([false, []]);
  expect(read({ a: 'x' }, (reader) => reader.choice('a', 'y', ['x', 'y']))).toEqual(['x', []]);
  expect(read({}, (reader) => reader.whole('a', 1, 0, 9))).toEqual([1, []]);
});

test('ParamReader reports what it cannot use and falls back', () => {
  for (const value of ['', ' ', 'x', '1.5', -1, 10, Number.NaN, true]) {
    expect(read({ a: value }, (reader) => reader.whole('a', 1, 0, 9))).toEqual([1, ['a']]);
  }
  expect(read({ a: 'perhaps' }, (reader) => reader.truth('a', true))).toEqual([true, ['a']]);
  expect(read({ a: 'z' }, (reader) => reader.choice('a', 'y', ['x', 'y']))).toEqual(['y', ['a']]);
});
