import type {
  Backend,
  BackendContext,
  BackendType,
  Document,
  Explanation,
  JsonObject,
  ModelData,
  RecordEvidence,
  SimilarRecord,
  SubjectId,
  SuggestOptions,
} from '@catchword/core';
import { type SuggestionBatch, SuggestionBatchBuilder } from '@catchword/core';
import { type CsrPattern, contentHash } from '@catchword/math';
import { type DocumentVector, sharedVectors, type TfidfVectorizer } from '@catchword/text';
import { RowIndex } from '../similarity/row-index.js';
import { idfFactors } from '../similarity/scaled-rows.js';
import { modelData, readStoredModel, type StoredModel, vectorizerFacts } from '../stored-model.js';
import { explainTerms } from '../term-explanation.js';
import { vectorSettings } from '../vector-params.js';
import { chooseVoting, type Voting } from './choose-votes.js';
import { LearntLimit } from './learnt-limit.js';
import { KNN_PARAM_HELP, type KnnParams, parseKnnParams } from './params.js';
import { RecordStore } from './record-store.js';
import { RecordSearcher } from './searcher.js';
import { TrainedTexts } from './trained-texts.js';
import { NEAR_DUPLICATE, type Neighbours, VOTE_EVIDENCE, VoteCount } from './vote-count.js';

const MOST_RECORDS = 10;

/** All that a trained backend knows. */
interface KnnModel {
  readonly vectorizer: TfidfVectorizer;
  readonly fingerprint: string;
  readonly index: RowIndex;
  readonly records: RecordStore;
  readonly trained: TrainedTexts;
  readonly voting: Voting;
  /** Subjects of the vocabulary that it was trained or has learnt with. */
  readonly nSubjects: number;
  /** Of the records that were learnt since training, which are the last ones: their texts' content hashes. */
  readonly learnt: readonly number[];
}

/** The nearest records vote for their subjects. */
class KnnBackend implements Backend {
  private readonly context: BackendContext;
  private readonly params: KnnParams;
  private readonly model: KnnModel;
  private readonly searcher: RecordSearcher;
  private readonly counter: VoteCount;
  private readonly k: number;
  private readonly exponent: number;
  private readonly limit: LearntLimit;
  /** By content hash the row of a record that was learnt. */
  private readonly learnt: Map<number, number>;
  private nSubjects: number;

  constructor(context: BackendContext, params: KnnParams, model: KnnModel) {
    this.context = context;
    this.params = params;
    this.model = model;
    this.nSubjects = model.nSubjects;
    this.k = params.k ?? model.voting.k;
    this.exponent = params.exponent ?? model.voting.exponent;
    this.searcher = new RecordSearcher(model.index, idfFactors(model.vectorizer.data.idf, model.voting.idfExponent));
    this.counter = new VoteCount(context.vocabulary.nSubjects);
    const nTrained = model.records.length - model.learnt.length;
    this.learnt = new Map(model.learnt.map((hash, i) => [hash, nTrained + i]));
    this.limit = new LearntLimit(model.records, nTrained, this.k);
  }

  suggest(docs: readonly Document[], { limit, evidence, hidden }: SuggestOptions): SuggestionBatch {
    const { counter, k, exponent, model } = this;
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects, evidence ? VOTE_EVIDENCE : undefined);
    for (const doc of docs) {
      counter.count(this.neighbours(doc.text), model.records, k, exponent, hidden);
      const columns = evidence ? counter.evidence(k) : undefined;
      builder.pushTop(counter.subjects.data, counter.scores, counter.n, limit, columns);
    }
    return builder.build();
  }

  explain(doc: Document, subjectIds: readonly SubjectId[]): Explanation[] {
    const { counter, exponent, model } = this;
    const vector = model.vectorizer.transform(doc.text);
    const neighbours = this.neighboursOf(vector);
    counter.count(neighbours, model.records, this.k, exponent);
    const voters = new Map<SubjectId, number[]>(subjectIds.map((id) => [id, []]));
    for (let i = 0; i < neighbours.n; i++) {
      model.records.eachSubject(neighbours.rows[i], (id) => voters.get(id)?.push(i));
    }
    const scores = new Map<SubjectId, number>();
    for (let i = 0; i < counter.n; i++) scores.set(counter.subjects.data[i], counter.scores[i]);
    return subjectIds.map((subjectId) => {
      const own = voters.get(subjectId) ?? [];
      const shares = new Float64Array(vector.n);
      for (const i of own) {
        const parts = this.searcher.parts(vector, neighbours.rows[i]);
        const scale = counter.weight(i, exponent) / neighbours.similarities[i];
        for (let f = 0; f < vector.n; f++) shares[f] += parts[f] * scale;
      }
      const { n, indices: features, values } = vector;
      return {
        subjectId,
        score: Math.min(1, scores.get(subjectId) ?? 0),
        ...explainTerms(model.vectorizer, doc.text, { n, features, shares }, values),
        scale: 'share',
        records: own.slice(0, MOST_RECORDS).map((i) => this.record(neighbours, i)),
      };
    });
  }

  similar(doc: Document, n: number): SimilarRecord[] {
    const neighbours = this.neighbours(doc.text);
    return Array.from({ length: Math.min(n, neighbours.n) }, (_, i) => {
      const { nearDuplicate: _near, ...record } = this.record(neighbours, i);
      const subjects: SubjectId[] = [];
      this.model.records.eachSubject(neighbours.rows[i], (id) => subjects.push(id));
      return { ...record, subjects };
    });
  }

  assignments(): CsrPattern {
    return this.model.records.assignments(this.context.vocabulary.nSubjects);
  }

  learn(docs: readonly Document[]): void {
    const { records, vectorizer } = this.model;
    for (const doc of docs) {
      const subjects = [...new Set(doc.subjects ?? [])].sort((a, b) => a - b);
      const vector = vectorizer.transform(doc.text);
      if (subjects.length === 0) continue; // it would have nothing to say
      const hash = contentHash(doc.text);
      for (const trained of this.model.trained.rowsOf(hash)) records.replaceSubjects(trained, []);
      if (vector.n === 0) continue; // it could never be found
      this.nSubjects = this.context.vocabulary.nSubjects;
      const row = this.learnt.get(hash);
      if (row !== undefined) {
        records.replaceSubjects(row, subjects);
        continue;
      }
      this.learnt.set(hash, records.length);
      this.searcher.append(vector);
      records.append(doc, subjects);
    }
  }

  trainedSubjects({ text }: Document): SubjectId[] {
    const subjects: SubjectId[] = [];
    for (const row of this.model.trained.rowsOf(contentHash(text))) {
      this.model.records.eachSubject(row, (id) => subjects.push(id));
    }
    return subjects;
  }

  save(): ModelData {
    const { vectorizer, fingerprint, records, trained, voting } = this.model;
    const { learnt } = this;
    const meta: JsonObject = {
      nSubjects: this.nSubjects,
      nRecords: records.length,
      ...(learnt.size > 0 ? { nLearnt: learnt.size } : undefined),
      k: voting.k,
      exponent: voting.exponent,
      idfExponent: voting.idfExponent,
      ...vectorizerFacts(vectorizer, fingerprint),
    };
    return modelData(meta, {
      vectors: vectorizer.toArrays(),
      index: this.searcher.index.toArrays(),
      records: records.toArrays(),
      trained: trained.toArrays(),
      ...(learnt.size > 0 ? { learnt: { hashes: Float64Array.from(learnt.keys()) } } : undefined),
    });
  }

  private neighbours(text: string): Neighbours {
    return this.neighboursOf(this.model.vectorizer.transform(text));
  }

  private neighboursOf(vector: DocumentVector): Neighbours {
    return this.searcher.search(vector, this.k, {
      nearDuplicates: this.params.nearDuplicates === 'skip',
      ...(this.learnt.size > 0 ? { limit: this.limit } : undefined),
    });
  }

  private record({ rows, similarities }: Neighbours, i: number): RecordEvidence {
    const documentId = this.model.records.id(rows[i]);
    return {
      ...(documentId === '' ? undefined : { documentId }),
      title: this.model.records.title(rows[i]),
      similarity: similarities[i],
      ...(similarities[i] > NEAR_DUPLICATE ? { nearDuplicate: true } : undefined),
    };
  }
}

/**
 * The records nearest to a document vote for their subjects: k of them, each with its similarity to a power.
 *
 * Peak memory of training: that of `vectorizeCorpus` and, for each way of weighing terms that is tried, 1 byte a stored value
 * of X and the index: 3 bytes a stored value, 4 a record and 4 a feature for each 65,536 records. A model holds one index, the
 * vectorizer, and for each record 12 bytes and 4 for each of its subjects.
 */
export const knn: BackendType<KnnParams> = {
  name: 'knn',
  paramHelp: KNN_PARAM_HELP,
  parseParams: parseKnnParams,
  async train(context, corpus, params, options) {
    const {
      vectorizer,
      X,
      Y,
      records: named,
      hashes,
    } = await sharedVectors(context, corpus, vectorSettings(params.vectors, context.language), options);
    options.signal?.throwIfAborted();
    const records = new RecordStore(named, Y);
    const chosen = await chooseVoting(X, Y, vectorizer.data.idf, records, params, options);
    const { voting, index, ndcg, nSampled } = chosen;
    const nSubjects = context.vocabulary.nSubjects;
    const model: KnnModel = {
      ...{ vectorizer, fingerprint: vectorizer.fingerprint(), index, records, voting, nSubjects },
      trained: TrainedTexts.of(hashes),
      learnt: [],
    };
    return {
      backend: new KnnBackend(context, params, model),
      report: {
        records: X.nRows,
        features: X.nCols,
        ...voting,
        ...(ndcg === undefined ? undefined : { sampled: nSampled, ndcgAt10OfSample: ndcg }),
      },
    };
  },
  load: (context, data, params) =>
    readStoredModel('knn', context, data, (stored) => {
      const { vectorizer, fingerprint } = stored.vectorizer(context);
      const nRecords = stored.count('nRecords');
      const nSubjects = stored.count('nSubjects');
      const learnt = learntHashes(stored, nRecords);
      const model: KnnModel = {
        vectorizer,
        fingerprint,
        index: RowIndex.fromArrays(nRecords, vectorizer.nFeatures, stored.part('index')),
        records: RecordStore.fromArrays(nRecords, nSubjects, stored.part('records')),
        trained: TrainedTexts.fromArrays(nRecords - learnt.length, stored.part('trained')),
        voting: {
          k: stored.number('k', 1, 1e6),
          exponent: stored.number('exponent', 0, 100),
          idfExponent: stored.number('idfExponent', 0, 4),
        },
        nSubjects,
        learnt,
      };
      return new KnnBackend(context, params, model);
    }),
};

/** @throws {RangeError} if the hashes are not those of the last records */
function learntHashes(stored: StoredModel, nRecords: number): readonly number[] {
  const { hashes } = stored.part('learnt');
  const nLearnt = stored.meta.nLearnt === undefined ? 0 : stored.count('nLearnt');
  if (nLearnt === 0 && hashes === undefined) return [];
  if (!(hashes instanceof Float64Array) || hashes.length !== nLearnt || nLearnt > nRecords) {
    throw new RangeError(`it has learnt ${nLearnt} records and has ${hashes?.length ?? 0} hashes of them`);
  }
  return [...hashes];
}
