import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.js';
import { INDEXED_DOCUMENTS, PROJECT_ID } from '../schemas/annif.js';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';

/** `learn`: documents that people have indexed, for backends that can take them in. */
export function addLearnRoutes(app: FastifyInstance, { projects }: RouteContext): void {
  app.post<{ Params: { project_id: string } }>(
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
    async (request) => {
      const project = projects.project(request.params.project_id);
      if (!project.config.allowLearn) {
        throw new Problem(403, `Learning not allowed for project '${project.id}'`, {
          title: 'Learning not allowed',
          hint: 'Whoever runs the server allows it with allow_learn in the configuration of the project.',
        });
      }
      throw new Problem(503, `Learning not supported by backend of project '${project.id}'`, {
        title: 'Service unavailable',
        code: 'not-supported',
        hint: `Train it again with the new records: catchword train ${project.id} CORPUS`,
      });
    },
  );
}
