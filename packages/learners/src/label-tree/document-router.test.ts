import { packArrays } from '@catchword/math';
import { expect, test } from 'vitest';
import { DocumentRouter } from './document-router.js';
import { topicalData } from './label-tree.test.data.js';
import { LABEL_TREE_DEFAULTS, trainLabelTree } from './train-label-tree.js';

test('leads each document to the same leaves, whatever was led there before', async () => {
  const { X, Y } = topicalData(300, 60, 15, 5);
  const shape = { nTrees: 2, clusterK: 4, minBranchSize: 10, outsideBeam: 0, seed: 1 };
  const model = await trainLabelTree(X, Y, { ...LABEL_TREE_DEFAULTS, ...shape }, { nThreads: 1 });
  const trees = packArrays(model.toArrays());
  const beam = 3;
  const fresh = () => new DocumentRouter(X, { trees, beam, from: 0, to: X.nRows });
  const [first, second] = [fresh(), fresh()];
  const whole = first.route({ trees, beam, from: 0, to: X.nRows });
  expect([...whole]).not.toContain(0xffffffff);
  expect(first.route({ trees, beam, from: 0, to: X.nRows })).toEqual(whole);
  for (const [from, to] of [
    [200, 300],
    [0, 200],
  ] as const) {
    const part = second.route({ trees, beam, from, to });
    for (let tree = 0; tree < 2; tree++) {
      const at = (tree * X.nRows + from) * beam;
      const own = tree * (to - from) * beam;
      expect(part.subarray(own, own + (to - from) * beam)).toEqual(whole.subarray(at, at + (to - from) * beam));
    }
  }
});
