import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UriTable } from './uri-table.js';

test('UriTable numbers distinct strings like a Map', () => {
  const text = fc.oneof(fc.webUrl(), fc.string({ unit: 'grapheme' }), fc.constantFrom('a', 'ab', 'ä', '', '_:b0'));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), (strings) => {
      const table = new UriTable();
      const numbers = new Map<string, number>();
      for (const s of strings) {
        if (!numbers.has(s)) numbers.set(s, numbers.size);
        expect(table.intern(s)).toBe(numbers.get(s));
      }
      expect(table.length).toBe(numbers.size);
      for (const [s, number] of numbers) expect(table.get(number)).toBe(s);
    }),
  );
});

test('UriTable grows', () => {
  const table = new UriTable();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 20_000; i++) expect(table.intern(`http://e/ä/${i}`)).toBe(i);
  }
  expect(table.strings().get(19_999)).toBe('http://e/ä/19999');
});
