import {
  type BackendContext,
  type Document,
  OperationError,
  type Source,
  SuggestionBatchBuilder,
  type SuggestOptions,
} from '@catchword/core';
import { csrFromPairs } from '@catchword/math';
import { expect, test } from 'vitest';
import { ensemble } from './backend.js';

const N_SUBJECTS = 3;

/** Gives subject `id` to every document but those with the text `bad`, for which it fails. */
function source(projectId: string, id: number, further: Partial<Source> = {}): Source & { readonly limits: number[] } {
  const limits: number[] = [];
  const suggest = (docs: readonly Document[], { limit }: SuggestOptions) => {
    limits.push(limit);
    const builder = new SuggestionBatchBuilder(N_SUBJECTS);
    for (const { text } of docs) {
      if (text === `bad for ${projectId}`) throw new OperationError('operation-failed', `cannot read "${text}"`);
      builder.pushTop([id], [0.5], 1, limit);
    }
    return builder.build();
  };
  return { projectId, weight: 1, exponent: 1, suggest, limits, ...further } as unknown as Source & { limits: number[] };
}

const open = (sources: readonly Source[]) => {
  const context = { projectId: 'e', language: 'en', vocabulary: { nSubjects: N_SUBJECTS }, sources };
  const params = ensemble.parseParams({}, (key, message) => expect.unreachable(`${key}: ${message}`));
  const model = { meta: {}, pack: { buffer: new SharedArrayBuffer(0), places: [] } };
  return ensemble.load?.(context as unknown as BackendContext, model, params);
};

test('ensemble leaves a source out for the document for which it fails, and for no other', async () => {
  const backend = open([source('a', 0), source('b', 1)]);
  const docs = [{ text: 'good' }, { text: 'bad for b' }, { text: 'good' }];
  const batch = await backend?.suggest(docs, { limit: 10 });
  const both = [
    { subjectId: 0, score: 0.25 },
    { subjectId: 1, score: 0.25 },
  ];
  expect(docs.map((_, i) => batch?.row(i))).toEqual([both, [{ subjectId: 0, score: 0.5 }], both]);
  expect(batch?.warnings).toEqual(['source "b" was left out: cannot read "bad for b"']);
});

test('ensemble fails for a document for which all sources fail', async () => {
  const backend = open([source('a', 0)]);
  await expect(backend?.suggest([{ text: 'good' }, { text: 'bad for a' }], { limit: 10 })).rejects.toMatchObject({
    code: 'operation-failed',
  });
});

test('ensemble explains what it suggested: sources are asked for as many candidates', async () => {
  const a = source('a', 0);
  const backend = open([a]);
  await backend?.suggest([{ text: 'good' }], { limit: 10 });
  await backend?.explain?.({ text: 'good' }, [0, 1]);
  expect(a.limits).toEqual([100, 100]);
});

test('ensemble tells the subjects of the records of the source that keeps most', () => {
  const few = csrFromPairs(1, N_SUBJECTS, [0], [2]);
  const many = csrFromPairs(2, N_SUBJECTS, [0, 1], [0, 1]);
  const sources = [
    source('a', 0),
    source('b', 1, { assignments: () => few }),
    source('c', 1, { assignments: () => many }),
  ];
  expect(open(sources)?.assignments?.()).toEqual(many);
  expect(open([source('a', 0)])?.assignments).toBeUndefined();
});
