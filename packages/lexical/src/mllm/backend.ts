import type {
  Backend,
  BackendContext,
  BackendType,
  Contribution,
  Document,
  Explanation,
  ModelData,
  SubjectId,
  SuggestionBatch,
  SuggestOptions,
  TextEvidence,
} from '@catchword/core';
import { SuggestionBatchBuilder } from '@catchword/core';
import { FEATURES, fillHistory, N_FEATURES, TextFeatures } from './features.js';
import { Matcher, type MatchRecord } from './matcher.js';
import { loadMllm, type MllmModel, saveMllm } from './model.js';
import { MLLM_PARAM_HELP, type MllmParams, parseMllmParams } from './params.js';
import { trainMllm } from './train.js';

/** Candidates are judged by the first trees; the rest of the trees sees only the best of them. */
const FIRST_TREES = 24;
const KEPT = 200;
const MOST_EVIDENCE = 20;
const MOST_CONTRIBUTIONS = 8;

/** The lexical backend: matches the labels of a vocabulary, and learns which matches are subjects. */
class MllmBackend implements Backend {
  private readonly context: BackendContext;
  private readonly params: MllmParams;
  private readonly model: MllmModel;
  private readonly matcher: Matcher;
  private readonly features: TextFeatures;
  private X = new Float32Array(0);
  private rows = new Uint32Array(0);
  private scores = new Float64Array(0);

  constructor(context: BackendContext, params: MllmParams, model: MllmModel) {
    this.context = context;
    this.params = params;
    this.model = model;
    this.matcher = new Matcher(model.index, context.analyzer, model.matching);
    this.features = new TextFeatures(context.vocabulary);
  }

  suggest(docs: readonly Document[], options: SuggestOptions): SuggestionBatch {
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects);
    for (const doc of docs) {
      const { n, subjects } = this.judge(doc.text, options.limit);
      const ids = new Uint32Array(n);
      const probabilities = new Float32Array(n);
      for (let i = 0; i < n; i++) {
        ids[i] = subjects[this.rows[i]];
        probabilities[i] = 1 / (1 + Math.exp(-this.scores[i]));
      }
      builder.pushTop(ids, probabilities, n, options.limit);
    }
    return builder.build();
  }

  explain(doc: Document, subjectIds: readonly SubjectId[]): Explanation[] {
    const records: MatchRecord[] = [];
    const { n, subjects } = this.judge(doc.text, Number.POSITIVE_INFINITY, records);
    // The analysis belongs to the analyzer and no text was analysed since.
    const { starts, ends } = this.context.analyzer.analyze(doc.text);
    const { labels } = this.context.vocabulary;
    return subjectIds.map((subjectId) => {
      let i = 0;
      while (i < n && subjects[i] !== subjectId) i++;
      if (i === n) return { subjectId, score: 0, evidence: [], contributions: [] };
      const evidence: TextEvidence[] = [];
      for (const record of records) {
        if (record.subject !== subjectId || evidence.length === MOST_EVIDENCE) continue;
        evidence.push({
          start: starts[record.from],
          end: ends[record.to - 1],
          label: labels.texts.get(this.model.index.variantLabel[record.variant]),
          kind: record.kind,
        });
      }
      return {
        subjectId,
        score: 1 / (1 + Math.exp(-this.model.trees.predict(this.X, i))),
        evidence: evidence.sort((a, b) => a.start - b.start || a.end - b.end),
        contributions: this.contributions(i),
      };
    });
  }

  save(): ModelData {
    return saveMllm(this.model, this.context, this.params);
  }

  /** Matches a text and scores its candidates; `rows` holds the candidates kept, `scores` their log odds. */
  private judge(text: string, limit: number, records?: MatchRecord[]): { n: number; subjects: Uint32Array } {
    const { history, priors, trees } = this.model;
    const found = this.matcher.match(text, records);
    if (this.X.length < found.n * N_FEATURES) {
      this.X = new Float32Array(found.n * N_FEATURES * 2);
      this.rows = new Uint32Array(found.n * 2);
      this.scores = new Float64Array(found.n * 2);
    }
    const { X, rows, scores } = this;
    this.features.fill(found, X, N_FEATURES);
    for (let i = 0; i < found.n; i++) {
      fillHistory(history, priors, undefined, found.subjects[i], X, i * N_FEATURES);
      rows[i] = i;
    }
    scores.fill(trees.base, 0, found.n);
    const first = Math.min(FIRST_TREES, trees.nTrees);
    trees.addValues(X, rows, found.n, scores, 0, first);
    const n = limit <= KEPT ? keepBest(rows, scores, found.n, KEPT) : found.n;
    trees.addValues(X, rows, n, scores, first);
    return { n, subjects: found.subjects };
  }

  private contributions(row: number): Contribution[] {
    const parts = this.model.trees.contributions(this.X, row);
    return FEATURES.map((feature, f) => {
      const value = this.X[row * N_FEATURES + f];
      return { feature: feature.name, text: feature.text, value: Number.isNaN(value) ? null : value, weight: parts[f] };
    })
      .filter((contribution) => Math.abs(contribution.weight) >= 0.01)
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      .slice(0, MOST_CONTRIBUTIONS);
  }
}

/** Moves the rows with the highest scores, and all that equal the last of them, to the front; O(n log n). */
function keepBest(rows: Uint32Array, scores: Float64Array, n: number, k: number): number {
  if (n <= k) return n;
  const least = scores.slice(0, n).sort()[n - k];
  let kept = 0;
  for (let i = 0; i < n; i++) {
    if (scores[i] < least) continue;
    rows[kept] = rows[i];
    scores[kept++] = scores[i];
  }
  return kept;
}

/** Annif's `mllm`, grown: see the package's README for what it does differently. */
export const mllm: BackendType<MllmParams> = {
  name: 'mllm',
  paramHelp: MLLM_PARAM_HELP,
  parseParams: parseMllmParams,
  async train(context, corpus, params, options) {
    const { model, report } = await trainMllm(context, corpus, params, options);
    return { backend: new MllmBackend(context, params, model), report };
  },
  load: (context, data, params) => new MllmBackend(context, params, loadMllm(context, data, params)),
};
