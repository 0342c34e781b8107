import { type BackendType, type Document, type RawParams, type Source, SuggestionBatchBuilder } from '@catchword/core';
import type { BackendCase } from '../backend-case.js';
import { corpusOf } from '../tiny-corpus.js';
import { FIRST_UNTRAINED, N_SUBJECTS, worldContext, worldDocuments, worldSource } from './small-world.js';

/** The two sources of the small world. */
export function worldSources(): Source[] {
  return [worldSource('lexical', 'lexical'), worldSource('associative', 'associative')];
}

/** The source with its scores multiplied; in a vocabulary with a subject more it suggests that one where it is named. */
export function changedSource(source: Source, factor: number, nSubjects = N_SUBJECTS): Source {
  return {
    ...source,
    async suggest(docs, options) {
      const batch = await source.suggest(docs, options);
      const builder = new SuggestionBatchBuilder(nSubjects);
      for (let i = 0; i < batch.nDocs; i++) {
        for (const { subjectId, score } of batch.row(i)) builder.push(subjectId, score * factor);
        if (docs[i]?.text.includes(`g${N_SUBJECTS}`)) builder.push(N_SUBJECTS, 0.001);
        builder.endRow();
      }
      return builder.build();
    },
  };
}

/** Documents whose gold subjects all have records; in passing they name others too. */
export function trainedDocuments(nDocs: number, seed: number): Document[] {
  return worldDocuments(2 * nDocs, seed)
    .filter(({ subjects = [] }) => subjects.every((id) => id < FIRST_UNTRAINED))
    .slice(0, nDocs);
}

/** A case of the conformance suite for an ensemble that learns of single subjects. */
export async function worldCase<P>(
  type: BackendType<P>,
  params: RawParams,
  badParams: RawParams,
): Promise<BackendCase<P>> {
  const sources = worldSources();
  const grown = sources.map((source) => changedSource(source, 1, N_SUBJECTS + 1));
  return {
    type,
    context: await worldContext(sources),
    corpus: corpusOf(worldDocuments(60, 1)),
    documents: worldDocuments(12, 2).map(({ text }) => ({ text })),
    params,
    badParams,
    grown: { context: await worldContext(grown, N_SUBJECTS + 1), text: `g3 p5 g${N_SUBJECTS}`, newId: N_SUBJECTS },
    other: await worldContext(sources, 30),
    reachesUntrained: true,
  };
}
