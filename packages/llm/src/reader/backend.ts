import { setMaxListeners } from 'node:events';
import {
  type Backend,
  type BackendContext,
  type BackendType,
  type Consultation,
  type Document,
  type Explanation,
  type ModelData,
  NO_USAGE,
  type RawParams,
  type Source,
  type SubjectId,
  type SuggestionBatch,
  SuggestionBatchBuilder,
  type SuggestOptions,
} from '@catchword/core';
import { bestSetSize, expectedF1 } from '@catchword/evaluation';
import type { CsrPattern } from '@catchword/math';
import {
  askSources,
  assignmentsOfSources,
  canLearn,
  changesSince,
  explainSources,
  findsSimilar,
  keepsAssignments,
  learnInSources,
  similarInSources,
  suggestOneByOne,
} from '@catchword/sources';
import { EndpointError } from '../client/endpoint-error.js';
import { LLM_ENSEMBLE_PARAM_HELP, parseLlmEnsembleParams } from './annif-params.js';
import { BaseRows } from './base-row.js';
import type { CandidateReading } from './candidate-reader.js';
import { chooseDocuments } from './choose-documents.js';
import { FixedWeight, type Fusing } from './fuse.js';
import { fusingOf, loadReaderModel, type ReaderModel, saveReaderModel } from './model.js';
import { openReader } from './open-reader.js';
import { LLM_PARAM_HELP, type LlmParams, parseLlmParams } from './params.js';
import { BatchReader } from './read-batch.js';
import { SOURCE_LIMIT, trainReader } from './train-reader.js';

/** What a fusion is told of a candidate: the value, its rank among those of the document, and whether it has one. */
const EVIDENCE = ['grade', 'gradeRank', 'present'] as const;

/** Has a language model read texts with the candidates of the sources, and moves these up or down. */
class LlmBackend implements Backend {
  readonly isCalibrated: boolean;
  private readonly context: BackendContext;
  private readonly params: LlmParams;
  private readonly model: ReaderModel | undefined;
  private readonly sources: readonly Source[];
  private readonly rows: BaseRows;
  private readonly fusing: Fusing;
  private readonly warnings: readonly string[];
  /** Absent where no model can be asked: the sources are passed through. */
  private readonly batchReader: BatchReader | undefined;
  private readonly closing = new AbortController();
  /** By way of the sources; absent where none can. */
  readonly learn?: NonNullable<Backend['learn']>;
  readonly similar?: NonNullable<Backend['similar']>;
  /** Those of the source that keeps most records; absent where none keeps any. */
  readonly assignments?: NonNullable<Backend['assignments']>;

  constructor(name: string, context: BackendContext, params: LlmParams, model: ReaderModel | undefined) {
    const { sources = [], vocabulary, projectId } = context;
    this.context = context;
    this.params = params;
    this.model = model;
    this.sources = sources;
    this.rows = new BaseRows(sources, vocabulary.nSubjects);
    const isOfThisMode = model?.mode === params.mode;
    this.fusing = model && isOfThisMode ? fusingOf(model) : new FixedWeight(params);
    const warnings = model ? changesSince(model.sources, sources, name, projectId) : [];
    const refresh = `train it again: catchword train ${projectId} CORPUS`;
    if (model && !isOfThisMode) {
      warnings.push(
        `"${projectId}" was trained in mode ${model.mode} and has ${params.mode} now: a fixed weight stands in; ${refresh}`,
      );
    }
    try {
      const reader = openReader(params, context);
      this.batchReader = new BatchReader(reader, params, context);
      if (model && model.model !== reader.name) {
        warnings.push(
          `"${projectId}" has learnt what ${model.model} is worth, and asks ${reader.name} now; ${refresh}`,
        );
      }
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      warnings.push(`${error.message}; "${projectId}" suggests as its sources do`);
    }
    this.warnings = warnings;
    // A fixed weight makes other numbers of probabilities; where nothing is asked they stay what they are.
    this.isCalibrated = this.rows.isCalibrated && (isOfThisMode || !this.batchReader);
    if (canLearn(sources)) this.learn = (docs) => learnInSources(sources, docs);
    if (findsSimilar(sources)) this.similar = (doc, n) => similarInSources(sources, doc, n);
    if (keepsAssignments(sources)) this.assignments = () => assignmentsOfSources(sources) as CsrPattern;
  }

  async suggest(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const base = await this.base(docs, options);
    const read = await this.read(docs, base, options);
    return this.fused(base, read, options);
  }

  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<Explanation[]> {
    const { nSubjects } = this.context.vocabulary;
    const limit = Math.max(subjectIds.length, SOURCE_LIMIT); // what they were suggested from
    const { batches, warnings } = await askSources(this.sources, [doc], nSubjects, { limit });
    const base = this.rows.join(batches, limit, warnings);
    const { readings } = await this.read([doc], base, {});
    const after = this.fused(base, { readings, warnings: [], usage: NO_USAGE }, { limit });
    const values = readings[0]?.values;
    return explainSources(this.sources, batches, doc, subjectIds, (subjectId) => {
      const k = base.subjectIds.indexOf(subjectId);
      const j = after.subjectIds.indexOf(subjectId);
      if (k < 0 || j < 0) return { score: 0, contributions: [] };
      const [before, score] = [base.scores[k] as number, after.scores[j] as number];
      const value = values?.[k];
      const grade = value === undefined || Number.isNaN(value) ? null : value;
      const contributions = [
        { feature: 'sources', text: 'score of the sources', value: before, weight: before },
        { feature: 'grade', text: 'what the language model makes of it', value: grade, weight: score - before },
      ];
      return { score, contributions: contributions.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)) };
    }).then((explanations) => explanations.map((each) => ({ ...each, scale: 'share' as const })));
  }

  async consult(doc: Document, options: SuggestOptions): Promise<Consultation> {
    const base = await this.base([doc], options);
    const read = await this.read([doc], base, options, true);
    const [reading] = read.readings;
    const grades = new Map<SubjectId, number>();
    reading?.values.forEach((value, i) => {
      if (!Number.isNaN(value)) grades.set(base.subjectIds[i] as number, value);
    });
    const nothing = { readings: [undefined], usage: NO_USAGE, warnings: [] };
    const reason = reading ? undefined : (this.warnings.at(-1) ?? 'there is no text, or no candidate');
    return {
      ...(reason === undefined ? undefined : { reason }),
      questions: reading?.questions ?? [],
      grades,
      usage: read.usage,
      before: this.fused(base, nothing, options),
      after: this.fused(base, read, options),
    };
  }

  save(): ModelData {
    return saveReaderModel(this.model);
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('the project was closed'));
    await this.batchReader?.reader.close?.();
  }

  private async base(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const limit = Math.max(options.limit, SOURCE_LIMIT);
    const asked = { ...options, limit, evidence: false };
    const { nSubjects } = this.context.vocabulary;
    return suggestOneByOne(docs, nSubjects, async (doc) => {
      const { batches, warnings } = await askSources(this.sources, [doc], nSubjects, asked);
      return this.rows.join(batches, limit, [...this.warnings, ...warnings]);
    });
  }

  /** @param all whether a document is read however sure its suggestions are */
  private async read(
    docs: readonly Document[],
    base: SuggestionBatch,
    { hidden, signal }: Pick<SuggestOptions, 'hidden' | 'signal'>,
    all = false,
  ): Promise<Reading> {
    if (!this.batchReader) return { readings: docs.map(() => undefined), usage: NO_USAGE, warnings: [] };
    const { askBelow, askShare } = this.params;
    const wanted = all ? docs.map(() => true) : chooseDocuments(this.confidence(base), askBelow, askShare);
    const stop = AbortSignal.any([this.closing.signal, ...(signal ? [signal] : [])]);
    setMaxListeners(0, stop); // each request under way listens
    return this.batchReader.read(docs, base, this.sources, { wanted, hidden, signal: stop });
  }

  /** How sure the sources are: the F1 to be expected where scores are probabilities, else the best score. */
  private confidence({ nDocs, indptr, scores }: SuggestionBatch): Float64Array {
    return Float64Array.from({ length: nDocs }, (_, i) => {
      const [from, to] = [indptr[i] as number, indptr[i + 1] as number];
      if (!this.rows.isCalibrated) return to > from ? (scores[from] as number) : 0;
      return expectedF1(scores, from, to, bestSetSize(scores, from, to));
    });
  }

  private fused(
    base: SuggestionBatch,
    { readings, usage, warnings }: Reading,
    options: SuggestOptions,
  ): SuggestionBatch {
    const { limit, evidence = false } = options;
    const builder = new SuggestionBatchBuilder(base.nSubjects, evidence ? EVIDENCE : undefined);
    builder.warn(base.warnings);
    builder.warn(warnings);
    builder.charge(base.usage);
    if (usage.calls + usage.cached > 0) builder.charge(usage);
    for (let i = 0; i < base.nDocs; i++) {
      const [from, to] = [base.indptr[i] as number, base.indptr[i + 1] as number];
      const ids = base.subjectIds.subarray(from, to);
      const scores = base.scores.subarray(from, to);
      const values = readings[i]?.values;
      const columns = evidence ? evidenceOf(ids.length, values) : undefined;
      if (values?.some((value) => !Number.isNaN(value))) {
        builder.pushTop(ids, this.fusing.fuse(scores, values), ids.length, limit, columns);
        continue;
      }
      // Nothing was said: the row of the sources, as it is.
      for (let k = 0; k < Math.min(ids.length, limit); k++) {
        builder.push(ids[k] as number, scores[k] as number);
        if (columns) builder.pushEvidence(columns, k);
      }
      builder.endRow();
    }
    return builder.build();
  }
}

interface Reading {
  readonly readings: readonly (CandidateReading | undefined)[];
  readonly usage: NonNullable<SuggestionBatch['usage']>;
  readonly warnings: readonly string[];
}

/**
 * @param n candidates of the document
 * @param values of the first ones; absent where the document was not read
 * @returns shape (n, 3): EVIDENCE, NaN where it is not known
 */
function evidenceOf(n: number, values: Float64Array | undefined): Float32Array {
  const columns = new Float32Array(n * EVIDENCE.length).fill(Number.NaN);
  if (!values?.some((value) => !Number.isNaN(value))) return columns;
  for (let i = 0; i < n; i++) {
    const value = values[i] ?? Number.NaN;
    columns[i * EVIDENCE.length + 2] = Number.isNaN(value) ? 0 : 1;
    if (Number.isNaN(value)) continue;
    columns[i * EVIDENCE.length] = value;
    columns[i * EVIDENCE.length + 1] = meanRank(values, value);
  }
  return columns;
}

/** From 1; equal values share the mean of their ranks. */
function meanRank(values: Float64Array, value: number): number {
  let [above, equal] = [0, 0];
  for (const other of values) {
    if (other > value) above++;
    else if (other === value) equal++;
  }
  return above + (equal + 1) / 2;
}

function backendType(
  name: string,
  paramHelp: Readonly<Record<string, string>>,
  parseParams: (raw: RawParams, problem: (key: string, message: string) => void) => LlmParams,
): BackendType<LlmParams> {
  return {
    name,
    paramHelp,
    parseParams: (raw, problem) => parseParams(raw, problem),
    async train(context, corpus, params, options) {
      const { model, report } = await trainReader(context, corpus, params, options);
      return { backend: new LlmBackend(name, context, params, model), report };
    },
    load: (context, data, params) => new LlmBackend(name, context, params, loadReaderModel(name, context, data)),
  };
}

/** A language model reads the candidates of other projects with the text; it never adds one. */
export const llm = backendType('llm', LLM_PARAM_HELP, parseLlmParams);

/**
 * The same with the settings of Annif's `llm_ensemble`. Unlike there, a candidate that the model says nothing of keeps its
 * score: Annif counts it as 0, which pushes it down wherever an answer is partial.
 *
 * @see Annif pull request 859
 */
export const llmEnsemble = backendType('llm_ensemble', LLM_ENSEMBLE_PARAM_HELP, parseLlmEnsembleParams);
