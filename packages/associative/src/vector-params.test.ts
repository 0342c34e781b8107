import { ParamReader } from '@catchword/core';
import { expect, test } from 'vitest';
import { readVectorParams, vectorParamHelp } from './vector-params.js';

const DEFAULTS = { ngram: 2, minDf: 3, sublinearTf: true, titleWeight: 1 };

test('readVectorParams knows the parameters that vectorParamHelp names', () => {
  const raw = { ngram: 1, min_df: '2', sublinear_tf: 'false', title_weight: 2 };
  expect(Object.keys(vectorParamHelp(DEFAULTS))).toEqual(Object.keys(raw));
  expect(vectorParamHelp(DEFAULTS).min_df).toContain('(default 3)');
  const reader = new ParamReader(raw, (key, message) => expect.fail(`${key}: ${message}`));
  expect(readVectorParams(reader, DEFAULTS)).toEqual({ ngram: 1, minDf: 2, sublinearTf: false, titleWeight: 2 });
});
