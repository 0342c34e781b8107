import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Backend, type BackendContext, type BackendType, type Document, SuggestionBatch } from '@catchword/core';
import { viewArrays } from '@catchword/math';
import { describe, expect, test } from 'vitest';
import { tinyCase } from './backend-case.js';
import { backendConformance, CONFORMANCE_CHECKS } from './backend-conformance.js';
import { countThreads } from './conformance/running-threads.js';
import { SubstringBackend, type SubstringParams, substring } from './substring-backend.js';

const caseOf = (type: BackendType<SubstringParams>) => () =>
  tinyCase(type, {
    language: 'en',
    analyzer: 'simple',
    params: { smoothing: 1 },
    badParams: { smoothing: -1 },
    reachesUntrained: true,
  });

backendConformance('the smallest backend', caseOf(substring));

/** The backend with one fault, made by changing what `train` and `load` give. */
function withBackend(change: (backend: Backend, context: BackendContext) => Backend): BackendType<SubstringParams> {
  return {
    ...substring,
    async train(...args) {
      const trained = await substring.train?.(...args);
      if (!trained) throw new Error('not trained');
      return { ...trained, backend: change(trained.backend, args[0]) };
    },
    load(context, model, params) {
      const loaded = substring.load?.(context, model, params);
      if (!loaded) throw new Error('not loaded');
      return change(loaded, context);
    },
  };
}

const suggesting = (change: (batch: SuggestionBatch, docs: readonly { text: string }[]) => SuggestionBatch) =>
  withBackend((backend) => ({
    suggest: async (docs, options) => change(await backend.suggest(docs, options), docs),
    save: () => backend.save(),
  }));

let calls = 0;

/** Faults, and the check that has to find each. */
const FAULTS: Readonly<Record<string, { readonly found: RegExp; readonly type: BackendType<SubstringParams> }>> = {
  'training by chance': {
    found: /same seed/,
    type: withBackend((backend) => ({
      suggest: (docs, options) => backend.suggest(docs, options),
      save: () => ({ ...backend.save(), meta: { ...backend.save().meta, stamp: ++calls } }),
    })),
  },
  'a document that changes the next': {
    found: /one by one/,
    type: suggesting(({ nSubjects, indptr, subjectIds, scores }, docs) => {
      const first = docs[0]?.text.length ?? 1;
      return new SuggestionBatch(
        nSubjects,
        indptr,
        subjectIds,
        scores.map((score) => score / first),
      );
    }),
  },
  'ascending rows': {
    found: /ordered/,
    type: suggesting(({ nSubjects, indptr, subjectIds, scores }) => {
      for (let i = 0; i + 1 < indptr.length; i++) {
        subjectIds.subarray(indptr[i], indptr[i + 1]).reverse();
        scores.subarray(indptr[i], indptr[i + 1]).reverse();
      }
      return new SuggestionBatch(nSubjects, indptr, subjectIds, scores);
    }),
  },
  'scores above 1': {
    found: /ordered/,
    type: suggesting(({ nSubjects, indptr, subjectIds, scores }) => {
      return new SuggestionBatch(
        nSubjects,
        indptr,
        subjectIds,
        scores.map((score) => score + 1),
      );
    }),
  },
  'gold subjects that are suggested': {
    found: /neither documents nor model/,
    type: withBackend((backend) => ({
      suggest: async (docs, options) => {
        const batch = await backend.suggest(docs, options);
        return docs.some((doc) => doc.subjects) ? batch.filter(1, 0) : batch;
      },
      save: () => backend.save(),
    })),
  },
  'an abort that is not heard': {
    found: /an abort between documents/,
    type: {
      ...substring,
      train: (context, corpus, params, { signal: _, ...options }) => {
        if (!substring.train) throw new Error('not trained');
        return substring.train(context, corpus, params, options);
      },
    },
  },
  'a thread that is left running': {
    found: /error of the corpus/,
    type: {
      ...substring,
      train: async (context, corpus, params, options) => {
        if (!substring.train) throw new Error('not trained');
        const worker = new Worker('setTimeout(() => undefined, 1500)', { eval: true });
        worker.unref();
        return substring.train(context, corpus, params, options);
      },
    },
  },
  'a model that is taken as it comes': {
    found: /damaged arrays/,
    type: {
      ...substring,
      load: (context, { pack }, { smoothing }) =>
        new SubstringBackend(context, viewArrays(pack).counts as Uint32Array, smoothing),
    },
  },
  'a model that fits every vocabulary': {
    found: /another vocabulary/,
    type: {
      ...substring,
      load: (context, { pack }, { smoothing }) =>
        new SubstringBackend(context, viewArrays(pack).counts as Uint32Array, smoothing),
    },
  },
  'a parameter that throws': {
    found: /parameters/,
    type: {
      ...substring,
      parseParams: (raw) => {
        if (raw.smoothing === -1) throw new Error('smoothing is not right');
        return { smoothing: 1 };
      },
    },
  },
};

/** The backend with a way to learn: from then on it suggests no more than one subject. */
const learning = (
  fault: (backend: Backend, learn: (docs: readonly Document[]) => void) => Partial<Backend>,
): BackendType<SubstringParams> =>
  withBackend((backend) => {
    let isTaught = false;
    const learn = () => {
      isTaught = true;
    };
    return {
      suggest: async (docs, options) => {
        const batch = await backend.suggest(docs, options);
        return isTaught ? batch.filter(1, 0) : batch;
      },
      save: () => backend.save(),
      learn,
      ...fault(backend, learn),
    };
  });

const LEARNING_FAULTS: typeof FAULTS = {
  'learning that is not saved': { found: /learning, then suggesting/, type: learning(() => ({})) },
  'an assessment that changes the model': {
    found: /assessing changes nothing/,
    type: learning((backend) => ({
      assess: (docs) => docs.map(() => ++calls),
      save: () => ({ ...backend.save(), meta: { ...backend.save().meta, calls } }),
    })),
  },
  'learning that stumbles over a record without subjects': {
    found: /odd records/,
    type: learning((_, learn) => ({
      learn: (docs) => {
        if (docs.some(({ subjects }) => !subjects)) throw new TypeError('there are no subjects');
        learn(docs);
      },
    })),
  },
};

describe('the conformance suite finds', () => {
  for (const [fault, { found, type }] of Object.entries({ ...FAULTS, ...LEARNING_FAULTS })) {
    test(fault, async () => {
      const checks = CONFORMANCE_CHECKS.filter(({ name }) => found.test(name));
      expect(checks).not.toEqual([]);
      for (const { run } of checks) await expect(run(caseOf(type))).rejects.toThrow();
    });
  }
});

test('countThreads counts threads that were started and those that still run', async () => {
  let worker: Worker | undefined;
  const left = await countThreads(async () => {
    worker = new Worker('setInterval(() => undefined, 1000)', { eval: true });
    await new Promise((resolve) => worker?.once('online', resolve));
  });
  expect(left).toEqual({ started: 1, running: 1 });
  await worker?.terminate();
  const ended = await countThreads(async () => {
    const another = new Worker('', { eval: true });
    await new Promise((resolve) => another.once('exit', resolve));
    await setImmediate();
  });
  expect(ended).toEqual({ started: 1, running: 0 });
});
