import type { BackendContext, Corpus, JsonObject, TrainOptions } from '@catchword/core';
import { OperationError } from '@catchword/core';
import { trainBoosting } from '@catchword/learners';
import { packArrays, ThreadPool } from '@catchword/math';
import { buildLabelIndex } from './build-label-index.js';
import { type CollectTask, type RowChunk, RowCollector } from './collect-rows.js';
import type { CollectInit } from './collect-worker.js';
import { N_FEATURES } from './features.js';
import type { MllmModel } from './model.js';
import { type MllmParams, MOST_LEAVES } from './params.js';
import { TrainingTable } from './training-table.js';

const WORKER = new URL('../../dist/mllm/collect-worker.js', import.meta.url);
/** A task is so many documents, or fewer long ones. */
const TASK_DOCS = 64;
const TASK_CHARACTERS = 200_000;
/** The penalty on leaf values: a leaf's sums have to stand for tens of documents before it is believed. */
const LAMBDA = 20;

/** Learns which of the concepts whose labels a text touches are its subjects. */
export async function trainMllm(
  context: BackendContext,
  corpus: Corpus,
  params: MllmParams,
  options: TrainOptions,
): Promise<{ model: MllmModel; report: JsonObject }> {
  const { vocabulary, analyzer, language } = context;
  const { signal, onProgress, onWarning } = options;
  if (params.maxLeafNodes > MOST_LEAVES) {
    onWarning?.(
      `max_leaf_nodes=${params.maxLeafNodes} is meant for Annif's bagged trees; boosted trees get ${MOST_LEAVES} leaves at most`,
    );
  }
  onProgress?.({ stage: 'indexing labels', done: 0, total: vocabulary.nSubjects, unit: 'concepts' });
  const index = buildLabelIndex(vocabulary, analyzer, { language, useHiddenLabels: params.useHiddenLabels });
  signal?.throwIfAborted();
  const matching = { compounds: params.compounds, leastCoverage: params.leastCoverage };
  const table = new TrainingTable(vocabulary.nSubjects);
  let done = 0;
  const take = (chunk: RowChunk, gold: CollectTask['gold']): void => {
    table.add(chunk, gold);
    done += gold.length;
    onProgress?.({ stage: 'matching labels', done, unit: 'documents' });
    signal?.throwIfAborted();
  };
  if (options.nJobs > 1) {
    const init: CollectInit = {
      vocabulary: vocabulary.toModelData(),
      index: packArrays(index.toArrays()),
      analyzer: analyzer.spec,
      language,
      options: matching,
    };
    const pool = new ThreadPool({ module: WORKER, nThreads: options.nJobs, init });
    try {
      const golds: CollectTask['gold'][] = [];
      const tasks = async function* () {
        for await (const task of tasksOf(corpus, options.seed, signal)) {
          golds.push(task.gold);
          yield task;
        }
      };
      for await (const chunk of pool.map<CollectTask, RowChunk>(tasks())) take(chunk, golds.shift() ?? []);
    } finally {
      await pool.close();
    }
  } else {
    const collector = new RowCollector(index, vocabulary, analyzer, matching);
    for await (const task of tasksOf(corpus, options.seed, signal)) take(collector.collect(task), task.gold);
  }
  const facts = table.facts();
  if (facts.documents === 0) {
    throw new OperationError('corpus-empty', 'Cannot train mllm: there is no document with a known subject', {
      hint: 'Check that the corpus names subjects of this vocabulary.',
    });
  }
  if (facts.positiveRows === 0 || facts.positiveRows === facts.rows) {
    const missing =
      facts.positiveRows === 0 ? 'no label of a gold subject is in its text' : 'every candidate is a gold subject';
    throw new OperationError('operation-failed', `Cannot train mllm on ${facts.documents} documents: ${missing}`, {
      hint: 'Check that the language of the project is that of the texts, and train on more documents.',
    });
  }
  const { X, y, weights, history, priors } = table.finish(options.seed);
  const trees = await trainBoosting(
    X,
    y,
    weights,
    N_FEATURES,
    {
      nTrees: params.trees,
      maxLeaves: Math.min(params.maxLeafNodes, MOST_LEAVES),
      minRows: params.minSamplesLeaf,
      learningRate: params.learningRate,
      lambda: LAMBDA,
      rowShare: params.maxSamples,
      featureShare: 0.7,
      seed: options.seed,
    },
    options.nJobs,
    async (tree) => {
      onProgress?.({ stage: 'growing trees', done: tree, total: params.trees, unit: 'trees' });
      if (tree % 8 === 0) await new Promise((resolve) => setImmediate(resolve)); // lets a signal come in
      signal?.throwIfAborted();
    },
  );
  return {
    model: { index, history, priors, trees, matching },
    report: { ...facts, labels: index.nVariants, trees: trees.nTrees },
  };
}

async function* tasksOf(corpus: Corpus, seed: number, signal: AbortSignal | undefined): AsyncGenerator<CollectTask> {
  let texts: string[] = [];
  let gold: (readonly number[])[] = [];
  let characters = 0;
  let firstDoc = 0;
  for await (const doc of corpus.documents()) {
    signal?.throwIfAborted();
    texts.push(doc.text);
    gold.push(doc.subjects ?? []);
    characters += doc.text.length;
    if (texts.length >= TASK_DOCS || characters >= TASK_CHARACTERS) {
      yield { texts, gold, firstDoc, seed };
      firstDoc += texts.length;
      texts = [];
      gold = [];
      characters = 0;
    }
  }
  if (texts.length > 0) yield { texts, gold, firstDoc, seed };
}
