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
import { sharedVectors, type TfidfVectorizer } from '@catchword/text';
import { indexRows } from '../similarity/build-row-index.js';
import { NearestRows } from '../similarity/nearest-rows.js';
import { RowIndex } from '../similarity/row-index.js';
import { idfFactors } from '../similarity/scaled-rows.js';
import { COSINE_UNITS, PRODUCT_UNITS, SUM_SHIFT } from '../similarity/weight-codes.js';
import { modelData, readStoredModel, vectorizerFacts } from '../stored-model.js';
import { explainTerms } from '../term-explanation.js';
import { subjectCentroids } from './centroids.js';
import { parseTfidfParams, TFIDF_PARAM_HELP, type TfidfParams } from './params.js';

/** All that a trained backend knows. */
interface TfidfModel {
  readonly vectorizer: TfidfVectorizer;
  readonly fingerprint: string;
  readonly idfExponent: number;
  /** Shape (nSubjects, nFeatures): the centroids. */
  readonly index: RowIndex;
}

/** The subjects whose records, taken together, are most like a document. */
class TfidfBackend implements Backend {
  private readonly context: BackendContext;
  private readonly model: TfidfModel;
  private readonly factors: Float32Array | undefined;
  private readonly nearest = new NearestRows();
  private scores = new Float32Array(256);

  constructor(context: BackendContext, model: TfidfModel) {
    this.context = context;
    this.model = model;
    this.factors = idfFactors(model.vectorizer.data.idf, model.idfExponent);
  }

  suggest(docs: readonly Document[], { limit, hidden }: SuggestOptions): SuggestionBatch {
    const { vectorizer, index } = this.model;
    const { nearest } = this;
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects);
    const size = Math.min(limit, index.nRows);
    for (const { text } of docs) {
      nearest.begin(size, hidden);
      index.search(vectorizer.transform(text), this.factors, nearest, size);
      const { n, rows, sums } = nearest;
      if (this.scores.length < n) this.scores = new Float32Array(n * 2);
      for (let i = 0; i < n; i++) this.scores[i] = sums[i] / COSINE_UNITS;
      builder.pushTop(rows, this.scores, n, limit);
    }
    return builder.build();
  }

  explain(doc: Document, subjectIds: readonly SubjectId[]): Explanation[] {
    const { vectorizer, index } = this.model;
    const vector = vectorizer.transform(doc.text);
    const { n, indices: features, values } = vector;
    return subjectIds.map((subjectId) => {
      if (subjectId >= index.nRows) return { subjectId, score: 0, evidence: [], contributions: [], scale: 'share' };
      const parts = index.parts(vector, this.factors, subjectId);
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
    const { vectorizer, fingerprint, idfExponent, index } = this.model;
    const meta = { nSubjects: index.nRows, idfExponent, ...vectorizerFacts(vectorizer, fingerprint) };
    return modelData(meta, { vectors: vectorizer.toArrays(), index: index.toArrays() });
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
    const { vectorizer, X, Y } = await sharedVectors(context, corpus, params.vectors, options);
    const { idfExponent, smoothing, coverage } = params;
    const onSubject = (done: number): void => {
      options.onProgress?.({ stage: 'adding up records', done, total: Y.nCols, unit: 'subjects' });
      options.signal?.throwIfAborted();
    };
    const factors = idfFactors(vectorizer.data.idf, idfExponent);
    const centroids = subjectCentroids(X, Y, factors, { smoothing, coverage, onSubject });
    const index = indexRows(centroids, { frequentShare: 1 });
    const model = { vectorizer, fingerprint: vectorizer.fingerprint(), idfExponent, index };
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
        index,
      });
    }),
};
