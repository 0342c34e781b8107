// Trains label trees on vectors, predicts, and writes measures as JSON: run-label-tree.js FOLDER N_TREES N_THREADS PREDICTIONS
import { writeFileSync } from 'node:fs';
import { labelTree } from '@catchword/associative';
import { BeamSearch, LABEL_TREE_DEFAULTS, trainLabelTree } from '@catchword/learners';
import { packArrays, topK } from '@catchword/math';
import { readSplit } from './set-vectors.js';

/** Short test files are predicted several times; as in run_omikuji.py. */
const LEAST_PREDICTIONS = 20_000;

const [folder = '', nTrees = '1', nThreads = '1', predictions = ''] = process.argv.slice(2);

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

let started = performance.now();
let cpuBefore = cpuSeconds();
const train = readSplit(folder, 'train'); // Omikuji's time has its reading in it, too
const params = { ...LABEL_TREE_DEFAULTS, nTrees: Number(nTrees), seed: 1 };
const model = await trainLabelTree(train.X, train.Y, params, { nThreads: Number(nThreads) });
const trainSeconds = (performance.now() - started) / 1000;
const trainCpuSeconds = cpuSeconds() - cpuBefore;
const peakRssMiB = process.resourceUsage().maxRSS / 1024;
const modelBytes = packArrays(model.toArrays()).buffer.byteLength;

const { X } = readSplit(folder, 'test');
const defaults = labelTree.parseParams({}, (key, message) => {
  throw new Error(`${key}: ${message}`);
});
const search = new BeamSearch(model, defaults);
started = performance.now();
cpuBefore = cpuSeconds();
let found: string[] = [];
let nPredicted = 0;
while (nPredicted < LEAST_PREDICTIONS) {
  found = [];
  for (let i = 0; i < X.nRows; i++) {
    const { n, labels, scores } = search.search(X.indices, X.values, X.indptr[i] as number, X.indptr[i + 1] as number);
    found.push(Array.from(topK(labels, scores, n, 20), (k) => labels[k]).join(' '));
  }
  nPredicted += X.nRows;
}
const seconds = (performance.now() - started) / 1000;
const cpu = cpuSeconds() - cpuBefore;
writeFileSync(predictions, `${found.join('\n')}\n`);
console.log(
  JSON.stringify({
    trainSeconds,
    trainCpuSeconds,
    peakRssMiB,
    modelBytes,
    docsPerSecond: nPredicted / seconds,
    docsPerCpuSecond: nPredicted / cpu,
  }),
);
