// A small backend from outside, for tests: fails for some texts, and its thread dies of others.

import { isMainThread } from 'node:worker_threads';
import { SuggestionBatchBuilder } from '@catchword/core';
import { packArrays } from '@catchword/math';

export const failing = {
  name: 'failing',
  paramHelp: {},
  parseParams: () => ({}),
  async train(context, corpus) {
    for await (const _ of corpus.documents());
    return { backend: failing.load(context), report: {} };
  },
  load: ({ vocabulary }) => ({
    async suggest(docs) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const builder = new SuggestionBatchBuilder(vocabulary.nSubjects);
      for (const { text } of docs) {
        if (text.includes('DIE') && !isMainThread) process.exit(7);
        if (/DIE|FAIL/.test(text)) throw new Error(`no suggestions for ${text}`);
        builder.pushTop([text.length % vocabulary.nSubjects], [0.5], 1, 1);
      }
      return builder.build();
    },
    save: () => ({ meta: {}, pack: packArrays({}) }),
  }),
};
