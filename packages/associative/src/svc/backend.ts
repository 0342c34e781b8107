import {
  type Backend,
  type BackendContext,
  type BackendType,
  type Document,
  type Explanation,
  type ModelData,
  OperationError,
  type SubjectId,
  type SuggestionBatch,
  SuggestionBatchBuilder,
  type SuggestOptions,
} from '@catchword/core';
import { BeamSearch, LABEL_TREE_DEFAULTS, LabelPaths, trainLabelTree } from '@catchword/learners';
import { sharedVectors } from '@catchword/text';
import { loadTrees, type StoredTrees, saveTrees } from '../label-tree/model.js';
import { explainTerms } from '../term-explanation.js';
import { vectorSettings } from '../vector-params.js';
import { parseSvcParams, SVC_PARAM_HELP, type SvcParams } from './params.js';

/** LinearSVC's stopping tolerance is finer, to no gain in the order of the classes. */
const EPS = 0.1;

/** A linear classifier for each subject, all of them asked about a document. */
class SvcBackend implements Backend {
  private readonly context: BackendContext;
  private readonly model: StoredTrees;
  private readonly search: BeamSearch;
  private paths: LabelPaths | undefined;
  private ids = new Uint32Array(0);
  private scores = new Float32Array(0);

  constructor(context: BackendContext, model: StoredTrees) {
    this.context = context;
    this.model = model;
    // The tree is one leaf: every classifier's margin comes out, and the margin is all that counts here.
    this.search = new BeamSearch(model.trees, { beam: 1, exponent: 1, leafCap: model.trees.nLabels });
  }

  suggest(docs: readonly Document[], { limit, hidden }: SuggestOptions): SuggestionBatch {
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects);
    for (const { text } of docs) {
      const n = this.judge(text, hidden);
      builder.pushTop(this.ids, this.scores, n, limit);
    }
    return builder.build();
  }

  explain(doc: Document, subjectIds: readonly SubjectId[]): Explanation[] {
    const { vectorizer, trees } = this.model;
    const n = this.judge(doc.text, undefined);
    const scores = new Map<SubjectId, number>();
    for (let i = 0; i < n; i++) scores.set(this.ids[i], this.scores[i]);
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

  /** Leaves all classes and their scores in `ids` and `scores`; none for a text without known terms. */
  private judge(text: string, hidden: Uint8Array | undefined): number {
    const vector = this.model.vectorizer.transform(text);
    const found = this.search.search(vector.indices, vector.values, 0, vector.n);
    if (this.ids.length < found.n) {
      this.ids = new Uint32Array(found.n);
      this.scores = new Float32Array(found.n);
    }
    let n = 0;
    for (let i = 0; i < found.n; i++) {
      if (hidden?.[found.labels[i]] === 1) continue;
      this.ids[n] = found.labels[i];
      this.scores[n++] = 1 / (1 + Math.exp(-found.margins[i]));
    }
    return n;
  }
}

/**
 * Annif's `svc`, mended: a linear support vector classifier for each class, one against the rest, squared hinge. A record
 * with several subjects is an example of each; two classes, or one, are as good as many. A score is the logistic function of
 * the margin, as in Annif.
 *
 * Time grows with records times classes: it is meant for classifications of up to some thousand classes. Peak memory of
 * training: that of `vectorizeCorpus`, then for each thread 8 bytes a stored value of X and 64 to 128 a feature, and twice
 * the model.
 *
 * @see LinearSVC of scikit-learn, which Annif uses: dual coordinate descent of liblinear (Hsieh et al. 2008)
 */
export const svc: BackendType<SvcParams> = {
  name: 'svc',
  paramHelp: SVC_PARAM_HELP,
  parseParams: parseSvcParams,
  async train(context, corpus, params, options) {
    const { vectorizer, X, Y, weights } = await sharedVectors(
      context,
      corpus,
      vectorSettings(params.vectors, context.language),
      options,
    );
    options.signal?.throwIfAborted();
    if (Y.indices.length === 0) {
      throw new OperationError('corpus-empty', 'Cannot train svc: there is no document with a known subject', {
        hint: 'Check that the corpus names subjects of this vocabulary.',
      });
    }
    const { cost, weightThreshold } = params;
    const oneLeaf = { nTrees: 1, maxDepth: 1, minBranchSize: Y.nCols + 1, maxLeafSize: Y.nCols };
    const trees = await trainLabelTree(
      X,
      Y,
      { ...LABEL_TREE_DEFAULTS, ...oneLeaf, eps: EPS, cost, outsideBeam: 0, weightThreshold, seed: options.seed },
      {
        nThreads: options.nJobs,
        weights,
        signal: options.signal,
        onProgress: (done, total) =>
          options.onProgress?.({ stage: 'training classifiers', done, total, unit: 'classifiers' }),
      },
    );
    const { arrays } = trees;
    return {
      backend: new SvcBackend(context, { vectorizer, fingerprint: vectorizer.fingerprint(), trees }),
      report: {
        records: X.nRows,
        features: X.nCols,
        classes: arrays.childId.length,
        weightBytes: arrays.bucketBytes.length,
      },
    };
  },
  load: (context, data) => new SvcBackend(context, loadTrees('svc', context, data)),
};
