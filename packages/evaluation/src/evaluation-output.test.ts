import type { SubjectIndex } from '@catchword/core';
import { SuggestionBatch } from '@catchword/core';
import { expect, test } from 'vitest';
import { ANNIF_METRICS } from './annif-metrics.js';
import { furtherLines, metricKey, metricLines, metricsJson, subjectResultLines } from './evaluation-output.js';
import { Evaluator } from './evaluator.js';

const subjects: SubjectIndex = {
  nSubjects: 3,
  idOfUri: (uri) => Number(uri.slice(-1)),
  idOfLabel: () => -1,
  uri: (id) => `http://example.org/${id}`,
  label: (id) => (id === 2 ? undefined : `label ${id}`),
  notation: () => undefined,
};

const evaluator = new Evaluator({ nSubjects: 3, trainFrequency: Uint32Array.of(0, 5, 500) });
evaluator.add(
  new SuggestionBatch(3, Uint32Array.of(0, 2, 3), Uint32Array.of(0, 1, 0), Float32Array.of(0.9, 0.5, 0.25)),
  [[0], [1, 2]],
);
const evaluation = evaluator.finish();

test('metricLines restricts and orders, documents last', () => {
  expect(metricLines(evaluation, ['NDCG', 'Documents evaluated', 'F1@5'])).toEqual([
    'NDCG:                         \t0.5000',
    'F1@5:                         \t0.3333',
    'Documents evaluated:          \t2',
  ]);
  expect(() => metricLines(evaluation, ['LRAP'])).toThrow('no metric "LRAP"');
});

test('metricsJson names and writes as Annif does', () => {
  const json = metricsJson(evaluation);
  expect(json.startsWith('{\n  "Precision_doc_avg": 0.25,\n  "Recall_doc_avg": 0.5,\n')).toBe(true);
  expect(json.endsWith('  "False_negatives": 2,\n  "Documents_evaluated": 2\n}')).toBe(true);
  expect(Object.keys(JSON.parse(json))).toEqual(ANNIF_METRICS.map(metricKey));
  expect(metricKey('F1 score (weighted subj avg)')).toBe('F1_score_weighted_subj_avg');
  expect(metricsJson(evaluation, ['NDCG'])).toBe('{\n  "NDCG": 0.5,\n  "Documents_evaluated": 2\n}');
});

test('subjectResultLines writes a row for each subject as Annif does', () => {
  expect([...subjectResultLines(evaluation, subjects, 'en')]).toEqual([
    'URI\tLabel\tSupport\tTrue_positives\tFalse_positives\tFalse_negatives\tPrecision\tRecall\tF1_score',
    'http://example.org/0\tlabel 0\t1\t1\t1\t0\t0.5\t1.0\t0.6666666666666666',
    'http://example.org/1\tlabel 1\t1\t0\t1\t1\t0.0\t0.0\t0.0',
    'http://example.org/2\t\t1\t0\t0\t1\t0.0\t0.0\t0.0',
  ]);
});

test('furtherLines shows the bands with their counts, and a dash where nothing is measured', () => {
  const lines = furtherLines(evaluation);
  expect(lines).toContain('nDCG@20:                      \t0.5000');
  expect(lines.find((line) => line.startsWith('Recall@10 (0 train docs):'))).toMatch(
    /\t1\.0000 \[1\.0000, 1\.0000\] of 1$/,
  );
  expect(lines).toContain('Recall@10 (10-100 train docs):\t- of 0');
});
