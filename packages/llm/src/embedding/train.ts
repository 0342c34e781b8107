import type { BackendContext, Corpus, Document, JsonObject, TrainOptions } from '@catchword/core';
import { OperationError } from '@catchword/core';
import type { TreeEnsemble } from '@catchword/learners';
import { Float32List, StringTable } from '@catchword/math';
import { Budget } from '../client/budget.js';
import { growCandidateTrees } from '../grow-candidate-trees.js';
import { sampleDocuments } from '../sample-documents.js';
import { CandidateFinder } from './candidates.js';
import { addRow } from './code-rows.js';
import { type EmbeddedDocument, embedDocuments } from './embed-documents.js';
import { embedLabels } from './embed-labels.js';
import { N_FEATURES } from './features.js';
import type { GroupEmbedder } from './group-embedder.js';
import { type LabelTexts, labelTexts } from './label-texts.js';
import { rowsOfLabels } from './label-vectors.js';
import type { EmbeddingModel } from './model.js';
import type { EmbeddingParams } from './params.js';

/** Documents that are in memory with their vectors at once. */
const BATCH_DOCS = 256;
const MOST_LEAVES = 16;
const MIN_ROWS = 20;

/** Embeds the labels, and learns from documents which of the subjects near to a text are its subjects. */
export async function trainEmbedding(
  context: BackendContext,
  corpus: Corpus,
  params: EmbeddingParams,
  embedder: GroupEmbedder,
  options: TrainOptions,
): Promise<{ model: EmbeddingModel; report: JsonObject }> {
  const { vocabulary, language } = context;
  const { signal, onProgress, onWarning } = options;
  const budget = new Budget();
  const { docs, nDocs } = await sampleDocuments(corpus, params.trainDocuments, 'embedding', options);
  const texts = labelTexts(vocabulary, params.languages ?? [language], language);
  if (texts.texts.length === 0) {
    throw new OperationError(
      'operation-failed',
      'Cannot train embedding: no concept has a label in the languages wanted',
      {
        hint: 'Set languages to those of the vocabulary, or to all.',
      },
    );
  }
  const onLabels = (done: number): void => {
    onProgress?.({ stage: 'embedding labels', done, total: texts.texts.length, unit: 'labels' });
    signal?.throwIfAborted();
  };
  const rows = await embedLabels(embedder, texts.texts, params.labelPrefix, { budget, signal, onLabels });
  const table = { texts: StringTable.from(texts.texts), rows };
  const embedded = await embedSample(context, docs, params, embedder, budget, options);
  const background = meanVector(rows.dimensions, embedded);
  const trees = await learn(context, texts, table, { docs, embedded, background }, params, options);
  if (params.trees > 0 && !trees) {
    onWarning?.('No subject of the training documents is near to its text: scores are similarities');
  }
  const { calls, cached, promptTokens } = budget.usage;
  return {
    model: {
      modelName: embedder.embedder.name,
      labelPrefix: params.labelPrefix,
      nSubjects: vocabulary.nSubjects,
      ...table,
      background,
      trees,
    },
    report: {
      ...{ documents: nDocs, learntFrom: docs.length, labels: texts.labels.length, vectors: rows.n },
      ...{ dimensions: rows.dimensions, trees: trees?.nTrees ?? 0, calls, cached, promptTokens },
    },
  };
}

async function embedSample(
  context: BackendContext,
  docs: readonly Document[],
  params: EmbeddingParams,
  embedder: GroupEmbedder,
  budget: Budget,
  { signal, onProgress }: TrainOptions,
): Promise<EmbeddedDocument[]> {
  const embedded: EmbeddedDocument[] = [];
  for (let from = 0; from < docs.length; from += BATCH_DOCS) {
    const onDone = (done: number): void => {
      onProgress?.({ stage: 'embedding documents', done: from + done, total: docs.length, unit: 'documents' });
      signal?.throwIfAborted();
    };
    const some = docs.slice(from, from + BATCH_DOCS);
    embedded.push(...(await embedDocuments(embedder, context.analyzer, some, params, { budget, signal, onDone })));
  }
  return embedded;
}

function meanVector(dimensions: number, docs: readonly EmbeddedDocument[]): Float32Array {
  const sum = new Float64Array(dimensions);
  let n = 0;
  for (const { rows } of docs) {
    for (let i = 0; i < rows.n; i++) addRow(rows, i, sum);
    n += rows.n;
  }
  return Float32Array.from(sum, (value) => value / Math.max(1, n));
}

interface LearntFrom {
  readonly docs: readonly Document[];
  readonly embedded: readonly EmbeddedDocument[];
  readonly background: Float32Array;
}

/** @returns undefined where candidates are all right, or all wrong, or no trees are wanted */
async function learn(
  context: BackendContext,
  texts: LabelTexts,
  table: Pick<EmbeddingModel, 'texts' | 'rows'>,
  { docs, embedded, background }: LearntFrom,
  params: EmbeddingParams,
  options: TrainOptions,
): Promise<TreeEnsemble | undefined> {
  const { signal, onProgress } = options;
  if (params.trees === 0) return undefined;
  const labels = { texts, rowOf: rowsOfLabels(table, texts), rows: table.rows };
  const finder = new CandidateFinder(context.vocabulary, labels, background);
  const X = new Float32List(1 << 12);
  const y: number[] = [];
  for (const [i, { rows }] of embedded.entries()) {
    const gold = new Set(docs[i]?.subjects);
    const found = finder.find(rows);
    X.reserve(X.length + found.n * N_FEATURES);
    X.data.set(found.X.subarray(0, found.n * N_FEATURES), X.length);
    X.length += found.n * N_FEATURES;
    for (let k = 0; k < found.n; k++) y.push(gold.has(found.ids[k] as number) ? 1 : 0);
    if (i % 16 > 0) continue;
    onProgress?.({ stage: 'comparing with labels', done: i + 1, total: docs.length, unit: 'documents' });
    await new Promise((resolve) => setImmediate(resolve)); // lets a signal come in
    signal?.throwIfAborted();
  }
  const size = { trees: params.trees, maxLeaves: MOST_LEAVES, minRows: MIN_ROWS };
  return growCandidateTrees(X.toArray(), y, N_FEATURES, size, options);
}
