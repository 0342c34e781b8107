import type {
  Backend,
  BackendContext,
  BackendType,
  Document,
  Explanation,
  ModelData,
  SubjectId,
  SuggestionBatch,
  SuggestOptions,
} from '@catchword/core';
import { type CsrPattern, packArrays } from '@catchword/math';
import {
  askSources,
  assignmentsOfSources,
  Combiner,
  canLearn,
  explainSources,
  findsSimilar,
  keepsAssignments,
  learnInSources,
  similarInSources,
  suggestOneByOne,
} from '@catchword/sources';
import { ENSEMBLE_PARAM_HELP, type EnsembleParams, parseEnsembleParams } from './params.js';

/** Each source gives at least so many candidates, as in Annif, whatever is asked of the ensemble. */
export const SOURCE_LIMIT = 100;

class EnsembleBackend implements Backend {
  private readonly context: BackendContext;
  private readonly combiner: Combiner;
  /** Absent where no source can learn. */
  readonly learn?: (docs: readonly Document[]) => Promise<void>;
  /** By way of the sources; absent where none compares records. */
  readonly similar?: NonNullable<Backend['similar']>;
  /** Those of the source that keeps most records; absent where none keeps any. */
  readonly assignments?: NonNullable<Backend['assignments']>;

  constructor(context: BackendContext, params: EnsembleParams) {
    this.context = context;
    const { sources = [] } = context;
    if (canLearn(sources)) this.learn = (docs) => learnInSources(sources, docs);
    if (findsSimilar(sources)) this.similar = (doc, n) => similarInSources(sources, doc, n);
    if (keepsAssignments(sources)) this.assignments = () => assignmentsOfSources(sources) as CsrPattern;
    this.combiner = new Combiner(context.vocabulary.nSubjects, params);
  }

  async suggest(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const { sources = [], vocabulary } = this.context;
    const asked = { ...options, limit: Math.max(options.limit, SOURCE_LIMIT), evidence: false };
    return suggestOneByOne(docs, vocabulary.nSubjects, async (doc) => {
      const { batches, warnings } = await askSources(sources, [doc], vocabulary.nSubjects, asked);
      return this.combiner.combine(batches, sources, options.limit, warnings);
    });
  }

  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<Explanation[]> {
    const { sources = [], vocabulary } = this.context;
    const limit = Math.max(subjectIds.length, SOURCE_LIMIT); // what they were suggested from
    const { batches } = await askSources(sources, [doc], vocabulary.nSubjects, { limit });
    const joined = this.combiner.combine(batches, sources, limit);
    return explainSources(sources, batches, doc, subjectIds, (subjectId) => {
      const k = joined.subjectIds.indexOf(subjectId);
      return { score: k < 0 ? 0 : joined.scores[k], contributions: [] };
    });
  }

  save(): ModelData {
    return { meta: {}, pack: packArrays({}) };
  }
}

/** Annif's `ensemble`: a weighted mean of its sources' scores, with exponents and rank fusion besides. */
export const ensemble: BackendType<EnsembleParams> = {
  name: 'ensemble',
  paramHelp: ENSEMBLE_PARAM_HELP,
  parseParams: parseEnsembleParams,
  load: (context, _model, params) => new EnsembleBackend(context, params),
};
