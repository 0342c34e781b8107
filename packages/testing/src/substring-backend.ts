import {
  type Backend,
  type BackendContext,
  type BackendType,
  ModelError,
  OperationError,
  SUBJECT_ACTIVE,
  type SuggestionBatch,
  SuggestionBatchBuilder,
} from '@catchword/core';
import { packArrays, viewArrays } from '@catchword/math';

export interface SubstringParams {
  /** Added to each count, above 0. */
  readonly smoothing: number;
}

/** Suggests preferred labels that stand in the text, weighed by how often records have them. */
export class SubstringBackend implements Backend {
  private readonly context: BackendContext;
  private readonly counts: Uint32Array;
  private readonly smoothing: number;

  constructor(context: BackendContext, counts: Uint32Array, smoothing: number) {
    this.context = context;
    this.counts = counts;
    this.smoothing = smoothing;
  }

  suggest(docs: readonly { readonly text: string }[], { limit }: { readonly limit: number }): SuggestionBatch {
    const { vocabulary, language } = this.context;
    const builder = new SuggestionBatchBuilder(vocabulary.nSubjects);
    for (const { text } of docs) {
      const lower = text.toLowerCase();
      const ids: number[] = [];
      const scores: number[] = [];
      for (let id = 0; id < vocabulary.nSubjects; id++) {
        const label = vocabulary.label(id, language)?.toLowerCase() ?? '';
        if (vocabulary.status[id] !== SUBJECT_ACTIVE || label === '' || !lower.includes(label)) continue;
        const count = (this.counts[id] ?? 0) + this.smoothing;
        ids.push(id);
        scores.push(Math.fround(count / (count + 1)));
      }
      builder.pushTop(ids, scores, ids.length, limit);
    }
    return builder.build();
  }

  save() {
    return { meta: { nSubjects: this.counts.length }, pack: packArrays({ counts: this.counts }) };
  }
}

/** The smallest backend that learns: for tests that need one and not what it is good at. */
export const substring: BackendType<SubstringParams> = {
  name: 'substring',
  paramHelp: { smoothing: 'what is added to each count (default 0.5)' },
  parseParams(raw, problem) {
    const value = raw.smoothing ?? 0.5;
    if (typeof value === 'number' && value > 0 && value < 100) return { smoothing: value };
    problem('smoothing', `smoothing has to be a number above 0 and below 100, not ${value}`);
    return { smoothing: 0.5 };
  },
  async train(context, corpus, { smoothing }, { signal, onProgress }) {
    const counts = new Uint32Array(context.vocabulary.nSubjects);
    let done = 0;
    for await (const { subjects } of corpus.documents()) {
      for (const id of subjects ?? []) counts[id] = (counts[id] ?? 0) + 1;
      done++;
      onProgress?.({ stage: 'counting', done, unit: 'documents' });
      signal?.throwIfAborted();
    }
    if (done === 0) throw new OperationError('corpus-empty', 'Cannot train: there is no document');
    return { backend: new SubstringBackend(context, counts, smoothing), report: { documents: done } };
  },
  load(context, { meta, pack }, { smoothing }) {
    let counts: unknown;
    try {
      counts = viewArrays(pack).counts;
    } catch (cause) {
      throw new ModelError('model-damaged', 'The model cannot be read', { cause });
    }
    if (!(counts instanceof Uint32Array) || counts.length !== meta.nSubjects) {
      throw new ModelError('model-damaged', 'The model has no counts');
    }
    if (counts.length > context.vocabulary.nSubjects) {
      throw new ModelError('model-incompatible', 'The model is that of another vocabulary', {
        hint: 'Train it again.',
      });
    }
    return new SubstringBackend(context, counts, smoothing);
  },
};
