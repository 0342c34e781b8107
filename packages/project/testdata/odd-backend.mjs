// A backend for tests of serving: a text says how long it takes, or that its thread hangs or dies.
import { SuggestionBatchBuilder } from '@catchword/core';
import { packArrays } from '@catchword/math';

class OddBackend {
  constructor(context, meta) {
    this.context = context;
    this.meta = meta;
  }

  async suggest(docs, { limit }) {
    const builder = new SuggestionBatchBuilder(this.context.vocabulary.nSubjects);
    for (const { text } of docs) {
      const [, word, number] = /^(sleep|block|die|fail|ask) ?(\d*)/.exec(text) ?? [];
      if (word === 'sleep') await new Promise((resolve) => setTimeout(resolve, Number(number)));
      if (word === 'block') for (const end = Date.now() + Number(number); Date.now() < end; );
      if (word === 'die') process.exit(1);
      if (word === 'fail') throw new Error('the backend fails');
      if (word === 'ask')
        builder.charge({ calls: 1, cached: 2, promptTokens: Number(number), answerTokens: 3, seconds: 0 });
      builder.pushTop([this.meta.answer, 2], [1, 0.5], 2, limit);
    }
    return builder.build();
  }

  learn(docs) {
    for (const { subjects } of docs) this.meta = { ...this.meta, answer: subjects[0] };
  }

  explain(_doc, ids) {
    return ids.map((subjectId) => ({ subjectId, score: 1, evidence: [], contributions: [] }));
  }

  save() {
    return { meta: this.meta, pack: packArrays({ none: Uint32Array.of(0) }) };
  }
}

export const odd = {
  name: 'odd',
  paramHelp: { answer: 'the subject that is always suggested' },
  parseParams: (raw) => ({ answer: Number(raw.answer ?? 0) }),
  async train(context, corpus, params) {
    let nDocs = 0;
    for await (const _ of corpus.documents()) nDocs++;
    return { backend: new OddBackend(context, { answer: params.answer }), report: { nDocs } };
  },
  load: (context, model) => new OddBackend(context, model.meta),
};
