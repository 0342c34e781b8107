import type { SubjectIndex } from '@catchword/core';
import { floatRepr, toFixedEven } from '@catchword/math';
import type { Evaluation, Interval } from './evaluation.js';

/** Names of metrics that are counts. */
const COUNTS: ReadonlySet<string> = new Set([
  'True positives',
  'False positives',
  'False negatives',
  'Documents evaluated',
]);

/**
 * Writes metrics as `annif eval` does: name and colon padded to 30, tab, value with four decimals.
 *
 * @param names restricts and orders; `Documents evaluated` always comes last. All where empty
 * @returns lines without line ends
 * @throws {RangeError} if a name is no metric
 */
export function metricLines(evaluation: Evaluation, names: readonly string[] = []): string[] {
  return chosenMetrics(evaluation, names).map(
    ([name, value]) => `${`${name}:`.padEnd(30)}\t${COUNTS.has(name) ? value : toFixedEven(value, 4)}`,
  );
}

/** Writes metrics as `annif eval --metrics-file` does: JSON with an indent of 2, without a line end. */
export function metricsJson(evaluation: Evaluation, names: readonly string[] = []): string {
  const entries = chosenMetrics(evaluation, names).map(
    ([name, value]) => `  "${metricKey(name)}": ${COUNTS.has(name) ? value : floatRepr(value)}`,
  );
  return `{\n${entries.join(',\n')}\n}`;
}

/** @returns the metric's name as a key: `Precision (doc avg)` is `Precision_doc_avg` */
export function metricKey(name: string): string {
  return name.replaceAll(' ', '_').replaceAll('(', '').replaceAll(')', '');
}

/** Writes the figures beyond Annif's in the same layout, intervals in brackets after the value. */
export function furtherLines(evaluation: Evaluation): string[] {
  const { further } = evaluation;
  const lines: string[] = [];
  const line = (name: string, value: number | null, interval: Interval | null, note = '') => {
    const shown = value === null ? '-' : toFixedEven(value, 4);
    const range =
      value === null || !interval ? '' : ` [${toFixedEven(interval.low, 4)}, ${toFixedEven(interval.high, 4)}]`;
    lines.push(`${`${name}:`.padEnd(30)}\t${shown}${range}${note}`);
  };
  line('F1@5', further.f1At5, further.f1At5Interval);
  line('nDCG@10', further.ndcgAt10, further.ndcgAt10Interval);
  line('nDCG@20', further.ndcgAt20, null);
  line('Recall@10', further.recallAt10, further.recallAt10Interval, ` of ${further.nGold}`);
  for (const { band, nGold, recallAt10, interval } of further.bands) {
    line(`Recall@10 (${band} train docs)`, recallAt10, interval, ` of ${nGold}`);
  }
  if (further.calibration) {
    const { error, bands, confidenceCorrelation } = further.calibration;
    line('Calibration error', error, null);
    for (const { band, error: each, nSuggestions } of bands) {
      line(`Calibration (${band} train docs)`, each, null, ` of ${nSuggestions}`);
    }
    line('Confidence correlation', confidenceCorrelation, null);
  }
  return lines;
}

/**
 * Writes the results of each subject as `annif eval --results-file` does: a header, then a row for each subject of the
 * vocabulary in the order of ids, removed and excluded ones included.
 *
 * @returns lines without line ends
 */
export function* subjectResultLines(
  evaluation: Evaluation,
  subjects: SubjectIndex,
  language: string,
): Generator<string, void, undefined> {
  yield 'URI\tLabel\tSupport\tTrue_positives\tFalse_positives\tFalse_negatives\tPrecision\tRecall\tF1_score';
  const { truePositives, falsePositives, falseNegatives } = evaluation.subjects;
  for (let s = 0; s < truePositives.length; s++) {
    const tp = truePositives[s];
    const fp = falsePositives[s];
    const fn = falseNegatives[s];
    const precision = tp > 0 ? tp / (tp + fp) : 0;
    const recall = tp > 0 ? tp / (tp + fn) : 0;
    const f1 = tp > 0 ? (2 * (precision * recall)) / (precision + recall) : 0;
    const figures = `${floatRepr(precision)}\t${floatRepr(recall)}\t${floatRepr(f1)}`;
    yield `${subjects.uri(s)}\t${subjects.label(s, language) ?? ''}\t${tp + fn}\t${tp}\t${fp}\t${fn}\t${figures}`;
  }
}

function chosenMetrics({ metrics }: Evaluation, names: readonly string[]): [string, number][] {
  const last = 'Documents evaluated';
  const wanted = names.length === 0 ? [...metrics.keys()] : [...names.filter((name) => name !== last), last];
  return wanted.map((name) => {
    const value = metrics.get(name);
    if (value === undefined) throw new RangeError(`no metric "${name}"`);
    return [name, value];
  });
}
