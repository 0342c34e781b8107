import type { Backend, Document, Source, SuggestionBatch } from '@catchword/core';
import { Combiner } from '@catchword/sources';
import {
  backendConformance,
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
import { fusion } from '../fusion/backend.js';
import { nnEnsemble } from './backend.js';

backendConformance('nn_ensemble', () =>
  worldCase(
    nnEnsemble,
    { nodes: 8, epochs: 3, dropout_rate: 0.1, lr: 0.01 },
    { nodes: 0, epochs: 1.5, dropout_rate: 1, lr: '' },
  ),
);

const noProblem = (key: string, message: string) => expect.fail(`${key}: ${message}`);

async function trained(docs: readonly Document[], sources: readonly Source[] = worldSources()) {
  const params = nnEnsemble.parseParams({ epochs: 60, lr: 0.01, nodes: 20 }, noProblem);
  const options = { nJobs: 1, seed: 1 };
  const result = await nnEnsemble.train?.(await worldContext(sources), corpusOf(docs), params, options);
  return result as { backend: Backend; report: { losses: number[] } };
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

describe('nn_ensemble', () => {
  test('loses subjects that none of its documents has, where the mean and fusion keep them: the known defect', async () => {
    const learnt = trainedDocuments(400, 1);
    const docs = worldDocuments(300, 2);
    const sources = worldSources().slice(0, 1);
    const { backend, report } = await trained(learnt, sources);
    expect(report.losses[59]).toBeLessThan(report.losses[0] ?? 0);
    const network = await backend.suggest(docs, { limit: 5 });
    const batches = await Promise.all(sources.map((source) => source.suggest(docs, { limit: 100 })));
    const mean = new Combiner(N_SUBJECTS, { combine: 'mean', rankConstant: 60 }).combine(batches, sources, 5);
    const params = fusion.parseParams({ trees: 40 }, noProblem);
    const shared = await fusion.train?.(await worldContext(sources), corpusOf(learnt), params, {
      nJobs: 1,
      seed: 1,
    });
    const fused = (await shared?.backend.suggest(docs, { limit: 5 })) as SuggestionBatch;
    const isTrained = (id: number) => id < FIRST_UNTRAINED;
    expect(recall(network, docs, isTrained)).toBeGreaterThan(0.3);
    const unseen = (batch: SuggestionBatch) => recall(batch, docs, (id) => !isTrained(id));
    expect(unseen(mean)).toBeGreaterThan(0.2);
    expect(unseen(network)).toBeLessThan(0.05);
    expect(unseen(fused)).toBeGreaterThan(0.9);
  });

  test('explains a score as the mean and what the network added', async () => {
    const { backend } = await trained(worldDocuments(100, 1));
    const doc = { text: 'g3 p9 g50' };
    const [explanation] = (await backend.explain?.(doc, [3])) ?? [];
    const [first] = (await backend.suggest([doc], { limit: 9 })).row(0).filter(({ subjectId }) => subjectId === 3);
    expect(explanation?.score).toBeCloseTo(first?.score ?? -1, 6);
    expect(explanation?.contributions.map(({ feature }) => feature)).toEqual(['mean', 'network']);
    expect(explanation?.sources?.map(({ projectId }) => projectId)).toEqual(['lexical', 'associative']);
  });

  test('goes on without a source that is gone, and says so', async () => {
    const { backend } = await trained(worldDocuments(100, 1));
    const params = nnEnsemble.parseParams({}, noProblem);
    const loaded = nnEnsemble.load?.(await worldContext(worldSources().slice(1)), backend.save(), params);
    const batch = await loaded?.suggest(worldDocuments(20, 2), { limit: 5 });
    expect(batch?.subjectIds.length).toBeGreaterThan(20);
    expect(batch?.warnings).toEqual([expect.stringContaining('learnt from source "lexical", which it no longer has')]);
  });
});
