import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelVariants } from './label-variants.js';

const texts = (label: string) => labelVariants(label).map(({ text }) => text);

describe('labelVariants', () => {
  test.each([
    ['soil', ['soil']],
    ['Mercury (planet)', ['Mercury (planet)', 'Mercury']],
    ['Shakespeare, William', ['Shakespeare, William', 'William Shakespeare']],
    [
      'Shakespeare, William (1564-1616)',
      ['Shakespeare, William (1564-1616)', 'Shakespeare, William', 'William Shakespeare'],
    ],
    ['plants (organisms) [botany]', ['plants (organisms) [botany]', 'plants']],
    ['sea (and (very) deep) lakes', ['sea (and (very) deep) lakes', 'sea lakes']],
    ['iron, copper, tin', ['iron, copper, tin']],
    ['1,2-dichloroethane', ['1,2-dichloroethane']],
    ['(planet)', ['(planet)']],
    ['unbalanced (qualifier', ['unbalanced (qualifier']],
    ['smile :)', ['smile :)']],
    ['', ['']],
  ])('of %j', (label, expected) => {
    expect(texts(label)).toEqual(expected);
  });

  test('says what was done', () => {
    expect(labelVariants('Linné, Carl von (botanist)')).toEqual([
      { text: 'Linné, Carl von (botanist)', stripped: false, inverted: false },
      { text: 'Linné, Carl von', stripped: true, inverted: false },
      { text: 'Carl von Linné', stripped: true, inverted: true },
    ]);
  });

  test('begins with the label, has no empty or equal forms, and at most three', () => {
    const label = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ',', '(', ')', '[', ']', 'ä'), maxLength: 30 });
    fc.assert(
      fc.property(label, (text) => {
        const found = texts(text);
        expect(found[0]).toBe(text);
        expect(found.length).toBeLessThanOrEqual(3);
        expect(new Set(found).size).toBe(found.length);
        expect(found.slice(1).every((each) => each.trim() !== '')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
