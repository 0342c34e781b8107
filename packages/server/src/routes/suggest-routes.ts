import type { Document } from '@catchword/core';
import type { FastifyInstance } from 'fastify';
import { requestSignal } from '../operation/request-signal.js';
import {
  BATCH,
  BATCH_QUERY,
  BATCH_SUGGESTIONS,
  PROJECT_ID,
  SUGGEST_FORM,
  SUGGEST_JSON,
  SUGGESTIONS,
} from '../schemas/annif.js';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';
import { type SuggestQuery, suggestDocuments } from './suggest-documents.js';
import { MODEL_HEADER, withModel } from './with-model.js';

type SuggestBody = SuggestQuery & { readonly text: string } & Readonly<Record<string, unknown>>;

interface BatchBody {
  readonly documents: readonly {
    readonly text: string;
    readonly document_id?: string | null;
    readonly metadata?: Readonly<Record<string, string>>;
  }[];
}

const PROBLEMS = problemAnswers(400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503);
/** `suggest` for one text, `suggest-batch` for up to 32. */
export function addSuggestRoutes(app: FastifyInstance, context: RouteContext): void {
  app.post<{ Params: { project_id: string }; Body: SuggestBody }>(
    '/v1/projects/:project_id/suggest',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'suggest',
        summary: 'Suggest subjects for a text',
        tags: ['Annif'],
        params: PROJECT_ID,
        body: {
          content: {
            'application/x-www-form-urlencoded': { schema: SUGGEST_FORM },
            'application/json': { schema: SUGGEST_JSON },
          },
        },
        response: {
          200: {
            description: 'Suggestions, the best first.',
            headers: MODEL_HEADER,
            content: { 'application/json': { schema: SUGGESTIONS } },
          },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const signal = requestSignal(reply);
      return withModel(context, params.project_id, 1, reply, async (model, version) => {
        const [answer] = await suggestDocuments(model, [documentOf(body)], body, signal);
        return { ...answer, model: version };
      });
    },
  );

  app.post<{ Params: { project_id: string }; Querystring: SuggestQuery; Body: BatchBody }>(
    '/v1/projects/:project_id/suggest-batch',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'suggestBatch',
        summary: 'Suggest subjects for up to 32 texts',
        tags: ['Annif'],
        params: PROJECT_ID,
        querystring: BATCH_QUERY,
        body: { content: { 'application/json': { schema: BATCH } } },
        response: {
          200: {
            description: 'An answer for each document, in their order.',
            headers: MODEL_HEADER,
            content: { 'application/json': { schema: BATCH_SUGGESTIONS } },
          },
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const { documents } = request.body;
      const signal = requestSignal(reply);
      return withModel(context, request.params.project_id, documents.length, reply, async (model) => {
        const answers = await suggestDocuments(model, documents.map(plainDocument), request.query, signal);
        return answers.map((answer, i) => ({ ...answer, document_id: documents[i]?.document_id ?? null }));
      });
    },
  );
}

const METADATA_PREFIX = 'metadata_';

/** The document of a form or of a JSON body. */
function documentOf(body: SuggestBody): Document {
  const metadata: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(body.metadata ?? {})) metadata[name] = String(value);
  for (const [name, value] of Object.entries(body)) {
    if (name.startsWith(METADATA_PREFIX)) metadata[name.slice(METADATA_PREFIX.length)] = String(value);
  }
  return Object.keys(metadata).length > 0 ? { text: body.text, metadata } : { text: body.text };
}

function plainDocument({ text, metadata }: BatchBody['documents'][number]): Document {
  return metadata ? { text, metadata: Object.assign(Object.create(null), metadata) } : { text };
}
