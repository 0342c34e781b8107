import {
  type Backend,
  type BackendContext,
  type BackendType,
  type Document,
  type Explanation,
  type ModelData,
  type SubjectId,
  type SuggestionBatch,
  SuggestionBatchBuilder,
  type SuggestOptions,
} from '@catchword/core';
import type { CsrPattern } from '@catchword/math';
import {
  askSources,
  assignmentsOfSources,
  Combiner,
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
  suggestOneByOne,
} from '@catchword/sources';
import { SOURCE_LIMIT } from '../ensemble/backend.js';
import { loadPav, type PavModel, savePav } from './model.js';
import { PAV_PARAM_HELP, type PavParams, parsePavParams } from './params.js';
import { ScoreCollector } from './subject-curves.js';

/** A weighted mean of probabilities: each source's scores go through curves, one for each subject. */
class PavBackend implements Backend {
  private readonly context: BackendContext;
  private readonly model: PavModel;
  private readonly combiner: Combiner;
  private readonly warnings: readonly string[];
  /** Reaches the sources; absent where none can learn. */
  readonly learn?: (docs: readonly Document[]) => Promise<void>;
  /** By way of the sources; absent where none compares records. */
  readonly similar?: NonNullable<Backend['similar']>;
  /** Those of the source that keeps most records; absent where none keeps any. */
  readonly assignments?: NonNullable<Backend['assignments']>;

  constructor(context: BackendContext, model: PavModel) {
    const { sources = [], vocabulary, projectId } = context;
    this.context = context;
    this.model = model;
    this.combiner = new Combiner(vocabulary.nSubjects, { combine: 'mean', rankConstant: 60 });
    this.warnings = changesSince(model.sources, sources, 'pav', projectId);
    const { learnt } = this;
    if (canLearn(learnt)) this.learn = (docs) => learnInSources(learnt, docs);
    if (findsSimilar(learnt)) this.similar = (doc, n) => similarInSources(learnt, doc, n);
    if (keepsAssignments(learnt)) this.assignments = () => assignmentsOfSources(learnt) as CsrPattern;
  }

  async suggest(docs: readonly Document[], options: SuggestOptions): Promise<SuggestionBatch> {
    const limit = Math.max(options.limit, SOURCE_LIMIT);
    const asked = { ...options, limit, evidence: false };
    return suggestOneByOne(docs, this.context.vocabulary.nSubjects, async (doc) => {
      const { batches, warnings } = await this.ask(doc, asked);
      return this.combine(batches, options.limit, [...this.warnings, ...warnings], options.hidden);
    });
  }

  async explain(doc: Document, subjectIds: readonly SubjectId[]): Promise<Explanation[]> {
    const limit = Math.max(subjectIds.length, SOURCE_LIMIT); // what they were suggested from
    const { batches } = await this.ask(doc, { limit });
    const joined = this.combine(batches, limit, []);
    return explainSources(this.learnt, batches, doc, subjectIds, (subjectId) => {
      const k = joined.subjectIds.indexOf(subjectId);
      return { score: k < 0 ? 0 : joined.scores[k], contributions: [] };
    });
  }

  save(): ModelData {
    return savePav(this.model);
  }

  /** The sources that the model has curves for. */
  private get learnt() {
    const { sources = [] } = this.context;
    return sources.filter(({ projectId }) => this.model.sources.some((learnt) => learnt.projectId === projectId));
  }

  private ask(doc: Document, options: SuggestOptions) {
    return askSources(this.learnt, [doc], this.context.vocabulary.nSubjects, options);
  }

  private combine(
    batches: readonly (SuggestionBatch | undefined)[],
    limit: number,
    warnings: readonly string[],
    hidden?: Uint8Array,
  ): SuggestionBatch {
    const { learnt } = this;
    const probable = batches.map((batch, s) => batch && this.probabilities(batch, learnt[s].projectId, hidden));
    return this.combiner.combine(probable, learnt, limit, warnings);
  }

  private probabilities(batch: SuggestionBatch, projectId: string, hidden: Uint8Array | undefined): SuggestionBatch {
    const curves = this.model.curves[this.model.sources.findIndex((each) => each.projectId === projectId)];
    const builder = new SuggestionBatchBuilder(batch.nSubjects);
    builder.charge(batch.usage);
    for (let i = 0; i < batch.nDocs; i++) {
      const ids = batch.subjectIds.subarray(batch.indptr[i], batch.indptr[i + 1]);
      const scores = Float32Array.from(ids, (id, k) => {
        const score = batch.scores[batch.indptr[i] + k];
        return hidden?.[id] ? score : curves.value(id, score);
      });
      builder.pushTop(ids, scores, ids.length, ids.length);
    }
    return builder.build();
  }
}

/**
 * Annif's `pav`: isotonic regression for each source and subject, then the weighted mean.
 *
 * Subjects with fewer documents than `min-docs` keep the sources' own scores, which are not probabilities: so those that no
 * document of the training corpus has are judged on another scale than the rest. `fusion` has no such seam.
 *
 * @see Annif 1.4.3, annif/backend/pav.py
 */
export const pav: BackendType<PavParams> = {
  name: 'pav',
  paramHelp: PAV_PARAM_HELP,
  parseParams: parsePavParams,
  async train(context, corpus, params, options) {
    const { sources = [], vocabulary } = context;
    const collectors = sources.map(() => new ScoreCollector());
    const nGold = new Uint32Array(vocabulary.nSubjects);
    let nDocs = 0;
    const answers = heldOutAnswers(heldOutOf(context, corpus, options), SOURCE_LIMIT, options);
    for await (const { docs, batches } of answers) {
      docs.forEach((doc, i) => {
        const gold = new Set(doc.subjects ?? []);
        nDocs++;
        for (const id of gold) nGold[id]++;
        batches.forEach((batch, s) => {
          for (let k = batch.indptr[i]; k < batch.indptr[i + 1]; k++) {
            const id = batch.subjectIds[k];
            collectors[s].add(id, batch.scores[k], gold.has(id));
          }
        });
      });
    }
    const curves = collectors.map((collector) => collector.fit(nGold, nDocs, params.minDocs));
    const nCurves = curves[0]?.subjects.length ?? 0;
    if (nCurves === 0) {
      options.onWarning?.(
        `no subject has ${params.minDocs} documents among ${nDocs}: "${context.projectId}" is the mean that an ensemble is. ` +
          'Train it on more documents, or lower min-docs',
      );
    }
    const model = { sources: learntSources(sources), curves, nSubjects: vocabulary.nSubjects };
    const report = { documents: nDocs, subjectsWithCurves: nCurves };
    return { backend: new PavBackend(context, model), report };
  },
  load: (context, data) => new PavBackend(context, loadPav(context, data)),
};
