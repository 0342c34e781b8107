import {
  type Backend,
  type BackendContext,
  type BackendType,
  type Document,
  type Explanation,
  type ModelData,
  type Source,
  type SubjectId,
  type SuggestionBatch,
  SuggestionBatchBuilder,
  type SuggestOptions,
} from '@catchword/core';
import type { CsrPattern } from '@catchword/math';
import {
  askSources,
  assignmentsOfSources,
  canLearn,
  changesSince,
  explainSources,
  findsSimilar,
  heldOutAnswers,
  heldOutOf,
  keepsAssignments,
  learnInSources,
  learntSources,
  similarInSources,
} from '@catchword/sources';
import { SOURCE_LIMIT } from '../ensemble/backend.js';
import { loadNnEnsemble, type NnEnsembleModel, saveNnEnsemble } from './model.js';
import { NN_ENSEMBLE_PARAM_HELP, type NnEnsembleParams, parseNnEnsembleParams } from './params.js';
import { scoreRow, type TrainingRow } from './score-rows.js';
import { trainNetwork } from './train-network.js';

/** The weighted mean of its sources, corrected by a network that knows single subjects. */
class NnEnsembleBackend implements Backend {
  private readonly context: BackendContext;
  private readonly model: NnEnsembleModel;
  /** The context's sources in the order of the model; absent where one is gone. */
  private readonly sources: readonly (Source | undefined)[];
  private readonly present: readonly Source[];
  private readonly warnings: readonly string[];
  /** Reaches the sources; absent where none can learn. */
  readonly learn?: (docs: readonly Document[]) => Promise<void>;
  /** By way of the sources; absent where none compares records. */
  readonly similar?: NonNullable<Backend['similar']>;
  /** Those of the source that keeps most records; absent where none keeps any. */
  readonly assignments?: NonNullable<Backend['assignments']>;

  constructor(context: BackendContext, model: NnEnsembleModel) {
    const { sources = [], projectId } = context;
    this.context = context;
    this.model = model;
    this.sources = model.sources.map(({ projectId: id }) => sources.find((source) => source.projectId === id));
    this.present = this.sources.filter((source) => source !== undefined);
    this.warnings = changesSince(model.sources, sources, 'nn_ensemble', projectId);
    if (canLearn(this.present)) this.learn = (docs) => learnInSources(this.present, docs);
    if (findsSimilar(this.present)) this.similar = (doc, n) => similarInSources(this.present, doc, n);
    if (keepsAssignments(this.present)) this.assignments = () => assignmentsOfSources(this.present) as CsrPattern;
  }

  async suggest(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const { nSubjects } = this.context.vocabulary;
    const limit = Math.max(options.limit, SOURCE_LIMIT);
    const builder = new SuggestionBatchBuilder(nSubjects);
    builder.warn(this.warnings);
    for (const doc of docs) {
      const { batches, warnings } = await this.ask(doc, { ...options, limit, evidence: false });
      builder.warn(warnings);
      for (const batch of batches) builder.charge(batch?.usage);
      const row = scoreRow(this.inOrder(batches), 0, this.model.weights);
      const { ids, scores } = this.model.network.scores(row, options.hidden);
      builder.pushTop(ids, scores, ids.length, options.limit);
    }
    return builder.build();
  }

  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<Explanation[]> {
    const { batches } = await this.ask(doc, { limit: Math.max(subjectIds.length, SOURCE_LIMIT) });
    const row = scoreRow(this.inOrder(batches), 0, this.model.weights);
    const { ids, scores } = this.model.network.scores(row);
    return explainSources(this.present, batches, doc, subjectIds, (subjectId) => {
      const mean = row.ids.reduce((sum, id, k) => sum + (id === subjectId ? row.values[k] : 0), 0);
      const weight = mean / this.model.weights.length;
      const score = scores[ids.indexOf(subjectId)] ?? 0;
      const contributions = [
        { feature: 'mean', text: 'weighted mean of the square roots of the scores', value: weight, weight },
        { feature: 'network', text: 'what the network learnt of this subject', value: null, weight: score - weight },
      ];
      contributions.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
      return { score: Math.min(1, Math.max(0, score)), contributions, scale: 'share' };
    });
  }

  save(): ModelData {
    return saveNnEnsemble(this.model);
  }

  private ask(doc: Document, options: SuggestOptions) {
    return askSources(this.present, [doc], this.context.vocabulary.nSubjects, options);
  }

  private inOrder(batches: readonly (SuggestionBatch | undefined)[]) {
    return this.sources.map((source) => (source ? batches[this.present.indexOf(source)] : undefined));
  }
}

/**
 * Annif's `nn_ensemble` of releases up to 1.4: a network with weights for each subject and source.
 *
 * A subject that no document of the training corpus has can only be pushed down by it: what the sources reach beyond the
 * training corpus is lost. `fusion` is made to keep it. `learn` reaches the sources, and
 * leaves the network as it is.
 *
 * @see trainNetwork for where it is as Annif's, and why subjects sink
 */
export const nnEnsemble: BackendType<NnEnsembleParams> = {
  name: 'nn_ensemble',
  paramHelp: NN_ENSEMBLE_PARAM_HELP,
  parseParams: parseNnEnsembleParams,
  async train(context, corpus, params, options) {
    const { sources = [], vocabulary } = context;
    const weights = sources.map(({ weight }) => weight);
    const rows: TrainingRow[] = [];
    const answers = heldOutAnswers(heldOutOf(context, corpus, options), SOURCE_LIMIT, options);
    for await (const { docs, batches } of answers) {
      docs.forEach((doc, i) => {
        rows.push({ ...scoreRow(batches, i, weights), gold: [...new Set(doc.subjects ?? [])] });
      });
    }
    const { network, losses } = await trainNetwork(rows, sources.length, vocabulary.nSubjects, params, options);
    const model = { sources: learntSources(sources), weights, network };
    const report = {
      documents: rows.length,
      inputs: network.inputs.length,
      subjects: network.outputs.length,
      subjectsWithPositives: network.nAnywhere,
      losses: losses.map((loss) => Number(loss.toPrecision(6))),
    };
    return { backend: new NnEnsembleBackend(context, model), report };
  },
  load: (context, data) => new NnEnsembleBackend(context, loadNnEnsemble(context, data)),
};
