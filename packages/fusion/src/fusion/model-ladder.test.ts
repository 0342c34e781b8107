import { expect, test } from 'vitest';
import { choiceOf } from './model-ladder.js';

const model = (kind: 'mean' | 'lambdamart' | 'joined', ndcgAt10: number, recallAt10Untrained = 0) => ({
  ...{ kind, ndcgAt10, recallAt10Untrained },
  nGold: 100,
  nUntrained: 10,
});

test.each([
  ['a small lead of another is chance', 200, 0.002, 'joined'],
  ['a greater one is not', 200, 0.004, 'lambdamart'],
  ['half as many documents have to lead by twice as much', 100, 0.005, 'joined'],
  ['or more', 100, 0.007, 'lambdamart'],
  ['of hardly any documents any lead counts', 59, 0.002, 'lambdamart'],
] as const)('%s: of %i documents with a lead of %f it is %3$s', (_, nDocs, lead, expected) => {
  const compared = [model('mean', 0.4), model('lambdamart', 0.5 + lead), model('joined', 0.5)];
  expect(choiceOf(compared, nDocs).kind).toBe(expected);
});

test('of models that are equally good that is taken which finds most subjects without records', () => {
  const compared = [model('mean', 0.4997, 0.3), model('lambdamart', 0.5, 0.2), model('joined', 0.3, 0.9)];
  expect(choiceOf(compared, 1000).kind).toBe('mean');
});
