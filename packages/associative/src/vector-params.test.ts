import { ParamReader } from '@catchword/core';
import { expect, test } from 'vitest';
import { readVectorParams, vectorParamHelp } from './vector-params.js';

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
])('char_ngram %j is %j', (char_ngram, expected) => {
  const reader = new ParamReader({ char_ngram }, (key, message) => expect.fail(`${key}: ${message}`));
  expect(readVectorParams(reader, DEFAULTS).charNgram).toEqual(expected);
});

test.each(['5-3', '1-2', '3-9', 'all', -1, '3-'])('char_ngram %j is refused', (char_ngram) => {
  const problems: string[] = [];
  const reader = new ParamReader({ char_ngram }, (_, message) => problems.push(message));
  expect(readVectorParams(reader, DEFAULTS).charNgram).toBeUndefined();
  expect(problems).toEqual([expect.stringContaining('char_ngram has to be 0, or from 2 to 8')]);
});
