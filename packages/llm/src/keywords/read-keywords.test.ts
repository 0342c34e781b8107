import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readKeywords } from './read-keywords.js';

describe('readKeywords', () => {
  test.each([
    ['the JSON that was asked for', '{"keywords":["bees","water \\"quality\\""]}', ['bees', 'water "quality"']],
    ['a bare list', '["bees","roses"]', ['bees', 'roses']],
    ['JSON among prose', 'Here they are:\n```json\n{"keywords": ["bees", "roses"]}\n```\nDone.', ['bees', 'roses']],
    ['objects', '[{"keyword":"bees","score":1},{"keyword":"roses","score":0.5}]', ['bees', 'roses']],
    ['JSON that breaks off', '{"keywords":["bees","ros', ['bees']],
    ['a list in lines', '1. bees\n2) roses\n', ['bees', 'roses']],
    ['bullets after a sentence', 'Keywords:\n- bees\n* roses', ['bees', 'roses']],
    ['one line with commas', 'bees, roses; soil', ['bees', 'roses', 'soil']],
    ['a sentence', 'I cannot help with that.', []],
    ['nothing', '', []],
    ['repetitions and empty ones', '["Bees","bees","","!","BEES!"]', ['Bees']],
    ['what is no text', '[1,null,true,{"a":[]}]', []],
  ])('%s', (_, text, expected) => {
    expect(readKeywords(text, 10)).toEqual(expected);
  });

  test('no more than are wanted, none long, and control characters are white space', () => {
    const text = JSON.stringify({
      keywords: ['a\nb', 'x'.repeat(5000), ...Array.from({ length: 99 }, (_, i) => `k${i}`)],
    });
    const keywords = readKeywords(text, 5);
    expect(keywords).toHaveLength(5);
    expect(keywords[0]).toBe('a b');
    expect(Math.max(...keywords.map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  test('whatever is written, it neither throws nor gives more than is wanted', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => json.slice(0, json.length / 2)),
        ),
        (text) => {
          expect(readKeywords(text, 3).length).toBeLessThanOrEqual(3);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
