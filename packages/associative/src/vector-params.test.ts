import { ParamReader } from '@catchword/core';
import { expect, test } from 'vitest';
import { readVectorParams, vectorParamHelp, vectorSettings } from './vector-params.js';

const DEFAULTS = { ngram: 2, minDf: 3, sublinearTf: true, titleWeight: 1 };

test('readVectorParams knows the parameters that vectorParamHelp names', () => {
  const raw = { ngram: 1, min_df: '2', sublinear_tf: 'false', title_weight: 2, char_ngram: '3-5' };
  expect(Object.keys(vectorParamHelp(DEFAULTS))).toEqual(Object.keys(raw));
  expect(vectorParamHelp(DEFAULTS).min_df).toContain('(default 3)');
  const reader = new ParamReader(raw, (key, message) => expect.fail(`${key}: ${message}`));
  expect(readVectorParams(reader, DEFAULTS)).toEqual({
    ...{ ngram: 1, minDf: 2, sublinearTf: false, titleWeight: 2 },
    charNgram: [3, 5],
  });
});

test.each([
  [4, [4, 4]],
  ['2 - 3', [2, 3]],
  [0, undefined],
  ['0', undefined],
  ['auto', 'auto'],
])('char_ngram %j is %j', (char_ngram, expected) => {
  const reader = new ParamReader({ char_ngram }, (key, message) => expect.fail(`${key}: ${message}`));
  expect(readVectorParams(reader, DEFAULTS).charNgram).toEqual(expected);
});

test.each(['5-3', '1-2', '3-9', 'all', -1, '3-'])('char_ngram %j is refused', (char_ngram) => {
  const problems: string[] = [];
  const reader = new ParamReader({ char_ngram }, (_, message) => problems.push(message));
  expect(readVectorParams(reader, DEFAULTS).charNgram).toBeUndefined();
  expect(problems).toEqual([expect.stringContaining('char_ngram has to be 0, auto, or from 2 to 8')]);
});

test.each([
  ['de', 'auto', [5, 5]],
  ['de-AT', 'auto', [5, 5]],
  ['swe', 'auto', [5, 5]],
  ['', 'auto', undefined],
  ['fi', 'auto', [5, 5]],
  ['en', 'auto', undefined],
  ['de', undefined, undefined],
  ['de', [3, 4], [3, 4]],
  ['en', [3, 4], [3, 4]],
] as const)('in %s char_ngram %j is %j', (language, charNgram, expected) => {
  const { charNgram: chosen } = vectorSettings({ ...DEFAULTS, ...(charNgram ? { charNgram } : undefined) }, language);
  expect(chosen).toEqual(expected);
});

test('a backend may leave the runs to the language, which a configuration can change', () => {
  const defaults = { ...DEFAULTS, charNgram: 'auto' } as const;
  const read = (raw: Record<string, number>) =>
    readVectorParams(new ParamReader(raw, (key, message) => expect.fail(`${key}: ${message}`)), defaults).charNgram;
  expect(read({})).toBe('auto');
  expect(read({ char_ngram: 0 })).toBeUndefined();
  expect(vectorParamHelp(defaults).char_ngram).toContain('(default auto)');
});
