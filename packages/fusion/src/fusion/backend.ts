import type {
  Backend,
  BackendContext,
  BackendType,
  Contribution,
  Document,
  Explanation,
  JsonValue,
  ModelData,
  Source,
  SubjectId,
  SuggestionBatch,
  SuggestOptions,
} from '@catchword/core';
import { ModelError, SuggestionBatchBuilder } from '@catchword/core';
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
  sourceWithMostRecords,
} from '@catchword/sources';
import { BandCorrection, type CorrectionNote, correctionNote } from './band-correction.js';
import { featureText } from './feature-text.js';
import { type FusionCandidates, FusionFeatures } from './fusion-features.js';
import { maxFrequency } from './max-frequency.js';
import { MeanRanker } from './mean-ranker.js';
import { type FusionModel, loadFusion, saveFusion } from './model.js';
import { FUSION_PARAM_HELP, type FusionParams, parseFusionParams } from './params.js';
import { promoteUntrained } from './promote-untrained.js';
import { RankedRow } from './ranked-row.js';
import { trainFusion } from './train-fusion.js';

const MOST_CONTRIBUTIONS = 8;

/** @throws {ModelError} `model-incompatible` where a model learnt from other features than there are now */
function checkFeatures(learnt: readonly string[], now: readonly string[], projectId: string): void {
  if (learnt.length === now.length && learnt.every((name, i) => name === now[i])) return;
  throw new ModelError('model-incompatible', `The model of project "${projectId}" is of another version of Catchword`, {
    hint: `Train it again: catchword train ${projectId} CORPUS`,
    context: { projectId },
  });
}

/** The trained fusion: judges the candidates of all sources by features that all subjects share. */
class FusionBackend implements Backend {
  readonly isCalibrated = true;
  private readonly context: BackendContext;
  private readonly params: FusionParams;
  private readonly model: FusionModel;
  /** The context's sources in the order of the model's columns; absent where one is gone. */
  private readonly sources: readonly (Source | undefined)[];
  private readonly present: readonly Source[];
  private readonly warnings: readonly string[];
  private readonly features: FusionFeatures;
  /** Shape (nSubjects): what the features read. */
  private readonly frequency: Uint32Array;
  private readonly frequencyColumn: number;
  private readonly untrainedFactor: number;
  private scores: Float64Array = new Float64Array(0);
  private keys = new Float64Array(0);
  private probabilities = new Float64Array(0);
  private readonly row = new RankedRow();
  /** The source whose records tell which subjects are given together, once something is learnt, and the subjects that it had last. */
  private keeper: Source | undefined;
  private assigned: CsrPattern | undefined;
  /** Absent where no source can learn. */
  readonly learn?: NonNullable<Backend['learn']>;
  /** By way of the sources; absent where none compares records. */
  readonly similar?: NonNullable<Backend['similar']>;
  /** Those of the source that keeps most records; absent where none keeps any. */
  readonly assignments?: NonNullable<Backend['assignments']>;

  constructor(context: BackendContext, params: FusionParams, model: FusionModel) {
    const { sources = [], vocabulary, language } = context;
    this.context = context;
    this.params = params;
    this.model = model;
    this.sources = model.columns.map(({ projectId }) => sources.find((source) => source.projectId === projectId));
    this.present = this.sources.filter((source) => source !== undefined);
    this.warnings = changesSince(model.sources, sources, 'fusion', context.projectId);
    this.frequency = maxFrequency(sources, vocabulary.nSubjects);
    const { together, neighbours, curves } = model;
    const further = { together, neighbours, calibrated: curves !== undefined, curves };
    this.features = new FusionFeatures(model.columns, vocabulary, language, this.frequency, further);
    checkFeatures(model.names, this.features.names, context.projectId);
    if (canLearn(this.present)) this.learn = (docs, notes) => this.learnRecords(docs, notes);
    if (findsSimilar(this.present)) this.similar = (doc, n) => similarInSources(this.present, doc, n);
    if (keepsAssignments(this.present)) this.assignments = () => assignmentsOfSources(this.present) as CsrPattern;
    this.frequencyColumn = this.features.names.indexOf('frequency');
    this.untrainedFactor = params.untrainedFactor ?? model.untrainedFactor;
  }

  async suggest(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const { nSubjects } = this.context.vocabulary;
    const builder = new SuggestionBatchBuilder(nSubjects);
    builder.warn(this.warnings);
    for (const doc of docs) {
      const { batches, warnings } = await this.ask([doc], options.hidden);
      builder.warn(warnings);
      for (const batch of batches) builder.charge(batch?.usage);
      const candidates = this.features.build(batches, 0, doc.text.length, options.hidden);
      this.judge(candidates);
      const { order, probabilities } = this.row;
      const n = Math.min(candidates.n, options.limit);
      for (let r = 0; r < n; r++) builder.push(candidates.ids[order[r]], probabilities[r]);
      builder.endRow();
    }
    return builder.build();
  }

  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<Explanation[]> {
    const { batches } = await this.ask([doc], undefined);
    const candidates = this.features.build(batches, 0, doc.text.length);
    this.judge(candidates);
    const { order, probabilities } = this.row;
    const own = new Map(
      subjectIds.map((id) => {
        const row = candidates.ids.subarray(0, candidates.n).indexOf(id);
        if (row < 0) return [id, { score: 0, contributions: [] }];
        const score = probabilities[order.subarray(0, candidates.n).indexOf(row)];
        return [id, { score, ...this.contributions(candidates, row, score) }];
      }),
    );
    const bySource = this.present.map((source) => batches[this.sources.indexOf(source)]);
    return explainSources(
      this.present,
      bySource,
      doc,
      subjectIds,
      (id) => own.get(id) ?? { score: 0, contributions: [] },
    );
  }

  /** Compares what it would suggest with the records' subjects. */
  async assess(docs: readonly Document[]): Promise<CorrectionNote[]> {
    const { batches } = await this.ask(docs, undefined);
    const { nFeatures } = this.features;
    return docs.map((doc, i) => {
      const { n, ids, X } = this.features.build(batches, i, doc.text.length);
      this.score({ n, X });
      const logFrequencies = Array.from({ length: n }, (_, row) => X[row * nFeatures + this.frequencyColumn]);
      const probabilities = logFrequencies.map((log, row) => this.model.calibration.probability(this.scores[row], log));
      const right = Array.from(ids.subarray(0, n), (id) => doc.subjects?.includes(id) === true);
      return BandCorrection.note(probabilities, logFrequencies, right);
    });
  }

  private async learnRecords(docs: readonly Document[], notes?: readonly JsonValue[]): Promise<void> {
    const known = notes ?? (await this.assess(docs));
    const { together } = this.model;
    this.keeper ??= sourceWithMostRecords(this.present);
    const before = this.assigned ?? this.keeper?.assignments?.();
    await learnInSources(this.present, docs);
    this.assigned = this.keeper?.assignments?.();
    if (together && before && this.assigned) together.update(before, this.assigned);
    this.frequency.set(maxFrequency(this.context.sources ?? [], this.frequency.length));
    for (const [i, { subjects = [] }] of docs.entries()) {
      const note = correctionNote(known[i]);
      if (note) this.model.correction.add(note, subjects);
    }
  }

  save(): ModelData {
    return saveFusion(this.model);
  }

  private async ask(docs: readonly Document[], hidden: Uint8Array | undefined) {
    const { nSubjects } = this.context.vocabulary;
    const { batches, warnings } = await askSources(this.present, docs, nSubjects, {
      limit: this.params.sourcesLimit,
      evidence: true,
      ...(hidden ? { hidden } : undefined),
    });
    return {
      batches: this.sources.map((source) => (source ? batches[this.present.indexOf(source)] : undefined)),
      warnings,
    };
  }

  /** Finds the candidates' order and probabilities: `row` holds them. */
  private judge(candidates: FusionCandidates): void {
    const { model, frequencyColumn, untrainedFactor } = this;
    const { calibration, correction } = model;
    const { nFeatures } = this.features;
    const { n, ids, X } = candidates;
    this.score(candidates);
    const { scores, keys, probabilities } = this;
    for (let i = 0; i < n; i++) {
      const logFrequency = X[i * nFeatures + frequencyColumn];
      // What was learnt of a band moves its subjects in the order, too.
      keys[i] = correction.correct(calibration.common(scores[i]), logFrequency);
      probabilities[i] = correction.correct(calibration.probability(scores[i], logFrequency), logFrequency);
    }
    const isUntrained = (row: number) => X[row * nFeatures + frequencyColumn] === 0;
    this.row.rank(ids, keys, probabilities, n, (order) => promoteUntrained(order, keys, isUntrained, untrainedFactor));
  }

  /** Has the ranker score the candidates: `scores` holds them in their order. */
  private score({ n, X }: Pick<FusionCandidates, 'n' | 'X'>): void {
    const { frequencyColumn } = this;
    const { nFeatures } = this.features;
    if (this.probabilities.length < n) {
      this.probabilities = new Float64Array(n * 2);
      this.keys = new Float64Array(n * 2);
    }
    const { ranker } = this.model;
    this.scores =
      ranker instanceof MeanRanker
        ? ranker.score({ X, nFeatures }, n)
        : ranker.scoreDocument(X, n, (row) => X[row * nFeatures + frequencyColumn] === 0);
  }

  /** Trees add log odds; of a mean each source gives a part of the score. */
  private contributions(
    { X }: FusionCandidates,
    row: number,
    score: number,
  ): Pick<Explanation, 'contributions' | 'scale'> {
    const { ranker } = this.model;
    const { names, nFeatures } = this.features;
    const isMean = ranker instanceof MeanRanker;
    const parts = isMean ? names.map((_, f) => ranker.part(X, row * nFeatures, f)) : [...ranker.contributions(X, row)];
    const sum = parts.reduce((total, part) => total + part, 0);
    const unit = isMean && sum > 0 ? score / sum : 1;
    const contributions = names
      .map((feature, f): Contribution => {
        const value = X[row * nFeatures + f];
        const weight = parts[f] * unit;
        return { feature, text: featureText(feature), value: Number.isNaN(value) ? null : value, weight };
      })
      .filter(({ weight }) => Math.abs(weight) >= 0.001)
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      .slice(0, MOST_CONTRIBUTIONS);
    return { contributions, ...(isMean ? { scale: 'share' } : undefined) };
  }
}

/** The product's own fusion. */
export const fusion: BackendType<FusionParams> = {
  name: 'fusion',
  paramHelp: FUSION_PARAM_HELP,
  parseParams: parseFusionParams,
  async train(context, corpus, params, options) {
    const { model, report } = await trainFusion(context, corpus, params, options);
    return { backend: new FusionBackend(context, params, model), report };
  },
  load: (context, data, params) => new FusionBackend(context, params, loadFusion(context, data)),
};
