import { OperationError, type Progress } from '@catchword/core';
import { expect } from 'vitest';
import { trainCase } from '../backend-case.js';
import { corpusOf } from '../tiny-corpus.js';
import type { Check, MakeCase } from './check.js';
import { frozen } from './frozen.js';
import { modelBytes } from './model-bytes.js';
import { countThreads } from './running-threads.js';

/** Checks of `BackendType.train`. */
export const TRAINING_CHECKS: readonly Check[] = [
  {
    name: 'two trainings with the same seed give the same bytes',
    run: async (makeCase) => {
      const first = await trainedBytes(makeCase, 1);
      expect(await trainedBytes(makeCase, 1)).toEqual(first);
    },
  },
  {
    name: 'one job and two give the same bytes',
    run: async (makeCase) => {
      const threads = await countThreads(async () => {
        expect(await trainedBytes(makeCase, 2)).toEqual(await trainedBytes(makeCase, 1));
      });
      expect(threads.running, 'threads that still run').toBe(0);
    },
  },
  {
    name: 'training modifies neither documents nor vocabulary',
    run: async (makeCase) => {
      const each = await makeCase();
      const { vocabulary } = each.context;
      const before = modelBytes(vocabulary.toModelData());
      const documents = [];
      for await (const doc of each.corpus.documents()) documents.push(frozen(doc));
      await trainCase({ ...each, corpus: corpusOf(documents) });
      expect(modelBytes(vocabulary.toModelData())).toEqual(before);
    },
  },
  {
    name: 'the report of a training is JSON',
    run: async (makeCase) => {
      const { report } = await trainCase(await makeCase());
      expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    },
  },
  {
    name: 'a corpus without documents cannot be learnt from',
    run: async (makeCase) => {
      const training = trainCase({ ...(await makeCase()), corpus: corpusOf([]) });
      const error: unknown = await training.then(
        () => undefined,
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(OperationError);
      expect(error).toMatchObject({ code: 'corpus-empty' });
    },
  },
  {
    name: 'an abort before the start rejects with its reason',
    run: async (makeCase) => {
      const reason = new Error('not today');
      const each = await makeCase();
      await expect(trainCase(each, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    },
  },
  {
    name: 'an abort between documents rejects with its reason and leaves no thread running',
    run: async (makeCase) => {
      for (const nJobs of [1, 2]) {
        const each = await makeCase();
        const abort = new AbortController();
        const reason = new Error(`stopped with ${nJobs}`);
        const documents = async function* () {
          let n = 0;
          for await (const doc of each.corpus.documents()) {
            if (n++ === 10) abort.abort(reason);
            yield doc;
          }
        };
        const threads = await countThreads(() =>
          expect(
            trainCase({ ...each, corpus: { name: 'aborted', documents } }, { nJobs, signal: abort.signal }),
          ).rejects.toBe(reason),
        );
        expect(threads.running, 'threads that still run').toBe(0);
      }
    },
  },
  {
    name: 'an abort at any stage rejects with its reason and leaves no thread running',
    run: async (makeCase) => {
      const stages = new Set<string>();
      await trainCase(await makeCase(), { onProgress: ({ stage }) => stages.add(stage) });
      expect([...stages], 'stages that progress names').not.toEqual([]);
      for (const stage of stages) {
        for (const nJobs of [1, 2]) await abortAt(makeCase, stage, nJobs);
      }
    },
  },
  {
    name: 'an error of the corpus is passed on and leaves no thread running',
    run: async (makeCase) => {
      for (const nJobs of [1, 2]) {
        const each = await makeCase();
        const failure = new Error('line 12 is not what it should be');
        const documents = async function* () {
          let n = 0;
          for await (const doc of each.corpus.documents()) {
            if (n++ === 10) throw failure;
            yield doc;
          }
        };
        const threads = await countThreads(() =>
          expect(trainCase({ ...each, corpus: { name: 'broken', documents } }, { nJobs })).rejects.toBe(failure),
        );
        expect(threads.running, 'threads that still run').toBe(0);
      }
    },
  },
];

async function trainedBytes<P>(makeCase: MakeCase<P>, nJobs: number): Promise<unknown> {
  const { backend } = await trainCase(await makeCase(), { nJobs });
  const bytes = modelBytes(backend.save());
  await backend.close?.();
  return bytes;
}

async function abortAt<P>(makeCase: MakeCase<P>, stage: string, nJobs: number): Promise<void> {
  const abort = new AbortController();
  const reason = new Error(`stopped while ${stage}`);
  const onProgress = (progress: Progress) => {
    if (progress.stage === stage) abort.abort(reason);
  };
  const each = await makeCase();
  const threads = await countThreads(() =>
    expect(trainCase(each, { nJobs, signal: abort.signal, onProgress })).rejects.toBe(reason),
  );
  expect(threads.running, `threads that still run after an abort while ${stage}`).toBe(0);
}
