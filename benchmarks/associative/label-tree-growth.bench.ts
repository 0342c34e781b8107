// How does the cost of training a label tree grow with the documents?
import { parseArgs } from 'node:util';
import { LABEL_TREE_DEFAULTS, trainLabelTree } from '@catchword/learners';
import { figure, markdownTable } from '../harness/markdown-table.js';
import { median } from '../harness/statistics.js';
import { prepareVectors, readSplit, type Split, type VectorSet } from './set-vectors.js';

const SET: VectorSet = {
  name: 'yso-finna-fi',
  vocabulary: 'yso-finna/yso.ttl.gz',
  language: 'fi',
  analyzer: 'snowball(finnish)',
  minDf: 2,
  train: 'yso-finna/train.fi.tsv.gz',
  test: 'yso-finna/test.fi.tsv.gz',
};

/** One document in `step` of a split, over all its features and labels. */
function everyNth({ X, Y }: Split, step: number): Split {
  const nRows = Math.ceil(X.nRows / step);
  const rowsOf = (indptr: Uint32Array): Uint32Array => {
    const fresh = new Uint32Array(nRows + 1);
    for (let i = 0; i < nRows; i++) {
      fresh[i + 1] = (fresh[i] as number) + (indptr[i * step + 1] as number) - (indptr[i * step] as number);
    }
    return fresh;
  };
  const take = <T extends Uint32Array | Float32Array>(from: T, indptr: Uint32Array, fresh: Uint32Array, to: T): T => {
    for (let i = 0; i < nRows; i++) to.set(from.subarray(indptr[i * step], indptr[i * step + 1]), fresh[i]);
    return to;
  };
  const xPtr = rowsOf(X.indptr);
  const yPtr = rowsOf(Y.indptr);
  const nnz = xPtr[nRows] as number;
  return {
    X: {
      nRows,
      nCols: X.nCols,
      indptr: xPtr,
      indices: take(X.indices, X.indptr, xPtr, new Uint32Array(nnz)),
      values: take(X.values, X.indptr, xPtr, new Float32Array(nnz)),
    },
    Y: {
      nRows,
      nCols: Y.nCols,
      indptr: yPtr,
      indices: take(Y.indices, Y.indptr, yPtr, new Uint32Array(yPtr[nRows] as number)),
    },
  };
}

const { values: options } = parseArgs({ options: { repeat: { type: 'string', default: '3' } } });
const folder = await prepareVectors(SET);
if (folder === undefined) console.error(`${SET.name} is left out: its files are not there`);
else {
  const whole = readSplit(folder, 'train');
  const rows = [10, 4, 2, 1].map((step) => ({ step, split: everyNth(whole, step), seconds: [] as number[], bytes: 0 }));
  for (let round = 1; round <= Number(options.repeat); round++) {
    for (const row of round % 2 === 0 ? rows.toReversed() : rows) {
      const before = process.cpuUsage();
      const params = { ...LABEL_TREE_DEFAULTS, nTrees: 1, seed: 1 };
      const model = await trainLabelTree(row.split.X, row.split.Y, params, { nThreads: 1 });
      const { user, system } = process.cpuUsage(before);
      row.seconds.push((user + system) / 1e6);
      row.bytes = model.arrays.bucketBytes.length + model.arrays.bucketAt.byteLength;
    }
  }
  const cells = rows.map(({ step, split: { X, Y }, seconds, bytes }) => {
    const labels = new Set(Y.indices).size;
    const cost = median(seconds);
    const each = figure((1e6 * cost) / X.nRows, 0);
    return [`${100 / step} %`, figure(X.nRows, 0), figure(labels, 0), figure(cost, 1), each, figure(bytes / 1e6, 1)];
  });
  console.log(markdownTable(['of the documents', 'documents', 'labels', 'CPU s', 'µs a document', 'model MB'], cells));
}
