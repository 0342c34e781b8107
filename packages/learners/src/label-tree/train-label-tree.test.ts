import { allocateForKernels, type CsrMatrix, csrFromPairs, packArrays, viewArrays } from '@catchword/math';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type BeamParams, BeamSearch } from './beam-search.js';
import { LabelPaths } from './label-paths.js';
import { topicalData, unitRows } from './label-tree.test.data.js';
import { LabelTreeModel } from './label-tree-model.js';
import { spreadBits, spreadFeature } from './spread-feature.js';
import { costFor, type LabelTreeParams, trainLabelTree } from './train-label-tree.js';
import { readBucket } from './weight-rows.test.fixture.js';

const PARAMS: LabelTreeParams = {
  nTrees: 1,
  outsideBeam: 0,
  clusterK: 4,
  clusterBalanced: false,
  minBranchSize: 10,
  maxDepth: 3,
  collapseEveryNLayers: 0,
  maxLeafSize: 1000,
  cost: 1,
  outsideCost: 0.5,
  eps: 0.1,
  maxEpochs: 20,
  weightThreshold: 0.05,
  weightBudget: 0,
  labelVectorSize: 100,
  seed: 1,
};
const BEAM: BeamParams = { beam: 10, exponent: 3, leafCap: 20 };
const HERE = { nThreads: 1 };

function best(model: LabelTreeModel, X: CsrMatrix, row: number, params = BEAM): [number, number][] {
  const { n, labels, scores } = new BeamSearch(model, params).search(
    X.indices,
    X.values,
    X.indptr[row],
    X.indptr[row + 1],
  );
  return Array.from({ length: n }, (_, i): [number, number] => [labels[i], scores[i]]).sort(
    (a, b) => b[1] - a[1] || a[0] - b[0],
  );
}

const { X, Y } = topicalData(600, 60, 15, 5);
const isGold = (row: number, label: number) => Y.indices.subarray(Y.indptr[row], Y.indptr[row + 1]).includes(label);
const hitRate = (model: LabelTreeModel) => {
  let hits = 0;
  for (let row = 0; row < X.nRows; row++) if (isGold(row, best(model, X, row)[0][0])) hits++;
  return hits / X.nRows;
};

test('a weight multiplies the cost of a document, and a document of little weight has little to say', async () => {
  const half = await trainLabelTree(X, Y, { ...PARAMS, cost: 0.5 }, HERE);
  const weighted = await trainLabelTree(X, Y, PARAMS, { ...HERE, weights: new Float32Array(X.nRows).fill(0.5) });
  expect(weighted.arrays).toEqual(half.arrays);
  // Two labels for the same words: the one whose document counts more wins.
  const rows = unitRows([[[0, 1]], [[0, 1]], [[1, 1]]], 2);
  const labels = csrFromPairs(3, 3, [0, 1, 2], [0, 1, 2]);
  for (const [weights, winner] of [
    [Float32Array.of(1, 0.1, 1), 0],
    [Float32Array.of(0.1, 1, 1), 1],
  ] as const) {
    const model = await trainLabelTree(rows, labels, PARAMS, { ...HERE, weights });
    expect(best(model, rows, 0)[0]?.[0]).toBe(winner);
  }
  await expect(trainLabelTree(X, Y, PARAMS, { ...HERE, weights: new Float32Array(1) })).rejects.toThrow(RangeError);
});

describe('costFor', () => {
  const rows = (entries: number): CsrMatrix => {
    const row = (first: number) => Array.from({ length: entries }, (_, i): [number, number] => [first + i, 1]);
    return unitRows([row(0), row(1)], entries + 1);
  };

  test('is less for titles, and is what trees are trained with that are given none', async () => {
    expect([costFor(rows(17)), costFor(rows(18))]).toEqual([0.5, 1]);
    const labels = csrFromPairs(2, 2, [0, 1], [0, 1]);
    const bytes = async (cost: number | undefined) => {
      const model = await trainLabelTree(rows(17), labels, { ...PARAMS, weightThreshold: 0, cost }, HERE);
      return Buffer.from(packArrays(model.toArrays()).buffer).toString('hex');
    };
    expect(await bytes(undefined)).toBe(await bytes(0.5));
    expect(await bytes(undefined)).not.toBe(await bytes(1));
  });
});

describe('trainLabelTree', () => {
  test.each([
    ['Parabel', { clusterK: 2, clusterBalanced: true, maxDepth: 20, nTrees: 2 }],
    ['Bonsai', { clusterK: 10, maxDepth: 3 }],
    ['AttentionXML', { clusterK: 2, collapseEveryNLayers: 2, maxDepth: 20 }],
    ['balanced in many', { clusterK: 5, clusterBalanced: true }],
    ['no tree at all', { minBranchSize: 1000 }],
    ['small leaves beyond the depth', { maxDepth: 1, maxLeafSize: 12 }],
    ['few weights', { weightBudget: 20 }],
    ['negatives from outside', { clusterK: 10, outsideBeam: 4 }],
  ])('learns what documents are about: %s', async (_, shape) => {
    expect(hitRate(await trainLabelTree(X, Y, { ...PARAMS, ...shape }, HERE))).toBeGreaterThan(0.9);
  });

  test('the same bytes from one thread and from two, and a second time', async () => {
    const large = topicalData(3000, 400, 60, 3);
    const params = { ...PARAMS, nTrees: 2, clusterK: 20, minBranchSize: 120, outsideBeam: 3 };
    const bytes = async (nThreads: number) =>
      Buffer.from(packArrays((await trainLabelTree(large.X, large.Y, params, { nThreads })).toArrays()).buffer);
    const one = await bytes(1);
    expect((await bytes(2)).equals(one)).toBe(true);
    expect((await bytes(2)).equals(one)).toBe(true);
  });

  test('a stored model is used as it lies; one that is cut off is refused', async () => {
    const model = await trainLabelTree(X, Y, PARAMS, HERE);
    const stored = viewArrays(packArrays(model.toArrays()));
    const loaded = LabelTreeModel.fromArrays(stored);
    expect(best(loaded, X, 3)).toEqual(best(model, X, 3));
    expect(loaded.arrays.bucketBytes).toBe(stored.bucketBytes);
    for (const [name, array] of Object.entries(stored)) {
      expect(() => LabelTreeModel.fromArrays({ ...stored, [name]: array.subarray(0, -1) }), name).toThrow(RangeError);
    }
    const childId = model.arrays.childId.map((id, i) => (i === 0 ? 0 : id)); // the root as its own child
    expect(() => LabelTreeModel.fromArrays({ ...stored, childId })).toThrow(RangeError);
  });

  test('a model in memory for kernels is searched as one that is copied there', async () => {
    const model = await trainLabelTree(X, Y, PARAMS, HERE);
    const { buffer, places } = packArrays(model.toArrays());
    const there = allocateForKernels(buffer.byteLength);
    new Uint8Array(there).set(new Uint8Array(buffer));
    const loaded = LabelTreeModel.fromArrays(viewArrays({ buffer: there, places }));
    const long = unitRows([Array.from({ length: 3000 }, (_, i) => [i, 1 + (i % 3)] as const)], 3000);
    for (const rows of [X, long]) {
      expect(best(loaded, rows, 0)).toEqual(best(model, rows, 0));
    }
  });

  test('a budget bounds the weights of each child', async () => {
    const { arrays } = await trainLabelTree(X, Y, { ...PARAMS, weightBudget: 7 }, HERE);
    const counts = new Map<number, number>();
    for (let c = 0; c + 1 < arrays.chunkChild.length; c++) {
      const first = arrays.chunkChild[c];
      const n = arrays.chunkChild[c + 1] - first;
      for (let b = arrays.chunkBucket[c]; b + 1 < arrays.chunkBucket[c + 1]; b++) {
        readBucket(arrays.bucketBytes, arrays.bucketAt[b], arrays.bucketAt[b + 1], n, (_, column) => {
          counts.set(first + column, (counts.get(first + column) ?? 0) + 1);
        });
      }
    }
    expect(counts.size).toBeGreaterThan(10);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(7);
  });

  test('a leaf learns from documents that the nodes above lead there', async () => {
    const shape = { ...PARAMS, clusterK: 4, minBranchSize: 30, maxDepth: 2 };
    const mean = async (outsideBeam: number) => {
      const model = await trainLabelTree(X, Y, { ...shape, outsideBeam, outsideCost: 1 }, HERE);
      let sum = 0;
      let n = 0;
      for (let row = 0; row < X.nRows; row++) {
        for (const [label, score] of best(model, X, row)) {
          if (isGold(row, label)) continue;
          sum += score;
          n++;
        }
      }
      return sum / n;
    };
    expect(await mean(4)).toBeLessThan(0.8 * (await mean(0)));
  });

  test.each([1, 2])(
    'an abort while %i threads lead documents through the trees leaves no rejection to nobody',
    async (nThreads) => {
      const unhandled: unknown[] = [];
      const note = (reason: unknown) => unhandled.push(reason);
      process.on('unhandledRejection', note);
      onTestFinished(() => void process.off('unhandledRejection', note));
      const large = topicalData(4000, 400, 40, 5); // several shards
      const abort = new AbortController();
      const build = vi.spyOn(LabelTreeModel, 'build');
      onTestFinished(() => build.mockRestore());
      const trained = trainLabelTree(
        large.X,
        large.Y,
        { ...PARAMS, clusterK: 20, minBranchSize: 50, outsideBeam: 4 },
        { nThreads, signal: abort.signal },
      );
      const outcome = trained.then(
        () => 'done',
        (error: Error) => error.message,
      );
      while (build.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 1)); // it is built to be routed through
      abort.abort(new Error('enough'));
      expect(await outcome).toBe('enough');
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(unhandled).toEqual([]);
    },
  );

  test('progress counts all classifiers; an abort ends with its reason', async () => {
    const seen: [number, number][] = [];
    await trainLabelTree(X, Y, PARAMS, { nThreads: 1, onProgress: (...each) => seen.push(each) });
    const [done, total] = seen.at(-1) as [number, number];
    expect(done).toBe(total);
    const abort = new AbortController();
    const training = trainLabelTree(X, Y, PARAMS, {
      nThreads: 1,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('enough')),
    });
    await expect(training).rejects.toThrow('enough');
  });
});

describe('unusual data', () => {
  test('one label, one document', async () => {
    const model = await trainLabelTree(unitRows([[[1, 1]]], 3), csrFromPairs(1, 1, [0], [0]), PARAMS, HERE);
    const [[label, score]] = best(model, unitRows([[[1, 1]]], 3), 0);
    expect(label).toBe(0);
    expect(score).toBeGreaterThan(0.9);
  });

  test('a label that all documents have', async () => {
    const rows = Array.from({ length: 20 }, (_, i) => [[i % 4, 1] as const]);
    const Y = csrFromPairs(20, 2, [...rows.keys(), 0, 4, 8], [...rows.map(() => 0), 1, 1, 1]);
    const model = await trainLabelTree(unitRows(rows, 4), Y, PARAMS, HERE);
    expect(best(model, unitRows([[[2, 1]]], 4), 0)[0][0]).toBe(0);
  });

  test('identical documents, and documents without features', async () => {
    const rows = Array.from({ length: 40 }, () => [[0, 1] as const]);
    const Y = csrFromPairs(41, 40, [...rows.keys(), 40], [...rows.keys(), 3]);
    const model = await trainLabelTree(unitRows([...rows, []], 1), Y, PARAMS, HERE);
    const found = best(model, unitRows([[[0, 1]]], 1), 0);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(([, score]) => score >= 0 && score <= 1)).toBe(true);
  });

  test('a document with 10,000 labels', async () => {
    const nLabels = 10_000;
    const labels = Array.from({ length: nLabels }, (_, i) => i);
    const X = unitRows([[[0, 1]], [[1, 1]]], 2); // biome-ignore format: rows
    const Y = csrFromPairs(2, nLabels, [...labels.map(() => 0), 1], [...labels, 5]);
    const model = await trainLabelTree(X, Y, { ...PARAMS, clusterK: 100, minBranchSize: 100, maxEpochs: 3 }, HERE);
    expect(best(model, X, 1)[0][0]).toBe(5);
  });

  test('labels without documents are in no tree; features that nobody has do no harm', async () => {
    const X = unitRows([[[0, 1]], [[1, 1]]], 1000); // biome-ignore format: rows
    const model = await trainLabelTree(X, csrFromPairs(2, 9, [0, 1], [2, 7]), PARAMS, HERE);
    expect(best(model, X, 1)[0][0]).toBe(7);
    const unknown = unitRows([[[1, 1], [5000, 1]]], 6000); // biome-ignore format: rows
    expect(best(model, unknown, 0)[0][0]).toBe(7);
    expect(best(model, unitRows([[]], 3), 0)).toEqual([]);
  });

  test('no label at all, and matrices that do not fit together', async () => {
    const X = unitRows([[[0, 1]]], 1);
    await expect(trainLabelTree(X, csrFromPairs(1, 3, [], []), PARAMS, HERE)).rejects.toThrow(RangeError);
    await expect(trainLabelTree(X, csrFromPairs(2, 3, [0], [1]), PARAMS, HERE)).rejects.toThrow(RangeError);
  });
});

describe('BeamSearch', () => {
  /** Scores by dense weights, following every path. */
  function oracle(model: LabelTreeModel, row: number, exponent: number): Map<number, number> {
    const a = model.arrays;
    const bits = spreadBits(model.nFeatures);
    const x = new Map<number, number>();
    for (let e = X.indptr[row]; e < X.indptr[row + 1]; e++) x.set(spreadFeature(X.indices[e], bits), X.values[e]);
    const totals = new Map<number, number>();
    const visit = (node: number, log: number): void => {
      for (let chunk = a.nodeChunk[node]; chunk < a.nodeChunk[node + 1]; chunk++) {
        const first = a.chunkChild[chunk];
        const margins = Array.from(a.childBias.subarray(first, a.chunkChild[chunk + 1]));
        const nBuckets = a.chunkBucket[chunk + 1] - a.chunkBucket[chunk] - 1;
        for (let b = 0; b < nBuckets; b++) {
          const at = a.chunkBucket[chunk] + b;
          readBucket(a.bucketBytes, a.bucketAt[at], a.bucketAt[at + 1], margins.length, (key, column, steps) => {
            const v = x.get(b * 2 ** a.chunkShift[chunk] + key) ?? 0;
            margins[column] += v * steps * a.childScale[first + column];
          });
        }
        margins.forEach((margin, c) => {
          const score = log - Math.max(0, 1 - margin) ** exponent;
          const id = a.childId[first + c];
          if (a.nodeIsLeaf[node]) totals.set(id, (totals.get(id) ?? 0) + Math.exp(score) / model.nTrees);
          else visit(id, score);
        });
      }
    };
    for (let t = 0; t < model.nTrees; t++) visit(a.treeNode[t], 0);
    return totals;
  }

  test('a beam as wide as the tree follows every path', async () => {
    const model = await trainLabelTree(X, Y, { ...PARAMS, nTrees: 2 }, HERE);
    for (const row of [0, 17, 599]) {
      for (const exponent of [1, 2, 2.5, 5]) {
        const expected = oracle(model, row, exponent);
        const found = best(model, X, row, { beam: 1000, exponent, leafCap: 1000 });
        expect(found.length).toBe(expected.size);
        for (const [label, score] of found) expect(score).toBeCloseTo(expected.get(label) as number, 5);
      }
    }
  });

  test('evidence: votes, the best log score and the margin behind it', async () => {
    const model = await trainLabelTree(X, Y, { ...PARAMS, nTrees: 3 }, HERE);
    const { n, scores, logScores, margins, votes } = new BeamSearch(model, { ...BEAM, leafCap: 5 }).search(
      X.indices,
      X.values,
      X.indptr[4],
      X.indptr[5],
    );
    expect(n).toBeGreaterThan(5);
    for (let i = 0; i < n; i++) {
      expect(votes[i]).toBeGreaterThanOrEqual(1);
      expect(votes[i]).toBeLessThanOrEqual(3);
      expect(scores[i]).toBeLessThanOrEqual((Math.exp(logScores[i]) * votes[i]) / 3 + 1e-6);
      expect(logScores[i]).toBeLessThanOrEqual(-(Math.max(0, 1 - margins[i]) ** 3) + 1e-6);
    }
  });

  test('beam and leaf cap bound what is found', async () => {
    const model = await trainLabelTree(X, Y, PARAMS, HERE);
    expect(best(model, X, 0, { beam: 2, exponent: 2, leafCap: 3 }).length).toBeLessThanOrEqual(6);
  });
});

describe('LabelPaths', () => {
  test('the contributions of features, with the biases, are the margins on the path to a label', async () => {
    const model = await trainLabelTree(X, Y, { ...PARAMS, nTrees: 1 }, HERE);
    const search = new BeamSearch(model, { beam: 1000, exponent: 1, leafCap: 1000 });
    const found = search.search(X.indices, X.values, X.indptr[7], X.indptr[8]);
    const paths = new LabelPaths(model);
    for (let i = 0; i < found.n; i += 7) {
      const { parts, bias } = paths.contributions(found.labels[i], X.indices, X.values, X.indptr[7], X.indptr[8]);
      const margins = paths.margins(found.labels[i], X.indices, X.values, X.indptr[7], X.indptr[8]);
      expect(parts.reduce((a, b) => a + b, bias)).toBeCloseTo(
        margins.reduce((a, b) => a + b, 0),
        5,
      );
      expect(found.margins[i]).toBeCloseTo(margins[0], 5);
    }
    expect(paths.contributions(59_000, X.indices, X.values, 0, 3).parts).toEqual(new Float64Array(3));
  });
});
