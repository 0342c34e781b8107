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
import { SuggestionBatchBuilder } from '@catchword/core';
import { csrFromPairs } from '@catchword/math';
import { sharedVectors, type TfidfVectorizer } from '@catchword/text';
import { labelTextVectors } from '../label-text-vectors.js';
import { indexRows } from '../similarity/build-row-index.js';
import { NearestRows } from '../similarity/nearest-rows.js';
import { RowIndex } from '../similarity/row-index.js';
import { idfFactors } from '../similarity/scaled-rows.js';
import { COSINE_UNITS, PRODUCT_UNITS, SUM_SHIFT } from '../similarity/weight-codes.js';
import { modelData, readStoredModel, vectorizerFacts } from '../stored-model.js';
import { explainTerms } from '../term-explanation.js';
import { vectorSettings } from '../vector-params.js';
import { subjectCentroids } from './centroids.js';
import { parseTfidfParams, TFIDF_PARAM_HELP, type TfidfParams } from './params.js';

/** All that a trained backend knows. */
interface TfidfModel {
  readonly vectorizer: TfidfVectorizer;
  readonly fingerprint: string;
  readonly idfExponent: number;
  readonly smoothing: number;
  readonly labelWeight: number;
  /** Shape (nSubjects, nFeatures): the centroids; of the subjects that there were at training. */
  readonly index: RowIndex;
}

/** The subjects whose records, taken together, are most like a document. */
class TfidfBackend implements Backend {
  private readonly context: BackendContext;
  private readonly model: TfidfModel;
  private readonly factors: Float32Array | undefined;
  private readonly nearest = new NearestRows();
  private scores = new Float32Array(256);
  private labels: RowIndex | undefined;

  constructor(context: BackendContext, model: TfidfModel) {
    this.context = context;
    this.model = model;
    this.factors = idfFactors(model.vectorizer.data.idf, model.idfExponent);
  }

  suggest(docs: readonly Document[], { limit, hidden }: SuggestOptions): SuggestionBatch {
    const { vectorizer, index } = this.model;
    const { nearest } = this;
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects);
    const byLabels = this.subjectsByLabels(hidden);
    const labels = byLabels && this.labelIndex(); // made before a vector is: that needs the vectorizer, too
    const size = Math.min(limit, this.context.vocabulary.nSubjects);
    for (const { text } of docs) {
      nearest.begin(size, hidden);
      const vector = vectorizer.transform(text);
      index.search(vector, this.factors, nearest, size);
      if (labels) {
        nearest.leaveOut(byLabels);
        labels.search(vector, this.factors, nearest, size);
      }
      const { n, rows, sums } = nearest;
      if (this.scores.length < n) this.scores = new Float32Array(n * 2);
      for (let i = 0; i < n; i++) this.scores[i] = sums[i] / COSINE_UNITS;
      builder.pushTop(rows, this.scores, n, limit);
    }
    return builder.build();
  }

  explain(doc: Document, subjectIds: readonly SubjectId[]): Explanation[] {
    const { vectorizer, index, labelWeight } = this.model;
    const isGrown = this.context.vocabulary.nSubjects > index.nRows;
    const labels = labelWeight > 0 && isGrown ? this.labelIndex() : undefined;
    const vector = vectorizer.transform(doc.text);
    const { n, indices: features, values } = vector;
    return subjectIds.map((subjectId) => {
      const known = subjectId < index.nRows ? index : labels;
      if (!known) return { subjectId, score: 0, evidence: [], contributions: [], scale: 'share' };
      const parts = known.parts(vector, this.factors, subjectId);
      let sum = 0;
      for (let k = 0; k < n; k++) sum += parts[k];
      const shares = Float64Array.from(parts, (part) => part / PRODUCT_UNITS);
      return {
        subjectId,
        score: Math.min(1, Math.fround((sum >> SUM_SHIFT) / COSINE_UNITS)),
        ...explainTerms(vectorizer, doc.text, { n, features, shares }, values),
        scale: 'share',
      };
    });
  }

  save(): ModelData {
    const { vectorizer, fingerprint, idfExponent, smoothing, labelWeight, index } = this.model;
    const facts = { nSubjects: index.nRows, idfExponent, smoothing, labelWeight };
    const meta = { ...facts, ...vectorizerFacts(vectorizer, fingerprint) };
    return modelData(meta, { vectors: vectorizer.toArrays(), index: index.toArrays() });
  }

  /** @returns shape (nSubjects): 0 where a subject is judged by its labels alone, being hidden or new; undefined: none is */
  private subjectsByLabels(hidden: Uint8Array | undefined): Uint8Array | undefined {
    const { labelWeight, index } = this.model;
    const { nSubjects } = this.context.vocabulary;
    if (labelWeight === 0 || (!hidden && nSubjects === index.nRows)) return undefined;
    return Uint8Array.from({ length: nSubjects }, (_, id) => (id >= index.nRows || hidden?.[id] === 1 ? 0 : 1));
  }

  /** What the centroids of all subjects would be if there were no records; made when it is first needed. */
  private labelIndex(): RowIndex {
    if (!this.labels) {
      const { vectorizer, labelWeight, smoothing } = this.model;
      const rows = labelTextVectors(this.context, vectorizer);
      const none = csrFromPairs(0, rows.nRows, [], []);
      const noX = { ...none, nCols: rows.nCols, values: new Float32Array(0) };
      const options = { smoothing, coverage: 1, labels: { rows, weight: labelWeight } };
      this.labels = indexRows(subjectCentroids(noX, none, this.factors, options), { frequentShare: 1 });
    }
    return this.labels;
  }
}

/**
 * Annif's `tfidf`, mended: a document is compared with the sum of each subject's records.
 *
 * Peak memory of training: that of `vectorizeCorpus`, 4 bytes a stored value of X, 8 a feature, and 8 bytes a stored value of
 * the centroids; of the model 3 bytes of these and the vectorizer.
 */
export const tfidf: BackendType<TfidfParams> = {
  name: 'tfidf',
  paramHelp: TFIDF_PARAM_HELP,
  parseParams: parseTfidfParams,
  async train(context, corpus, params, options) {
    const { vectorizer, X, Y, weights } = await sharedVectors(
      context,
      corpus,
      vectorSettings(params.vectors, context.language),
      options,
    );
    const { idfExponent, smoothing, coverage, labelWeight } = params;
    options.signal?.throwIfAborted();
    const labels = labelWeight > 0 ? { rows: labelTextVectors(context, vectorizer), weight: labelWeight } : undefined;
    const onSubject = (done: number): void => {
      options.onProgress?.({ stage: 'adding up records', done, total: Y.nCols, unit: 'subjects' });
      options.signal?.throwIfAborted();
    };
    const factors = idfFactors(vectorizer.data.idf, idfExponent);
    const centroids = subjectCentroids(X, Y, factors, {
      smoothing,
      coverage,
      onSubject,
      ...(labels ? { labels } : undefined),
      ...(weights ? { weights } : undefined),
    });
    const index = indexRows(centroids, { frequentShare: 1 });
    const fingerprint = vectorizer.fingerprint();
    const model = { vectorizer, fingerprint, idfExponent, smoothing, labelWeight, index };
    return {
      backend: new TfidfBackend(context, model),
      report: { records: X.nRows, features: X.nCols, weights: centroids.indices.length },
    };
  },
  load: (context, data) =>
    readStoredModel('tfidf', context, data, (stored) => {
      const { vectorizer, fingerprint } = stored.vectorizer(context);
      const index = RowIndex.fromArrays(stored.count('nSubjects'), vectorizer.nFeatures, stored.part('index'));
      return new TfidfBackend(context, {
        vectorizer,
        fingerprint,
        idfExponent: stored.number('idfExponent', 0, 4),
        smoothing: stored.number('smoothing', 0, 1000),
        labelWeight: stored.number('labelWeight', 0, 100),
        index,
      });
    }),
};
