import {
  type Backend,
  type BackendContext,
  type BackendType,
  type Contribution,
  type Document,
  type Explanation,
  type ModelData,
  ModelError,
  type SubjectId,
  type SuggestionBatch,
  SuggestionBatchBuilder,
  type SuggestOptions,
} from '@catchword/core';
import { TreeScorer } from '@catchword/learners';
import { Budget } from '../client/budget.js';
import { EndpointError } from '../client/endpoint-error.js';
import { CandidateFinder, type EmbeddingCandidates } from './candidates.js';
import { currentLabels } from './current-labels.js';
import { embedDocuments } from './embed-documents.js';
import { COLUMN, FEATURES, N_FEATURES } from './features.js';
import type { GroupEmbedder } from './group-embedder.js';
import { type EmbeddingModel, loadEmbeddingModel, saveEmbeddingModel } from './model.js';
import { openEmbedder } from './open-embedder.js';
import { EMBEDDING_PARAM_HELP, type EmbeddingParams, parseEmbeddingParams } from './params.js';
import { trainEmbedding } from './train.js';

const FEATURE_NAMES = FEATURES.map(({ name }) => name);
const MOST_CONTRIBUTIONS = 8;

/** Compares texts with labels by their meaning, as an embedding model knows it. */
class EmbeddingBackend implements Backend {
  readonly isCalibrated: boolean;
  private readonly context: BackendContext;
  private readonly params: EmbeddingParams;
  private readonly model: EmbeddingModel;
  private readonly embedder: GroupEmbedder;
  private readonly scorer: TreeScorer | undefined;
  private readonly closing = new AbortController();
  private finder: Promise<CandidateFinder> | undefined;
  private warnings: readonly string[] = [];

  constructor(context: BackendContext, params: EmbeddingParams, model: EmbeddingModel, embedder: GroupEmbedder) {
    this.context = context;
    this.params = params;
    this.model = model;
    this.embedder = embedder;
    this.scorer = model.trees && new TreeScorer(model.trees);
    this.isCalibrated = model.trees !== undefined;
  }

  async suggest(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const { limit, evidence = false } = options;
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects, evidence ? FEATURE_NAMES : undefined);
    const { finder, embedded, budget } = await this.prepare(docs, options.signal);
    for (const { rows } of embedded) {
      const found = finder.find(rows);
      builder.pushTop(found.ids, this.scores(found), found.n, limit, evidence ? found.X : undefined);
    }
    builder.warn(this.warnings);
    if (budget.usage.calls + budget.usage.cached > 0) builder.charge(budget.usage);
    return builder.build();
  }

  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<Explanation[]> {
    const { finder, embedded } = await this.prepare([doc], undefined);
    const [{ chunks, rows } = { chunks: [], rows: undefined }] = embedded;
    const found = rows && finder.find(rows);
    const scores = found && this.scores(found);
    const { labels } = this.context.vocabulary;
    return subjectIds.map((subjectId) => {
      const k = found ? found.ids.subarray(0, found.n).indexOf(subjectId) : -1;
      const score = (k < 0 ? undefined : scores?.[k]) ?? 0;
      if (!found || !(score > 0)) return { subjectId, score: 0, evidence: [], contributions: [] };
      const chunk = chunks[found.pieces[k] as number];
      const label = labels.texts.get(found.labels[k] as number);
      return {
        subjectId,
        score: Math.min(1, score),
        evidence: chunk ? [{ ...chunk, label, kind: 'meaning' }] : [],
        contributions: this.contributions(found, k),
      };
    });
  }

  save(): ModelData {
    return saveEmbeddingModel(this.model);
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('the project was closed'));
    await this.embedder.embedder.close?.();
  }

  private get retrain(): string {
    return `Train the project again: catchword train ${this.context.projectId} <corpus>`;
  }

  private async prepare(docs: readonly Document[], signal: AbortSignal | undefined) {
    const { analyzer } = this.context;
    const budget = new Budget(this.params.service.batch, 'a batch');
    const stop = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    this.finder ??= this.openFinder(budget).catch((error) => {
      this.finder = undefined; // the next one tries again
      throw error;
    });
    const finder = await this.finder;
    const embedded = await embedDocuments(this.embedder, analyzer, docs, this.params, { budget, signal: stop });
    const { dimensions } = this.model.rows;
    const odd = embedded.find(({ rows }) => rows.n > 0 && rows.dimensions !== dimensions)?.rows.dimensions;
    if (odd !== undefined) {
      throw new EndpointError(
        'unreadable',
        `${this.model.modelName} gives vectors of ${odd} dimensions, and gave the labels ${dimensions}`,
        { hint: `The service has another model of that name now. ${this.retrain}` },
      );
    }
    return { finder, embedded, budget };
  }

  /** Lays the vectors out; labels that are new since the training are embedded now. */
  private async openFinder(budget: Budget): Promise<CandidateFinder> {
    const { model, context, params, embedder } = this;
    const { signal } = this.closing;
    const languages = params.languages ?? [context.language];
    const labels = await currentLabels(context, languages, model, embedder, { budget, signal });
    this.warnings = labels.warnings;
    return new CandidateFinder(context.vocabulary, labels, model.background);
  }

  /** @returns shape (n): probabilities, or similarities where there are no trees */
  private scores({ n, X }: EmbeddingCandidates): Float32Array {
    const { trees } = this.model;
    const { scorer } = this;
    if (!trees || !scorer)
      return Float32Array.from({ length: n }, (_, k) => X[k * N_FEATURES + COLUMN.similarity] ?? 0);
    const logOdds = new Float64Array(n).fill(trees.base);
    scorer.load(X, n);
    scorer.addValues(
      0,
      Uint32Array.from({ length: n }, (_, k) => k),
      n,
      logOdds,
    );
    return Float32Array.from(logOdds, (value) => 1 / (1 + Math.exp(-value)));
  }

  private contributions({ X }: EmbeddingCandidates, row: number): Contribution[] {
    const parts = this.model.trees?.contributions(X, row);
    if (!parts) return [];
    return FEATURES.map(({ name, text }, f) => {
      const value = X[row * N_FEATURES + f] as number;
      return { feature: name, text, value: Number.isNaN(value) ? null : value, weight: parts[f] as number };
    })
      .filter(({ weight }) => Math.abs(weight) >= 0.01)
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      .slice(0, MOST_CONTRIBUTIONS);
  }
}

/** Subjects whose labels mean what a text is about, also in other words and other languages. */
export const embedding: BackendType<EmbeddingParams> = {
  name: 'embedding',
  paramHelp: EMBEDDING_PARAM_HELP,
  parseParams: parseEmbeddingParams,
  async train(context, corpus, params, options) {
    options.signal?.throwIfAborted();
    const embedder = openEmbedder(params, context);
    try {
      const { model, report } = await trainEmbedding(context, corpus, params, embedder, options);
      return { backend: new EmbeddingBackend(context, params, model, embedder), report };
    } catch (error) {
      await embedder.embedder.close?.();
      throw error;
    }
  },
  load(context, data, params) {
    const model = loadEmbeddingModel(context, data);
    const embedder = openEmbedder(params, context);
    const { name } = embedder.embedder;
    const hint = `Train the project again: catchword train ${context.projectId} <corpus>`;
    if (name !== model.modelName || params.labelPrefix !== model.labelPrefix) {
      const [stored, wanted] = [model, { modelName: name, labelPrefix: params.labelPrefix }].map(
        (each) => `${each.modelName}${each.labelPrefix === '' ? '' : ` after ${JSON.stringify(each.labelPrefix)}`}`,
      );
      throw new ModelError(
        'model-incompatible',
        `The labels of "${context.projectId}" were embedded by ${stored}, and the configuration names ${wanted}`,
        { hint },
      );
    }
    return new EmbeddingBackend(context, params, model, embedder);
  },
};
