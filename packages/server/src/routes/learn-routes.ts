import type { Document } from '@catchword/core';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.js';
import { INDEXED_DOCUMENTS, PROJECT_ID } from '../schemas/annif.js';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';

interface IndexedDocument {
  readonly text: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly subjects: readonly { readonly uri: string }[];
}

/** `learn`: documents that people have indexed, for backends that can take them in. */
export function addLearnRoutes(app: FastifyInstance, { projects }: RouteContext): void {
  app.post<{ Params: { project_id: string }; Body: readonly IndexedDocument[] }>(
    '/v1/projects/:project_id/learn',
    {
      config: { scope: 'learn', changes: true },
      schema: {
        operationId: 'learn',
        summary: 'Learn from documents that people have indexed',
        tags: ['Annif'],
        params: PROJECT_ID,
        body: { content: { 'application/json': { schema: INDEXED_DOCUMENTS } } },
        response: {
          204: { description: 'They were learnt from.', type: 'null' },
          ...problemAnswers(400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const project = projects.project(request.params.project_id);
      if (!project.config.allowLearn) {
        throw new Problem(403, `Learning not allowed for project '${project.id}'`, {
          title: 'Learning not allowed',
          hint: 'Whoever runs the server allows it with allow_learn in the configuration of the project.',
        });
      }
      const { vocabulary } = await projects.projectVocabulary(project.id);
      const docs = request.body.map(({ text, metadata, subjects }): Document => {
        const ids = new Set(subjects.map(({ uri }) => vocabulary.idOfUri(uri)));
        ids.delete(-1); // as in Annif, concepts that the vocabulary has not are passed over
        return { text, subjects: [...ids], ...(metadata ? { metadata } : undefined) };
      });
      await projects.learn(project.id, docs);
      return reply.code(204).send();
    },
  );
}
