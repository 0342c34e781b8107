import { SUBJECT_ACTIVE, type SubjectId, type Vocabulary } from '@catchword/core';
import { displayLabel } from '@catchword/project';
import type { LabelSearch } from '@catchword/vocabulary';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { conceptFacts } from '../models/concept-facts.js';
import type { ServedVocabulary } from '../models/served-vocabularies.js';
import { labelLanguage } from '../models/vocabulary-languages.js';
import { requestSignal } from '../operation/request-signal.js';
import { Problem } from '../problem.js';
import { conceptHtml, escapeHtml } from '../reconciliation/concept-html.js';
import { Identifiers } from '../reconciliation/identifiers.js';
import { type Candidate, reconcile } from '../reconciliation/reconcile.js';
import { problemAnswers } from '../schemas/problem.js';
import {
  FLYOUT,
  ID_QUERY,
  MANIFEST,
  QUERIES_FORM,
  QUERIES_QUERY,
  QUERY_BATCH,
  RECONCILE_PARAMS,
  RESULT_BATCH,
  SUGGEST_ENTITY_QUERY,
  SUGGESTED_ENTITIES,
} from '../schemas/reconciliation.js';
import { checkOf } from '../validation.js';
import type { RouteContext } from './route-context.js';

interface Params {
  readonly vocab_id: string;
  readonly language: string;
}

interface Query {
  readonly query?: string;
  readonly type?: string | readonly string[];
  readonly limit?: number | string | null;
  readonly properties?: readonly { readonly pid: string; readonly v: unknown }[];
}

const SKOS = 'http://www.w3.org/2004/02/skos/core#';
const CONCEPT_TYPE = { id: `${SKOS}Concept`, name: 'Concept' };
const NOTATION = 'notation';
const DEFAULT_LIMIT = 10;
const MOST_CANDIDATES = 100;
const PAGE = 20;
const PROBLEMS = problemAnswers(400, 401, 403, 404, 405, 429, 500, 503);
const PREVIEW_CSP = "default-src 'none'; style-src 'unsafe-inline'";

const isQueryBatch = checkOf({ schema: QUERY_BATCH, httpPart: 'body' });

/** The Reconciliation Service API 0.2, one service for each vocabulary and language. */
export function addReconciliationRoutes(app: FastifyInstance, context: RouteContext): void {
  const { vocabularies, version, options } = context;
  const identifiers = new WeakMap<Vocabulary, Identifiers>();
  const identifiersOf = (vocabulary: Vocabulary): Identifiers => {
    const known = identifiers.get(vocabulary) ?? new Identifiers(vocabulary);
    identifiers.set(vocabulary, known);
    return known;
  };
  const base = '/v1/vocabs/:vocab_id/reconcile/:language';
  const tags = ['Reconciliation'];

  /** The vocabulary, where it has labels in the language of the path. */
  const open = async ({ vocab_id, language }: Params): Promise<ServedVocabulary> => {
    const served = await vocabularies.open(vocab_id);
    labelLanguage(served.vocabulary, language, language);
    return served;
  };

  const answerQueries = async (params: Params, source: string, signal: AbortSignal) => {
    const batch = parseQueries(source);
    const served = await open(params);
    const { language } = params;
    const search = await served.search();
    const results: Record<string, { result: object[] }> = Object.create(null);
    const pause = async () => {
      await new Promise((resolve) => setImmediate(resolve)); // others come in between
      signal.throwIfAborted();
    };
    const service: Service = { ...served, ids: identifiersOf(served.vocabulary), search, language, pause };
    for (const [name, query] of Object.entries(batch)) {
      await pause();
      results[name] = { result: await answerQuery(service, query) };
    }
    return results;
  };

  app.get<{ Params: Params; Querystring: { queries?: string } }>(
    base,
    {
      // Whoever has no key yet must be able to learn that one is needed.
      config: { scope: 'suggest', isOpen: (request) => !(request.query as { queries?: string }).queries },
      schema: {
        operationId: 'getReconciliationService',
        summary: 'What the service offers; with queries, their answers',
        tags,
        params: RECONCILE_PARAMS,
        querystring: QUERIES_QUERY,
        response: {
          200: {
            description: 'The manifest, or results by the names of their queries.',
            content: { 'application/json': { schema: { anyOf: [MANIFEST, RESULT_BATCH] } } },
          },
          ...PROBLEMS,
        },
      },
      // The two shapes are told apart here, not by a serialiser.
      serializerCompiler: () => JSON.stringify,
    },
    async (request, reply) => {
      const { params, query } = request;
      if (query.queries) return answerQueries(params, query.queries, requestSignal(reply));
      const { id, vocabulary } = await open(params);
      const { namespace } = identifiersOf(vocabulary);
      const url = `${originOf(request)}/v1/vocabs/${encodeURIComponent(id)}/reconcile/${encodeURIComponent(params.language)}`;
      return {
        versions: ['0.2'],
        name: `${id} (${params.language})`,
        identifierSpace: namespace || SKOS,
        schemaSpace: SKOS,
        serviceVersion: version,
        documentation: `${originOf(request)}/v1/ui/`,
        ...(options.access === 'nothing'
          ? { authentication: { type: 'apiKey', name: 'X-API-Key', in: 'header' } }
          : undefined),
        view: { url: `${namespace}{{id}}` },
        defaultTypes: [CONCEPT_TYPE],
        preview: { url: `${url}/preview?id={{id}}`, width: 430, height: 300 },
        suggest: {
          entity: {
            service_url: url,
            service_path: '/suggest',
            flyout_service_url: url,
            // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of the specification
            flyout_service_path: '/flyout?id=${id}',
          },
        },
      };
    },
  );

  app.post<{ Params: Params; Body: { queries: string } }>(
    base,
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'reconcile',
        summary: 'Find the concepts that free keywords mean',
        tags,
        params: RECONCILE_PARAMS,
        body: { content: { 'application/x-www-form-urlencoded': { schema: QUERIES_FORM } } },
        response: {
          200: {
            description: 'Results by the names of their queries.',
            content: { 'application/json': { schema: RESULT_BATCH } },
          },
          ...PROBLEMS,
          ...problemAnswers(408, 413, 415),
        },
      },
    },
    async ({ params, body }, reply) => answerQueries(params, body.queries, requestSignal(reply)),
  );

  app.get<{ Params: Params; Querystring: { prefix: string; cursor: number } }>(
    `${base}/suggest`,
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'suggestEntities',
        summary: 'Concepts by what was typed so far',
        tags,
        params: RECONCILE_PARAMS,
        querystring: SUGGEST_ENTITY_QUERY,
        response: { 200: { description: 'A page of concepts.', ...SUGGESTED_ENTITIES }, ...PROBLEMS },
      },
    },
    async ({ params, query }) => {
      const { vocabulary, search } = await open(params);
      const ids = identifiersOf(vocabulary);
      const found = (await search()).search(query.prefix, { limit: query.cursor + PAGE });
      return {
        result: found.slice(query.cursor).map(({ subjectId, label }) => ({
          id: ids.of(subjectId),
          name: displayLabel(vocabulary, subjectId, params.language),
          description: describe(vocabulary, subjectId, label, params.language),
          notable: [CONCEPT_TYPE],
        })),
      };
    },
  );

  app.get<{ Params: Params; Querystring: { id: string } }>(
    `${base}/flyout`,
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'getFlyout',
        summary: 'A concept as a piece of HTML',
        tags,
        params: RECONCILE_PARAMS,
        querystring: ID_QUERY,
        response: { 200: { description: 'Its id and the HTML.', ...FLYOUT }, ...PROBLEMS },
      },
    },
    async ({ params, query }) => {
      const served = await open(params);
      const facts = await factsOf(served, identifiersOf(served.vocabulary), query.id, params.language);
      return { id: query.id, html: conceptHtml(facts) };
    },
  );

  app.get<{ Params: Params; Querystring: { id: string } }>(
    `${base}/preview`,
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'getPreview',
        summary: 'A concept as a page for a small frame',
        tags,
        params: RECONCILE_PARAMS,
        querystring: ID_QUERY,
        response: {
          200: { description: 'The page.', content: { 'text/html': { schema: { type: 'string' } } } },
          ...PROBLEMS,
        },
      },
    },
    async ({ params, query }, reply) => {
      const served = await open(params);
      const facts = await factsOf(served, identifiersOf(served.vocabulary), query.id, params.language);
      const style = 'font: 13px sans-serif; margin: 8px; overflow-wrap: anywhere';
      reply.type('text/html; charset=utf-8').header('Content-Security-Policy', PREVIEW_CSP);
      return `<!doctype html><html><head><meta charset="utf-8"><title>${escapeHtml(facts.label)}</title></head><body style="${style}">${conceptHtml(facts)}</body></html>`;
    },
  );
}

/** @throws {Problem} 400 */
function parseQueries(source: string): Readonly<Record<string, Query>> {
  let batch: unknown;
  try {
    batch = JSON.parse(source);
  } catch (cause) {
    throw new Problem(400, 'queries: this is not JSON', {
      errors: [{ field: 'queries', message: 'is not JSON' }],
      cause,
    });
  }
  if (isQueryBatch(batch)) return batch as Readonly<Record<string, Query>>;
  const [fault] = isQueryBatch.errors ?? [];
  const field = `queries${fault?.instancePath ?? ''}`;
  const message = fault?.message ?? 'is not right';
  throw new Problem(400, `${field}: ${message}`, { errors: [{ field, message }] });
}

/** What a batch of queries is answered with. */
interface Service {
  readonly vocabulary: Vocabulary;
  readonly ids: Identifiers;
  readonly search: LabelSearch;
  readonly language: string;
  readonly pause: () => Promise<void>;
}

async function answerQuery(service: Service, given: Query): Promise<object[]> {
  const { vocabulary, ids, search, language, pause } = service;
  const { query = '', type, properties = [] } = given;
  const limit = Math.min(Math.trunc(Number(given.limit ?? DEFAULT_LIMIT)), MOST_CANDIDATES);
  const notation = properties.find(({ pid }) => pid === NOTATION)?.v;
  const types = [type ?? []].flat();
  const hasType = (id: SubjectId) => types.length === 0 || typesOf(vocabulary, id).some((each) => types.includes(each));
  const hasNotation = (id: SubjectId) => notation === undefined || vocabulary.notation(id) === String(notation);
  const isWanted = (id: SubjectId) => hasNotation(id) && hasType(id);
  const candidates =
    query.trim() === '' && notation !== undefined
      ? await withNotation(service, { limit, isWanted })
      : await reconcile(vocabulary, search, query, { limit, language, isWanted, pause });
  return candidates.map(({ subjectId, score, match, label }) => ({
    id: ids.of(subjectId),
    name: displayLabel(vocabulary, subjectId, language),
    description: describe(vocabulary, subjectId, label, language),
    type: [CONCEPT_TYPE],
    score,
    match,
    features: [{ id: 'label_similarity', value: score }],
  }));
}

const SUBJECTS_A_TURN = 10_000;

/** Concepts by their notation alone. */
async function withNotation(
  { vocabulary, pause }: Service,
  { limit, isWanted }: { readonly limit: number; readonly isWanted: (id: SubjectId) => boolean },
): Promise<Candidate[]> {
  const found: SubjectId[] = [];
  for (let id = 0; id < vocabulary.nSubjects; id++) {
    if (id % SUBJECTS_A_TURN === 0) await pause();
    if (vocabulary.status[id] === SUBJECT_ACTIVE && isWanted(id)) found.push(id);
  }
  return found.slice(0, limit).map((subjectId) => ({ subjectId, score: 100, match: found.length === 1 }));
}

function typesOf({ types, typeUris }: Vocabulary, id: SubjectId): string[] {
  const own = Array.from(types.indices.subarray(types.indptr[id], types.indptr[id + 1]), (each) => typeUris.get(each));
  return [CONCEPT_TYPE.id, ...own];
}

/** The notation, and the label that was found where another is shown. */
function describe(vocabulary: Vocabulary, id: SubjectId, label: number | undefined, language: string): string {
  const shown = displayLabel(vocabulary, id, language);
  const found = label === undefined ? shown : vocabulary.labels.texts.get(label);
  return [vocabulary.notation(id) ?? '', found === shown ? '' : found].filter(Boolean).join(' · ');
}

/** @throws {Problem} 404 */
async function factsOf(
  { vocabulary, definitions }: ServedVocabulary,
  identifiers: Identifiers,
  identifier: string,
  language: string,
) {
  const id = identifiers.find(identifier);
  if (id < 0) throw new Problem(404, 'The vocabulary has no concept with this id', { title: 'Concept not found' });
  return conceptFacts(vocabulary, id, language, await definitions());
}

/** How the client has reached the server, a proxy in between included where it is trusted. */
function originOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}`;
}
