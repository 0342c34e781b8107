import type { SubjectCounts } from './evaluation.js';

/** Annif's metrics in the order of its output. */
export const ANNIF_METRICS = [
  'Precision (doc avg)',
  'Recall (doc avg)',
  'F1 score (doc avg)',
  'Precision (subj avg)',
  'Recall (subj avg)',
  'F1 score (subj avg)',
  'Precision (weighted subj avg)',
  'Recall (weighted subj avg)',
  'F1 score (weighted subj avg)',
  'Precision (microavg)',
  'Recall (microavg)',
  'F1 score (microavg)',
  'F1@5',
  'NDCG',
  'NDCG@5',
  'NDCG@10',
  'Precision@1',
  'Precision@3',
  'Precision@5',
  'True positives',
  'False positives',
  'False negatives',
  'Documents evaluated',
] as const;

/** Those that are better the higher they are: all but the counts. */
export const TUNABLE_METRICS: readonly AnnifMetric[] = ANNIF_METRICS.filter(
  (name) => !/^(True|False|Documents) /.test(name),
);

export type AnnifMetric = (typeof ANNIF_METRICS)[number];

/** Sums over documents that the document-averaged metrics are made of. */
export interface DocumentSums {
  precision: number;
  recall: number;
  f1: number;
  f1At5: number;
  ndcg: number;
  ndcgAt5: number;
  ndcgAt10: number;
  precisionAt1: number;
  precisionAt3: number;
  precisionAt5: number;
}

export function emptyDocumentSums(): DocumentSums {
  return {
    precision: 0,
    recall: 0,
    f1: 0,
    f1At5: 0,
    ndcg: 0,
    ndcgAt5: 0,
    ndcgAt10: 0,
    precisionAt1: 0,
    precisionAt3: 0,
    precisionAt5: 0,
  };
}

/** a / b, or 0 where b is 0: the zero division of all of Annif's metrics. */
export function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}

/**
 * Computes Annif's metrics from their sums.
 *
 * Subject averages run over every subject of the vocabulary, removed ones included. NDCG values are rounded to float32
 * as Annif's are.
 *
 * @see Annif 1.4 `annif/eval.py`
 */
export function annifMetrics(nDocs: number, sums: DocumentSums, counts: SubjectCounts): Map<string, number> {
  const { truePositives, falsePositives, falseNegatives } = counts;
  const nSubjects = truePositives.length;
  const macro = [0, 0, 0];
  const weighted = [0, 0, 0];
  let tp = 0;
  let fp = 0;
  let fn = 0;
  for (let s = 0; s < nSubjects; s++) {
    const t = truePositives[s];
    const suggested = t + falsePositives[s];
    const support = t + falseNegatives[s];
    tp += t;
    fp += falsePositives[s];
    fn += falseNegatives[s];
    if (t === 0) continue;
    const figures = [t / suggested, t / support, (2 * t) / (suggested + support)];
    for (let m = 0; m < 3; m++) {
      macro[m] += figures[m];
      weighted[m] += figures[m] * support;
    }
  }
  const mean = (sum: number) => ratio(sum, nDocs);
  const values: Record<AnnifMetric, number> = {
    'Precision (doc avg)': mean(sums.precision),
    'Recall (doc avg)': mean(sums.recall),
    'F1 score (doc avg)': mean(sums.f1),
    'Precision (subj avg)': ratio(macro[0], nSubjects),
    'Recall (subj avg)': ratio(macro[1], nSubjects),
    'F1 score (subj avg)': ratio(macro[2], nSubjects),
    'Precision (weighted subj avg)': ratio(weighted[0], tp + fn),
    'Recall (weighted subj avg)': ratio(weighted[1], tp + fn),
    'F1 score (weighted subj avg)': ratio(weighted[2], tp + fn),
    'Precision (microavg)': ratio(tp, tp + fp),
    'Recall (microavg)': ratio(tp, tp + fn),
    'F1 score (microavg)': ratio(2 * tp, 2 * tp + fp + fn),
    'F1@5': mean(sums.f1At5),
    NDCG: Math.fround(mean(sums.ndcg)),
    'NDCG@5': Math.fround(mean(sums.ndcgAt5)),
    'NDCG@10': Math.fround(mean(sums.ndcgAt10)),
    'Precision@1': mean(sums.precisionAt1),
    'Precision@3': mean(sums.precisionAt3),
    'Precision@5': mean(sums.precisionAt5),
    'True positives': tp,
    'False positives': fp,
    'False negatives': fn,
    'Documents evaluated': nDocs,
  };
  return new Map(ANNIF_METRICS.map((name) => [name, values[name]]));
}
