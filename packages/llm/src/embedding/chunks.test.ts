import { createAnalyzer } from '@catchword/text';
import { expect, test } from 'vitest';
import { chunkText, chunkWords } from './chunks.js';

const analyzer = await createAnalyzer('simple', { language: 'en' });
const cut = (text: string, words: number, most = 100) =>
  chunkText(analyzer, text, { words, most }).map((chunk) => chunkWords(text, chunk));

test('chunkText keeps sentences together', () => {
  const text = 'Bees fly far. They  like\nroses! Soil is dark. Water runs through it.';
  expect(cut(text, 6)).toEqual(['Bees fly far. They like roses', 'Soil is dark', 'Water runs through it']);
  expect(cut(text, 1000)).toEqual([text.replace(/\s+/g, ' ').slice(0, -1)]);
});

test('chunkText cuts a sentence that is too long between words', () => {
  expect(cut('One two three four five six seven. Eight.', 3)).toEqual([
    'One two three',
    'four five six',
    'seven. Eight',
  ]);
});

test('chunkText takes chunks at equal distances, the first always', () => {
  const text = Array.from({ length: 10 }, (_, i) => `word${'abcdefghij'[i]}.`).join(' ');
  expect(cut(text, 1, 3)).toEqual(['worda', 'wordd', 'wordg']);
});

test('chunkText finds nothing in a text without words', () => {
  expect(cut(' \n\t', 5)).toEqual([]);
});

test('chunkWords leaves no half of a character, and no mebibyte', () => {
  const text = `\ud800 soil ${'x'.repeat(1 << 20)}`;
  const [first = '', ...more] = cut(text, 50);
  expect(more).toEqual([]);
  expect(first.length).toBeLessThanOrEqual(4000);
  expect(JSON.stringify(first)).not.toContain('\\ud8');
});
