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
import { bestFirst, TreeScorer } from '@catchword/learners';
import { topK } from '@catchword/math';
import type { Candidates, MatchRecord } from './candidate-set.js';
import { FEATURES, fillHistory, N_FEATURES, TextFeatures } from './features.js';
import { Matcher } from './matcher.js';
import { loadMllm, type MllmModel, saveMllm } from './model.js';
import { MLLM_PARAM_HELP, type MllmParams, parseMllmParams } from './params.js';
import { trainMllm } from './train.js';

/** All candidates are judged by the first trees; the others refine the order of the best ones only. */
const FIRST_TREES = 16;
const REFINED = 32;
const FEATURE_NAMES = FEATURES.map((feature) => feature.name);
const MOST_EVIDENCE = 20;
const MOST_CONTRIBUTIONS = 8;

/** The lexical backend: matches the labels of a vocabulary, and learns which matches are subjects. */
class MllmBackend implements Backend {
  private readonly context: BackendContext;
  private readonly params: MllmParams;
  private readonly model: MllmModel;
  private readonly matcher: Matcher;
  private readonly features: TextFeatures;
  /** Absent where trees of many leaves have to be walked. */
  private readonly scorer: TreeScorer | undefined;
  /** The first trees, and the others: where each of the two parts begins and ends. */
  private readonly bounds: readonly number[];
  private X = new Float32Array(0);
  private rows = new Uint32Array(0);
  private scores = new Float64Array(0);

  constructor(context: BackendContext, params: MllmParams, model: MllmModel) {
    this.context = context;
    this.params = params;
    this.model = model;
    this.matcher = new Matcher(model.index, context.analyzer, model.matching);
    this.features = new TextFeatures(context.vocabulary);
    const { trees } = model;
    this.bounds = [0, Math.min(FIRST_TREES, trees.nTrees), trees.nTrees];
    this.scorer = TreeScorer.fits(trees) ? new TreeScorer(trees, this.bounds) : undefined;
  }

  suggest(docs: readonly Document[], options: SuggestOptions): SuggestionBatch {
    const { limit, hidden, evidence = false } = options;
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects, evidence ? FEATURE_NAMES : undefined);
    let ids = new Uint32Array(0);
    let probabilities = new Float32Array(0);
    for (const doc of docs) {
      const found = this.match(doc.text, undefined, hidden);
      const { n } = found;
      if (ids.length < n) {
        ids = new Uint32Array(n * 2);
        probabilities = new Float32Array(n * 2);
      }
      const nRefined = this.score(n);
      // The others stand behind these; only where all are next to certain may rounding bring one level with them.
      const nWanted = limit <= nRefined ? nRefined : n;
      for (let i = 0; i < nWanted; i++) {
        ids[i] = found.subjects[this.rows[i]];
        probabilities[i] = 1 / (1 + Math.exp(-this.scores[i]));
      }
      if (!evidence) {
        builder.pushTop(ids, probabilities, nWanted, limit);
        continue;
      }
      for (const k of topK(ids, probabilities, nWanted, limit)) {
        if (probabilities[k] === 0) break;
        builder.push(ids[k], probabilities[k]);
        builder.pushEvidence(this.X, this.rows[k]);
      }
      builder.endRow();
    }
    return builder.build();
  }

  explain(doc: Document, subjectIds: readonly SubjectId[]): Explanation[] {
    const records: MatchRecord[] = [];
    const { n, subjects } = this.match(doc.text, records);
    // The analysis belongs to the analyzer and no text was analysed since.
    const { starts, ends } = this.context.analyzer.analyze(doc.text);
    const { labels } = this.context.vocabulary;
    this.score(n);
    const logOdds = new Float64Array(n);
    for (let k = 0; k < n; k++) logOdds[this.rows[k]] = this.scores[k];
    return subjectIds.map((subjectId) => {
      let i = 0;
      while (i < n && subjects[i] !== subjectId) i++;
      if (i === n) return { subjectId, score: 0, evidence: [], contributions: [] };
      const evidence: TextEvidence[] = [];
      const own = records.filter((record) => record.subject === subjectId);
      for (const record of own) {
        if (evidence.length === MOST_EVIDENCE) break;
        // A whole label says more of a place than that it is also a part of something.
        if (
          !isWhole(record) &&
          own.some((other) => isWhole(other) && other.from <= record.from && record.to <= other.to)
        )
          continue;
        evidence.push({
          start: starts[record.from],
          end: ends[record.to - 1],
          label: labels.texts.get(this.model.index.variantLabel[record.variant]),
          kind: record.kind,
        });
      }
      return {
        subjectId,
        score: Math.fround(1 / (1 + Math.exp(-logOdds[i]))), // as suggested
        evidence: evidence.sort((a, b) => a.start - b.start || a.end - b.end),
        contributions: this.contributions(i),
      };
    });
  }

  save(): ModelData {
    return saveMllm(this.model, this.context, this.params);
  }

  /** Finds a text's candidates and fills their rows of X. */
  private match(text: string, records?: MatchRecord[], hidden?: Uint8Array): Candidates {
    const { history, priors } = this.model;
    const found = this.matcher.match(text, records);
    if (this.X.length < found.n * N_FEATURES) {
      this.X = new Float32Array(found.n * N_FEATURES * 2);
      this.rows = new Uint32Array(found.n * 2);
      this.scores = new Float64Array(found.n * 2);
    }
    this.features.fill(found, this.X, N_FEATURES);
    for (let i = 0; i < found.n; i++) {
      const subject = found.subjects[i];
      fillHistory(history, priors, undefined, subject, hidden?.[subject] === 1, this.X, i * N_FEATURES);
    }
    return found;
  }

  /**
   * Scores the rows of X: `rows` and `scores` hold them and their log odds, the refined ones first.
   *
   * @returns how many are refined
   */
  private score(n: number): number {
    const { rows, scores } = this;
    for (let i = 0; i < n; i++) rows[i] = i;
    scores.fill(this.model.trees.base, 0, n);
    this.scorer?.load(this.X, n);
    this.addTrees(0, n);
    const nRefined = bestFirst(rows, scores, n, REFINED);
    this.addTrees(1, nRefined);
    // What only the first trees saw stays behind what all of them did.
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < nRefined; i++) if (scores[i] < least) least = scores[i];
    for (let i = nRefined; i < n; i++) scores[i] = Math.min(scores[i], least) - 1e-3;
    return nRefined;
  }

  /** Adds what the trees of a part say of the first n rows. */
  private addTrees(part: number, n: number): void {
    const { X, rows, scores, bounds } = this;
    if (this.scorer) this.scorer.addValues(part, rows, n, scores);
    else this.model.trees.addValues(X, rows, n, scores, bounds[part], bounds[part + 1]);
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

function isWhole(record: MatchRecord): boolean {
  return record.kind === 'label' || record.kind === 'form';
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
