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
import { BeamSearch, LabelPaths } from '@catchword/learners';
import { explainTerms } from '../term-explanation.js';
import { loadTrees, type StoredTrees, saveTrees } from './model.js';
import {
  LABEL_TREE_DEFAULTS,
  type LabelTreeBackendParams,
  type LabelTreeDefaults,
  labelTreeParamHelp,
  OMIKUJI_DEFAULTS,
  parseLabelTreeParams,
} from './params.js';
import { trainTrees } from './train.js';

/** Best log score of a tree, margin of the subject's own classifier in it, share of the trees that found the subject. */
const EVIDENCE_NAMES = ['logScore', 'margin', 'votes'] as const;

class LabelTreeBackend implements Backend {
  private readonly context: BackendContext;
  private readonly model: StoredTrees;
  private readonly search: BeamSearch;
  private paths: LabelPaths | undefined;
  private ids = new Uint32Array(0);
  private scores = new Float32Array(0);
  private evidence = new Float32Array(0);

  constructor(context: BackendContext, params: LabelTreeBackendParams, model: StoredTrees) {
    this.context = context;
    this.model = model;
    this.search = new BeamSearch(model.trees, params);
  }

  suggest(docs: readonly Document[], options: SuggestOptions): SuggestionBatch {
    const { limit, hidden, evidence = false } = options;
    const builder = new SuggestionBatchBuilder(
      this.context.vocabulary.nSubjects,
      evidence ? EVIDENCE_NAMES : undefined,
    );
    for (const doc of docs) {
      const n = this.find(doc.text, hidden);
      builder.pushTop(this.ids, this.scores, n, limit, evidence ? this.evidence : undefined);
    }
    return builder.build();
  }

  explain(doc: Document, subjectIds: readonly SubjectId[]): Explanation[] {
    const { vectorizer, trees } = this.model;
    const n = this.find(doc.text, undefined);
    const scores = new Map<number, number>();
    for (let i = 0; i < n; i++) scores.set(this.ids[i], Math.min(this.scores[i], 1));
    const vector = vectorizer.transform(doc.text);
    const features = vector.indices.slice(0, vector.n);
    const values = vector.values.slice(0, vector.n);
    this.paths ??= new LabelPaths(trees);
    const paths = this.paths;
    return subjectIds.map((subjectId) => {
      const score = scores.get(subjectId) ?? 0;
      if (score === 0) return { subjectId, score, evidence: [], contributions: [], scale: 'share' };
      const { parts } = paths.contributions(subjectId, features, values, 0, features.length);
      const positive = parts.reduce((sum, part) => sum + Math.max(0, part), 0);
      // what speaks for the subject adds up to the score
      const shares = parts.map((part) => (positive > 0 ? (score * part) / positive : 0));
      const counted = { n: features.length, features, shares };
      return { subjectId, score, ...explainTerms(vectorizer, doc.text, counted, values), scale: 'share' };
    });
  }

  save(): ModelData {
    return saveTrees(this.model);
  }

  /** Leaves the text's candidates in `ids`, `scores` and `evidence`; returns how many there are. */
  private find(text: string, hidden: Uint8Array | undefined): number {
    const { vectorizer, trees } = this.model;
    const vector = vectorizer.transform(text);
    const found = this.search.search(vector.indices, vector.values, 0, vector.n);
    if (this.ids.length < found.n) {
      this.ids = new Uint32Array(found.n * 2);
      this.scores = new Float32Array(found.n * 2);
      this.evidence = new Float32Array(found.n * 2 * EVIDENCE_NAMES.length);
    }
    let n = 0;
    for (let i = 0; i < found.n; i++) {
      const label = found.labels[i];
      if (hidden?.[label] === 1) continue;
      this.ids[n] = label;
      this.scores[n] = found.scores[i];
      this.evidence[n * 3] = found.logScores[i];
      this.evidence[n * 3 + 1] = found.margins[i];
      this.evidence[n * 3 + 2] = found.votes[i] / trees.nTrees;
      n++;
    }
    return n;
  }
}

function labelTreeType(name: string, defaults: LabelTreeDefaults): BackendType<LabelTreeBackendParams> {
  return {
    name,
    paramHelp: labelTreeParamHelp(defaults),
    parseParams: (raw, problem) => parseLabelTreeParams(defaults, raw, problem),
    async train(context, corpus, params, options) {
      const { model, report } = await trainTrees(context, corpus, params, options);
      return { backend: new LabelTreeBackend(context, params, model), report };
    },
    load: (context, data, params) => new LabelTreeBackend(context, params, loadTrees(name, context, data)),
  };
}

/** Label trees with Annif's name, parameters and defaults. */
export const omikuji = labelTreeType('omikuji', OMIKUJI_DEFAULTS);

/** Label trees with defaults of our own. */
export const labelTree = labelTreeType('label-tree', LABEL_TREE_DEFAULTS);
