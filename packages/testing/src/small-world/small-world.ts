import {
  type BackendContext,
  type Document,
  type Source,
  SuggestionBatchBuilder,
  type SuggestOptions,
} from '@catchword/core';
import { Random } from '@catchword/math';
import { createAnalyzer } from '@catchword/text';
import { type ConceptSpec, vocabularyOf } from '../concept-vocabulary.js';

/** Subjects of the small world of these tests; the last ones no record has. */
export const N_SUBJECTS = 60;
export const FIRST_UNTRAINED = 45;

const concepts = (nSubjects: number) =>
  Array.from(
    { length: nSubjects },
    (_, id): ConceptSpec => ({ uri: `http://example.org/s${id}`, pref: { en: `subject ${id}` } }),
  );

/**
 * Documents of the small world: the text names its two gold subjects as `g12`, and others in passing as `p7`.
 *
 * @param seed other documents for another seed
 */
export function worldDocuments(nDocs: number, seed: number): Document[] {
  const random = new Random(seed);
  return Array.from({ length: nDocs }, (_, i) => {
    const gold = [random.below(N_SUBJECTS), random.below(N_SUBJECTS)];
    const passing = Array.from({ length: 6 }, () => random.below(N_SUBJECTS));
    const text = [...gold.map((id) => `g${id}`), ...passing.map((id) => `p${id}`), `n${i}`].join(' ');
    return { text, subjects: [...new Set(gold)] };
  });
}

/** A source of the small world: lexical ones find whatever is named, associative ones what was trained. */
export function worldSource(projectId: string, kind: 'lexical' | 'associative', modelId = `${projectId} 1`): Source {
  const trainFrequency = Uint32Array.from({ length: N_SUBJECTS }, (_, id) => (id < FIRST_UNTRAINED ? 1 + id : 0));
  return {
    projectId,
    backend: kind,
    weight: 1,
    exponent: 1,
    trainFrequency,
    nTrainDocs: 100,
    modelId,
    suggest: (docs: readonly Document[], { limit, evidence, hidden }: SuggestOptions) => {
      const builder = new SuggestionBatchBuilder(N_SUBJECTS, evidence ? ['named'] : undefined);
      for (const doc of docs) {
        const scores = new Map<number, { score: number; named: number }>();
        const random = new Random(doc.text.length);
        for (const word of doc.text.split(' ')) {
          const id = Number(word.slice(1));
          if (word[0] === 'n' || !(id < N_SUBJECTS)) continue;
          const named = word[0] === 'g' ? 1 : 0;
          const unknown = trainFrequency[id] === 0 || hidden?.[id] === 1;
          if (kind === 'associative' && (unknown || random.uniform() < 0.2)) continue;
          // An associative source is sure of what it knows; a lexical one is in doubt, but its evidence tells.
          const score = kind === 'associative' ? 0.2 + 0.6 * named : 0.3 + 0.2 * random.uniform();
          if (!scores.has(id)) scores.set(id, { score, named });
        }
        const ids = [...scores.keys()];
        const found = [...scores.values()];
        builder.pushTop(
          ids,
          found.map(({ score }) => score),
          ids.length,
          limit,
          evidence ? Float32Array.from(found, ({ named }) => named) : undefined,
        );
      }
      return builder.build();
    },
  };
}

/** An associative source that can be taught: it then finds what is named `p` too, for subjects that it has learnt. */
export function learningSource(projectId: string): Source {
  const source = worldSource(projectId, 'associative');
  const trainFrequency = source.trainFrequency.slice();
  return {
    ...source,
    trainFrequency,
    learn: (docs) => {
      for (const { subjects = [] } of docs)
        for (const id of subjects) trainFrequency[id] = (trainFrequency[id] ?? 0) + 1;
    },
    suggest: async (docs, options) => {
      const batch = await source.suggest(docs, options);
      const builder = new SuggestionBatchBuilder(N_SUBJECTS, batch.evidence?.names);
      docs.forEach(({ text }, i) => {
        const rows = new Map(batch.row(i).map(({ subjectId, score }) => [subjectId, score]));
        for (const word of text.split(' ')) {
          const id = Number(word.slice(1));
          if (word[0] === 'g' && id >= FIRST_UNTRAINED && (trainFrequency[id] ?? 0) > 0 && options.hidden?.[id] !== 1)
            rows.set(id, 0.8);
        }
        const named = batch.evidence && new Float32Array(rows.size).fill(1);
        builder.pushTop([...rows.keys()], [...rows.values()], rows.size, options.limit, named);
      });
      return builder.build();
    },
  };
}

/** @param nSubjects of its vocabulary, whatever the sources suggest */
export async function worldContext(sources: readonly Source[], nSubjects = N_SUBJECTS): Promise<BackendContext> {
  return {
    projectId: 'world',
    language: 'en',
    vocabulary: vocabularyOf(concepts(nSubjects)),
    analyzer: await createAnalyzer('simple', { language: 'en' }),
    sources,
  };
}
