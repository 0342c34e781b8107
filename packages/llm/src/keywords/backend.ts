import {
  type Backend,
  type BackendContext,
  type BackendType,
  type Consultation,
  type Contribution,
  type Document,
  type Explanation,
  type ModelData,
  type SubjectId,
  SuggestionBatch,
  SuggestionBatchBuilder,
  type SuggestOptions,
} from '@catchword/core';
import { Budget } from '../client/budget.js';
import { EndpointError } from '../client/endpoint-error.js';
import { SECOND_STATE } from '../client/endpoint-state.js';
import type { GroupEmbedder } from '../embedding/group-embedder.js';
import type { LabelVectors } from '../embedding/label-vectors.js';
import { openEmbedder } from '../embedding/open-embedder.js';
import { FEATURES, fixedScore, type MappedKeywords, N_FEATURES } from './keyword-candidates.js';
import { KeywordMapper } from './keyword-mapper.js';
import { KeywordWriter, type WrittenKeywords } from './keyword-writer.js';
import { LabelLookup } from './label-lookup.js';
import { type KeywordModel, loadKeywordModel, saveKeywordModel } from './model.js';
import { NearestLabels } from './nearest-labels.js';
import { KEYWORD_PARAM_HELP, type KeywordParams, parseKeywordParams } from './params.js';
import { embedVocabulary, trainKeywords } from './train.js';

const FEATURE_NAMES = FEATURES.map(({ name }) => name);

/** A language model writes keywords; the subjects whose labels they are, are suggested, and nothing else. */
class KeywordBackend implements Backend {
  readonly isCalibrated: boolean;
  private readonly context: BackendContext;
  private readonly params: KeywordParams;
  private readonly model: KeywordModel;
  private readonly writer: KeywordWriter;
  private readonly mapper: KeywordMapper;
  private readonly closing = new AbortController();
  private readonly warnings: readonly string[];

  constructor(
    context: BackendContext,
    params: KeywordParams,
    model: KeywordModel,
    writer: KeywordWriter,
    mapper: KeywordMapper,
    warnings: readonly string[] = [],
  ) {
    this.context = context;
    this.params = params;
    this.model = model;
    this.writer = writer;
    this.mapper = mapper;
    this.isCalibrated = model.trees !== undefined;
    this.warnings = [
      ...warnings,
      ...(model.trees && model.modelName !== writer.name
        ? [
            `"${context.projectId}" has learnt what keywords of ${model.modelName} are worth, and asks ${writer.name} now; ` +
              `train it again: catchword train ${context.projectId} CORPUS`,
          ]
        : []),
    ];
  }

  async suggest(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const { limit, evidence = false } = options;
    const batch = new Budget(this.params.service.batch, 'a batch');
    const written = await Promise.all(docs.map(({ text }) => this.write(text, batch, options.signal)));
    requireSome(written);
    const texts = written.map(({ keywords }, i) => ({ keywords, text: docs[i]?.text ?? '' }));
    const { mapped: all, warnings } = await this.mapper.map(texts, batch, options.signal);
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects, evidence ? FEATURE_NAMES : undefined);
    builder.warn([...this.warnings, ...warnings]);
    for (const [i, { failure }] of written.entries()) {
      if (failure) builder.warn([`"${this.context.projectId}" has no keywords for some texts: ${failure.message}`]);
      const mapped = all[i] as MappedKeywords;
      const ids = mapped.candidates.map(({ subjectId }) => subjectId);
      builder.pushTop(ids, this.scores(mapped), ids.length, limit, evidence ? mapped.X : undefined);
    }
    if (batch.usage.calls + batch.usage.cached > 0) builder.charge(batch.usage);
    return builder.build();
  }

  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<Explanation[]> {
    const { mapped } = await this.keywordsOf(doc, new Budget({}, 'a document'), undefined);
    const scores = this.scores(mapped);
    return subjectIds.map((subjectId) => {
      const k = mapped.candidates.findIndex((each) => each.subjectId === subjectId);
      if (k < 0) return { subjectId, score: 0, evidence: [], contributions: [] };
      const score = Math.min(1, scores[k] as number);
      return { subjectId, score, evidence: this.places(doc.text, mapped, k), contributions: this.parts(mapped, k) };
    });
  }

  async newTerms(doc: Document): Promise<readonly string[]> {
    const { mapped, failure } = await this.keywordsOf(doc, new Budget({}, 'a document'), undefined);
    if (failure) throw failure;
    return mapped.unknown;
  }

  async consult(doc: Document, options: SuggestOptions): Promise<Consultation> {
    const budget = new Budget({}, 'a document');
    const { question, mapped, warnings } = await this.keywordsOf(doc, budget, options.signal);
    const scores = this.scores(mapped);
    const { nSubjects } = this.context.vocabulary;
    const builder = new SuggestionBatchBuilder(nSubjects);
    builder.warn([...this.warnings, ...warnings]);
    const ids = mapped.candidates.map(({ subjectId }) => subjectId);
    builder.pushTop(ids, scores, ids.length, options.limit);
    return {
      questions: [question],
      grades: new Map(ids.map((id, k) => [id, Math.min(1, scores[k] as number)])),
      usage: budget.usage,
      before: new SuggestionBatch(nSubjects, new Uint32Array(2), new Uint32Array(0), new Float32Array(0)),
      after: builder.build(),
    };
  }

  save(): ModelData {
    return saveKeywordModel(this.model);
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('the project was closed'));
    await this.writer.close();
    await this.mapper.close();
  }

  private async keywordsOf(doc: Document, budget: Budget, signal: AbortSignal | undefined) {
    const written = await this.write(doc.text, budget, signal);
    const texts = [{ keywords: written.keywords, text: doc.text }];
    const { mapped, warnings } = await this.mapper.map(texts, budget, signal);
    return { ...written, mapped: mapped[0] as MappedKeywords, warnings };
  }

  private write(text: string, parent: Budget, signal: AbortSignal | undefined): Promise<WrittenKeywords> {
    const stop = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    return this.writer.write(text, new Budget(this.params.service.document, 'a document', parent), stop);
  }

  private scores({ candidates, X }: MappedKeywords): Float32Array {
    const { trees } = this.model;
    return Float32Array.from(candidates, (_, k) =>
      trees ? 1 / (1 + Math.exp(-trees.predict(X, k))) : fixedScore(X, k * N_FEATURES),
    );
  }

  /** Where the keyword stands in the text, if it does. */
  private places(text: string, { candidates }: MappedKeywords, k: number): Explanation['evidence'] {
    const { keyword, match } = candidates[k] as MappedKeywords['candidates'][number];
    const start = text.toLowerCase().indexOf(keyword.toLowerCase());
    const end = start + keyword.length;
    if (start < 0 || end > text.length) return [];
    const label = this.context.vocabulary.labels.texts.get(match.label);
    const kind = match.kind === 'bare' ? 'label' : match.kind;
    return [{ start, end, label, kind }];
  }

  private parts({ X }: MappedKeywords, k: number): Contribution[] {
    const parts = this.model.trees?.contributions(X, k);
    if (!parts) return [];
    return FEATURES.map(({ name, text }, f) => {
      return { feature: name, text, value: X[k * N_FEATURES + f] as number, weight: parts[f] as number };
    })
      .filter(({ weight }) => Math.abs(weight) >= 0.01)
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  }
}

/** @throws {EndpointError} the first failure, where no text has keywords: so an ensemble knows that the source is missing */
function requireSome(written: readonly WrittenKeywords[]): void {
  const failures = written.map(({ failure }) => failure);
  if (failures.length > 0 && failures.every((failure) => failure !== undefined)) throw failures[0] as EndpointError;
}

/** Where the same endpoint is asked for both, all that is agreed on holds for both; another one has its own. */
function stateFrom({ service, nearness }: KeywordParams): number {
  return nearness?.embedding.service.endpoint?.url === service.endpoint?.url ? 0 : SECOND_STATE;
}

/** @returns nothing but a warning where labels have no vectors of the model that is configured: keywords are mapped by label then */
function openNearest(
  context: BackendContext,
  params: KeywordParams,
  vectors: LabelVectors | undefined,
): { readonly nearest?: NearestLabels; readonly warnings: readonly string[] } {
  const { nearness } = params;
  if (!nearness) return { warnings: [] };
  const { projectId } = context;
  const byLabel = `"${projectId}" maps keywords by label alone`;
  try {
    const embedder = openEmbedder(nearness.embedding, context, stateFrom(params));
    if (vectors?.modelName === embedder.embedder.name && vectors.labelPrefix === nearness.embedding.labelPrefix) {
      return { nearest: new NearestLabels(context, nearness, vectors, embedder), warnings: [] };
    }
    const why = vectors ? `its labels were embedded by ${vectors.modelName}` : 'its labels were not embedded yet';
    return { warnings: [`${byLabel}, since ${why}; train it again: catchword train ${projectId} CORPUS`] };
  } catch (error) {
    if (!(error instanceof EndpointError)) throw error;
    return { warnings: [`${byLabel}: ${error.message}`] };
  }
}

/** A language model as a source of candidates: what it writes is mapped to the vocabulary, and what cannot be is left out. */
export const llmKeywords: BackendType<KeywordParams> = {
  name: 'llm_keywords',
  paramHelp: KEYWORD_PARAM_HELP,
  parseParams: parseKeywordParams,
  async train(context, corpus, params, options) {
    options.signal?.throwIfAborted();
    const writer = KeywordWriter.open(params, context);
    const lookup = new LabelLookup(context.vocabulary, context.analyzer, context.language);
    const { nearness } = params;
    let embedder: GroupEmbedder | undefined;
    try {
      embedder = nearness && openEmbedder(nearness.embedding, context, stateFrom(params));
      const labels = nearness && embedder && (await embedVocabulary(context, nearness.embedding, embedder, options));
      const nearest =
        nearness && embedder && labels ? new NearestLabels(context, nearness, labels.vectors, embedder) : undefined;
      const mapper = new KeywordMapper(lookup, nearest);
      const { model, report } = await trainKeywords(context, corpus, params, writer, mapper, labels, options);
      return { backend: new KeywordBackend(context, params, model, writer, mapper), report };
    } catch (error) {
      await writer.close();
      await embedder?.embedder.close?.();
      throw error;
    }
  },
  load(context, data, params) {
    const model = loadKeywordModel(context, data);
    const lookup = new LabelLookup(context.vocabulary, context.analyzer, context.language);
    const writer = KeywordWriter.open(params, context);
    const { nearest, warnings } = openNearest(context, params, model.labels);
    return new KeywordBackend(context, params, model, writer, new KeywordMapper(lookup, nearest), warnings);
  },
};
