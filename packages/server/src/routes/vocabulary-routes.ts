import { SUBJECT_ACTIVE, type Vocabulary } from '@catchword/core';
import type { FastifyInstance } from 'fastify';
import { conceptFacts, conceptReference, labelKind } from '../models/concept-facts.js';
import { labelLanguage, shownLanguage } from '../models/vocabulary-languages.js';
import { Problem } from '../problem.js';
import {
  CONCEPT,
  CONCEPT_QUERY,
  CONCEPTS,
  FOUND_CONCEPTS,
  SEARCH_QUERY,
  TOP_QUERY,
  VOCAB_ID,
} from '../schemas/concepts.js';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';

interface VocabId {
  readonly vocab_id: string;
}

interface SearchQuery {
  readonly query: string;
  readonly language: string;
  readonly only_language: boolean;
  readonly deprecated: boolean;
  readonly limit: number;
}

const PROBLEMS = problemAnswers(400, 401, 403, 404, 405, 429, 500, 503);

/** Looking into vocabularies: search with completion, a concept with its surroundings, concepts at the top. */
export function addVocabularyRoutes(app: FastifyInstance, { vocabularies }: RouteContext): void {
  app.get<{ Params: VocabId; Querystring: SearchQuery }>(
    '/v1/vocabs/:vocab_id/search',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'searchVocabulary',
        summary: 'Find concepts by what was typed so far',
        tags: ['Vocabularies'],
        params: VOCAB_ID,
        querystring: SEARCH_QUERY,
        response: { 200: { description: 'Concepts, the best first.', ...FOUND_CONCEPTS }, ...PROBLEMS },
      },
    },
    async ({ params, query }) => {
      const { vocabulary, search } = await vocabularies.open(params.vocab_id);
      const language = labelLanguage(vocabulary, query.language, shownLanguage(vocabulary));
      const found = (await search()).search(query.query, {
        limit: query.limit,
        deprecated: query.deprecated,
        ...(query.only_language ? { language } : undefined),
      });
      const { labels, languages } = vocabulary;
      return {
        results: found.map(({ subjectId, label, match }) => ({
          ...conceptReference(vocabulary, subjectId, language),
          matched: {
            label: labels.texts.get(label),
            language: languages[labels.language[label] as number],
            kind: labelKind(labels.kind[label] as number),
            how: match,
          },
        })),
      };
    },
  );

  app.get<{ Params: VocabId; Querystring: { uri: string; language: string } }>(
    '/v1/vocabs/:vocab_id/concept',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'getConcept',
        summary: 'A concept with its labels, its neighbours and the ways to it from the top',
        tags: ['Vocabularies'],
        params: VOCAB_ID,
        querystring: CONCEPT_QUERY,
        response: { 200: { description: 'The concept.', ...CONCEPT }, ...PROBLEMS },
      },
    },
    async ({ params, query }) => {
      const { vocabulary, definitions } = await vocabularies.open(params.vocab_id);
      const id = vocabulary.idOfUri(query.uri);
      if (id < 0) throw new Problem(404, 'The vocabulary has no concept with this URI', { title: 'Concept not found' });
      const language = labelLanguage(vocabulary, query.language, shownLanguage(vocabulary));
      return conceptFacts(vocabulary, id, language, await definitions());
    },
  );

  app.get<{ Params: VocabId; Querystring: { language: string; limit: number; offset: number } }>(
    '/v1/vocabs/:vocab_id/top-concepts',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'getTopConcepts',
        summary: 'Concepts without broader ones, those with narrower ones first',
        tags: ['Vocabularies'],
        params: VOCAB_ID,
        querystring: TOP_QUERY,
        response: { 200: { description: 'The concepts.', ...CONCEPTS }, ...PROBLEMS },
      },
    },
    async ({ params, query }) => {
      const { vocabulary } = await vocabularies.open(params.vocab_id);
      const top = topConcepts(vocabulary);
      const language = labelLanguage(vocabulary, query.language, shownLanguage(vocabulary));
      const shown = top.slice(query.offset, query.offset + query.limit);
      return { total: top.length, concepts: shown.map((id) => conceptReference(vocabulary, id, language)) };
    },
  );
}

const topOf = new WeakMap<Vocabulary, readonly number[]>();

function topConcepts(vocabulary: Vocabulary): readonly number[] {
  let top = topOf.get(vocabulary);
  if (!top) {
    const { broader, narrower, status } = vocabulary;
    const has = ({ indptr }: { indptr: Uint32Array }, id: number) => indptr[id] !== indptr[id + 1];
    const all = Array.from(status.keys()).filter((id) => status[id] === SUBJECT_ACTIVE && !has(broader, id));
    top = [...all.filter((id) => has(narrower, id)), ...all.filter((id) => !has(narrower, id))];
    topOf.set(vocabulary, top);
  }
  return top;
}
