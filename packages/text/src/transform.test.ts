import { ConfigurationError } from '@catchword/core';
import { describe, expect, test } from 'vitest';
import { checkTransformSpec, createTransform, transformDocument } from './transform.js';

const apply = async (spec: string, text: string, metadata?: Record<string, string>): Promise<string> =>
  (await createTransform(spec, { language: 'en' })).apply(text, metadata);

describe('createTransform', () => {
  test('pass and limit', async () => {
    expect(await apply('pass', 'abc')).toBe('abc');
    expect(await apply('limit(2)', 'abc')).toBe('ab');
    expect(await apply('limit(input_limit=0)', 'abc')).toBe('');
    expect(await apply('limit(2)', '😀😀😀')).toBe('😀😀');
  });

  test('select joins fields, a missing one is empty', async () => {
    expect(await apply('select(title,text,constructor)', 'T', { title: 'A' })).toBe('A\nT\n');
    expect(await apply('select(title)', 'T')).toBe('');
  });

  test('a chain goes from left to right', async () => {
    expect(await apply('select(title,text), limit(3)', 'T', { title: 'A' })).toBe('A\nT');
    expect(await apply('limit(1),select(text,title)', 'TEXT', { title: 'A' })).toBe('T\nA');
  });

  const own = 'This is a long sentence about the fisheries of the northern lakes and their people.';
  const other = 'Dies ist ein langer deutscher Satz über die Fischerei in den nördlichen Seen und ihre Leute.';
  const numbers = '10 20 30 40 50 60 70 80 90 100 110 120 130 140 150 160 170 180 190 200.';

  test('filter_lang drops sentences of another language', async () => {
    const text = `${own} ${other} Kurzer Satz. ${numbers}`;
    expect(await apply('filter_lang(text_min_length=100)', text)).toBe(`${own} Kurzer Satz. ${numbers}`);
  });

  test('filter_lang leaves short texts alone', async () => {
    expect(await apply('filter_lang', `${own}\n${other}`)).toBe(`${own}\n${other}`);
  });

  test.each([
    ['limit', 'needs a whole number'],
    ['limit(-1)', 'needs a whole number'],
    ['limit(1,2)', 'at most 1 arguments'],
    ['selct(text)', 'did you mean "select"?'],
    ['select', 'needs the names of fields'],
    ['filter_lang(min_ratio=2)', 'has to be a number from 0 to 1'],
    ['filter_lang(1,text_min_length=2)', 'given twice'],
    ['pass,', 'a name is missing'],
    ['limit(1', 'not closed'],
    ['limit((1))', 'do not match'],
    ['limit(1)x', 'follows'],
  ])('"%s" is a configuration error', async (spec, message) => {
    await expect(createTransform(spec, { language: 'en' })).rejects.toThrow(ConfigurationError);
    await expect(createTransform(spec, { language: 'en' })).rejects.toThrow(message);
    expect(checkTransformSpec(spec).problems).not.toEqual([]);
  });

  test('checkTransformSpec gives all problems', () => {
    expect(checkTransformSpec('limit(x),filter_lang(foo=1)', 'la').problems).toHaveLength(3);
    expect(checkTransformSpec('filter_lang,limit(5000)', 'nb').problems).toEqual([]);
  });
});

test('transformDocument keeps ids, subjects and metadata', async () => {
  const document = { text: 'abc', documentId: '1', subjects: [3], metadata: { title: 'A' }, path: 'p' };
  const limited = transformDocument(document, await createTransform('limit(1)', { language: 'en' }));
  expect(limited).toEqual({ ...document, text: 'a' });
  expect(transformDocument(document, await createTransform('pass', { language: 'en' }))).toBe(document);
});
