// A backend for tests of calibrated scores: the text is the probabilities of subjects 0, 1, 2, …
import { SuggestionBatchBuilder } from '@catchword/core';
import { packArrays } from '@catchword/math';

class ProbableBackend {
  isCalibrated = true;

  constructor(context) {
    this.context = context;
  }

  suggest(docs, { limit }) {
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects);
    for (const { text } of docs) {
      const scores = text.split(' ').filter(Boolean).map(Number);
      builder.pushTop([...scores.keys()], scores, scores.length, limit);
    }
    return builder.build();
  }

  save() {
    return { meta: {}, pack: packArrays({ none: Uint32Array.of(0) }) };
  }
}

export const probable = {
  name: 'probable',
  paramHelp: {},
  parseParams: () => ({}),
  async train(context, corpus) {
    for await (const _ of corpus.documents());
    return { backend: new ProbableBackend(context), report: {} };
  },
  load: (context) => new ProbableBackend(context),
};
