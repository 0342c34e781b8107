import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIso2709 } from './iso2709-record.js';
import { parseMarcMapping } from './marc-mapping.js';
import type { MarcField, MarcRecord } from './marc-record.js';
import { hasConcept, type Names, namesOfConcept, PersonsHeadings } from './persons-headings.js';
import { iso2709Of } from './sample-records.test.fixture.js';

const MAPPING = parseMarcMapping(
  { subjects: { prefixes: { '(X)': 'http://x/' } }, headings: { source: 's', tag: '653' } },
  (problem) => {
    throw new Error(problem);
  },
);

/** Texts that are nearly the same, or become so. */
const text = fc
  .array(
    fc.constantFrom('1', '23', 'abc', '.', ' ', '(X)', '(uri)', 'http:', 'https://x/', 'a', 'e\u0301', '\u0301', 'é'),
    {
      maxLength: 5,
    },
  )
  .map((parts) => parts.join(''));

test('headings that are not read name none of the concepts', () => {
  const people = new PersonsHeadings(MAPPING);
  const readAll = people as unknown as { names(field: MarcField): Names };
  let nNamed = 0;
  fc.assert(
    fc.property(
      fc.constantFrom('650', '653', '084'),
      fc.array(fc.tuple(fc.constantFrom('a', '0', '1', 'x'), text), { maxLength: 3 }),
      fc.array(fc.tuple(text, text, fc.option(text, { nil: undefined })), { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      (tag, subfields, concepts, isUtf8) => {
        const content = ` 7${subfields.map(([code, value]) => `$${code}${value}`).join('')}$2s`;
        const record = readIso2709(iso2709Of([[tag, content]], isUtf8 ? 'a' : ' ')) as MarcRecord;
        if (typeof record === 'string') return; // no MARC-8
        const names = concepts.map(([uri, label, notation]) =>
          namesOfConcept({ uri, label, notation }, MAPPING.subjects.prefixes),
        );
        const found = people.of(record, new Set(), names);
        const all = [readAll.names(record.field(0))];
        for (const concept of names) {
          if (hasConcept(all, concept)) nNamed++;
          expect(hasConcept(found, concept)).toBe(hasConcept(all, concept));
        }
      },
    ),
    { numRuns: 5000 },
  );
  expect(nNamed).toBeGreaterThan(100);
});
