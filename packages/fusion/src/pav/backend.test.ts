import { type Backend, type Document, type Source, SuggestionBatch } from '@catchword/core';
import { Combiner } from '@catchword/sources';
import {
  backendConformance,
  changedSource,
  corpusOf,
  FIRST_UNTRAINED,
  N_SUBJECTS,
  trainedDocuments,
  worldCase,
  worldContext,
  worldDocuments,
  worldSources,
} from '@catchword/testing';
import { describe, expect, test } from 'vitest';
import { pav } from './backend.js';

backendConformance('pav', () => worldCase(pav, { 'min-docs': 2 }, { 'min-docs': 0 }));

async function trained(
  sources: readonly Source[],
  docs: readonly Document[],
  minDocs: number,
  warnings: string[] = [],
) {
  const params = pav.parseParams({ 'min-docs': minDocs }, (key, message) => expect.fail(`${key}: ${message}`));
  const context = await worldContext(sources);
  const onWarning = (message: string) => warnings.push(message);
  const result = await pav.train?.(context, corpusOf(docs), params, { nJobs: 1, seed: 1, onWarning });
  return result as { backend: Backend; report: { subjectsWithCurves: number } };
}

/** Share of the gold subjects, of those wanted, among the first two suggestions. */
function recall(batch: SuggestionBatch, docs: readonly Document[], wanted: (id: number) => boolean): number {
  const gold = docs.flatMap(({ subjects = [] }, i) => subjects.filter(wanted).map((id) => [i, id] as const));
  const found = gold.filter(([i, id]) =>
    batch
      .row(i)
      .slice(0, 2)
      .some(({ subjectId }) => subjectId === id),
  );
  return found.length / gold.length;
}

describe('pav', () => {
  test('gives 2/3 where a source is sure three times and right twice, as Annif does', async () => {
    const [lexical] = worldSources() as [Source];
    const sure: Source = { ...lexical, suggest: (docs) => alwaysSeven(docs.length) };
    const docs = [[7], [7], [9]].map((subjects, i) => ({ text: `n${i}`, subjects }));
    const { backend, report } = await trained([sure], docs, 2);
    expect(report.subjectsWithCurves).toBe(1);
    const [first] = (await backend.suggest([{ text: 'n9' }], { limit: 5 })).row(0);
    expect(first).toEqual({ subjectId: 7, score: Math.fround(2 / 3) });
  });

  test('keeps the scores of the sources, and says so, where no subject has enough documents', async () => {
    const warnings: string[] = [];
    const docs = worldDocuments(20, 2);
    const { backend } = await trained(worldSources(), worldDocuments(10, 1), 100, warnings);
    expect(warnings).toEqual([expect.stringContaining('no subject has 100 documents among 10')]);
    const batches = await Promise.all(worldSources().map((source) => source.suggest(docs, { limit: 100 })));
    const mean = new Combiner(N_SUBJECTS, { combine: 'mean', rankConstant: 60 }).combine(batches, worldSources(), 5);
    expect((await backend.suggest(docs, { limit: 5 })).subjectIds).toEqual(mean.subjectIds);
  });

  test('loses subjects without documents where the scores of a source are no probabilities: the known defect', async () => {
    // Low scores that are right as often as before: curves lift the subjects that have one above all others.
    const [lexical] = worldSources() as [Source];
    const sources = [changedSource(lexical, 0.05)];
    const { backend } = await trained(sources, trainedDocuments(400, 1), 5);
    const docs = worldDocuments(300, 2);
    const batches = await Promise.all(sources.map((source) => source.suggest(docs, { limit: 100 })));
    const mean = new Combiner(N_SUBJECTS, { combine: 'mean', rankConstant: 60 }).combine(batches, sources, 5);
    const batch = await backend.suggest(docs, { limit: 5 });
    const isTrained = (id: number) => id < FIRST_UNTRAINED;
    const unseen = (each: SuggestionBatch) => recall(each, docs, (id) => !isTrained(id));
    expect(recall(batch, docs, isTrained)).toBeGreaterThan(recall(mean, docs, isTrained));
    expect(unseen(mean)).toBeGreaterThan(0.2);
    expect(unseen(batch)).toBeLessThan(0.02);
  });

  test('leaves out a source that is new, and tells of one that is gone', async () => {
    const sources = worldSources();
    const { backend } = await trained(sources.slice(0, 1), worldDocuments(100, 1), 2);
    const params = pav.parseParams({}, () => undefined);
    const docs = worldDocuments(5, 2);
    const alone = await backend.suggest(docs, { limit: 5 });
    const joined = await pav.load?.(await worldContext(sources), backend.save(), params).suggest(docs, { limit: 5 });
    expect(joined?.scores).toEqual(alone.scores);
    expect(joined?.warnings).toEqual([
      expect.stringContaining('pav "world" has not learnt from its source "associative"'),
    ]);
  });
});

function alwaysSeven(nDocs: number): SuggestionBatch {
  const indptr = Uint32Array.from({ length: nDocs + 1 }, (_, i) => i);
  return new SuggestionBatch(N_SUBJECTS, indptr, new Uint32Array(nDocs).fill(7), new Float32Array(nDocs).fill(1));
}
