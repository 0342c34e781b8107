// A small backend from outside, for tests: subjects by the words that they were trained with.
import { SuggestionBatchBuilder } from '@catchword/core';
import { packArrays } from '@catchword/math';

const words = (text) => new Set(text.toLowerCase().match(/\p{L}+/gu) ?? []);

class KeywordBackend {
  constructor(context, meta) {
    this.context = context;
    this.meta = meta;
  }

  suggest(docs, { limit }) {
    const { nSubjects } = this.context.vocabulary;
    const builder = new SuggestionBatchBuilder(nSubjects);
    for (const doc of docs) {
      const scores = new Map();
      for (const word of words(doc.text)) {
        const ids = Object.hasOwn(this.meta.words, word) ? this.meta.words[word] : [];
        for (const id of ids) scores.set(id, (scores.get(id) ?? 0) + 1 / 64);
      }
      builder.pushTop([...scores.keys()], [...scores.values()], scores.size, limit);
    }
    return builder.build();
  }

  explain(doc, ids) {
    return ids.map((subjectId) => {
      const word = [...words(doc.text)].find((w) => this.meta.words[w]?.includes(subjectId)) ?? '';
      const start = doc.text.toLowerCase().indexOf(word);
      const evidence = [{ start, end: start + word.length, label: word, kind: 'label' }];
      return { subjectId, score: 1, evidence, contributions: [] };
    });
  }

  save() {
    return { meta: this.meta, pack: packArrays({ sizes: Uint32Array.of(Object.keys(this.meta.words).length) }) };
  }
}

export const keyword = {
  name: 'keyword',
  paramHelp: { delay: 'milliseconds for each document', fail: 'throws after training' },
  parseParams(raw, problem) {
    const delay = Number(raw.delay ?? 0);
    if (!(delay >= 0)) problem('delay', `${raw.delay} is not a number of milliseconds`);
    return { delay, fail: raw.fail === 'yes' };
  },
  async train(context, corpus, params, { signal, onProgress }) {
    const byWord = {};
    let done = 0;
    for await (const doc of corpus.documents()) {
      if (params.delay > 0) await new Promise((resolve) => setTimeout(resolve, params.delay));
      signal?.throwIfAborted();
      for (const word of words(doc.text)) {
        byWord[word] = [...new Set([...(byWord[word] ?? []), ...doc.subjects])].sort((a, b) => a - b);
      }
      onProgress?.({ stage: 'reading', done: ++done, unit: 'documents' });
    }
    if (params.fail) throw new Error('no more memory');
    return { backend: new KeywordBackend(context, { words: byWord }), report: { nWords: Object.keys(byWord).length } };
  },
  load: (context, model) => new KeywordBackend(context, model.meta),
};
