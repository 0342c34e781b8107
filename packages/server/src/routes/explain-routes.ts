import type { Document } from '@catchword/core';
import { displayLabel } from '@catchword/project';
import type { FastifyInstance } from 'fastify';
import { requestSignal } from '../operation/request-signal.js';
import { Problem } from '../problem.js';
import { EXPLAIN_REQUEST, EXPLAINED_SUBJECTS, PROJECT_ID } from '../schemas/annif.js';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';
import { MOST_SUGGESTIONS, shownExplanation } from './suggest-documents.js';
import { MODEL_HEADER, withModel } from './with-model.js';

interface ExplainBody {
  readonly text: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly language?: string;
  readonly uris: readonly string[];
}

/** Why a subject was suggested, and why another was not. */
export function addExplainRoutes(app: FastifyInstance, context: RouteContext): void {
  app.post<{ Params: { project_id: string }; Body: ExplainBody }>(
    '/v1/projects/:project_id/explain',
    {
      config: { scope: 'suggest' },
      schema: {
        operationId: 'explain',
        summary: 'Tell what speaks for subjects and against them, suggested or not',
        tags: ['Suggestions'],
        params: PROJECT_ID,
        body: { content: { 'application/json': { schema: EXPLAIN_REQUEST } } },
        response: {
          200: {
            description: 'Rank, score and reasons of each.',
            headers: MODEL_HEADER,
            content: { 'application/json': { schema: EXPLAINED_SUBJECTS } },
          },
          ...problemAnswers(400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const signal = requestSignal(reply);
      return withModel(context, params.project_id, 1, reply, async (model, version) => {
        const { vocabulary, snapshot } = model;
        const language = model.labelLanguage(body.language);
        const ids = body.uris.map((uri) => vocabulary.idOfUri(uri));
        const errors = ids.flatMap((id, i) =>
          id < 0 ? [{ field: `uris/${i}`, message: 'the vocabulary has no concept with this URI' }] : [],
        );
        if (errors.length > 0) throw new Problem(400, 'A URI is none of the vocabulary', { errors });
        const doc: Document = body.metadata ? { text: body.text, metadata: body.metadata } : { text: body.text };
        const [batch, [explained]] = await Promise.all([
          model.rank(doc, MOST_SUGGESTIONS, signal),
          model.explain([{ doc, subjectIds: ids }], signal),
        ]);
        const row = batch.row(0);
        const frequency = snapshot.model?.trainFrequency;
        return {
          results: ids.map((id, i) => {
            const rank = row.findIndex(({ subjectId }) => subjectId === id);
            const explanation = explained?.explanations[i];
            return {
              uri: vocabulary.uri(id),
              label: displayLabel(vocabulary, id, language),
              notation: vocabulary.notation(id) ?? null,
              rank: rank < 0 ? null : rank + 1,
              score: row[rank]?.score ?? null,
              allowed: snapshot.vocabulary.allowed[id] === 1,
              training_documents: frequency ? (frequency[id] ?? 0) : null,
              explanation: explained && explanation ? shownExplanation(explained.text, explanation) : EMPTY,
            };
          }),
          text: explained?.text ?? body.text,
          model: version,
        };
      });
    },
  );
}

const EMPTY = { evidence: [], contributions: [] };
