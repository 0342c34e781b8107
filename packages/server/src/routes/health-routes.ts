import type { FastifyInstance } from 'fastify';
import { problemAnswers } from '../schemas/problem.js';
import type { RouteContext } from './route-context.js';

/** What an orchestrator and Prometheus ask for. */
export function addHealthRoutes(app: FastifyInstance, context: RouteContext, isReady: () => boolean): void {
  const { projects, metrics } = context;
  const state = (enumeration: readonly string[]) => ({
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string', enum: enumeration } },
  });

  app.get(
    '/health/live',
    {
      config: { rateLimit: false },
      schema: {
        operationId: 'isLive',
        summary: 'Whether the process answers',
        tags: ['Operation'],
        response: { 200: { description: 'It does.', ...state(['ok']) }, ...problemAnswers(405, 500) },
      },
    },
    async () => ({ status: 'ok' }),
  );

  app.get(
    '/health/ready',
    {
      config: { rateLimit: false },
      schema: {
        operationId: 'isReady',
        summary: 'Whether requests should come here: projects are open, and the server is not shutting down',
        tags: ['Operation'],
        response: {
          200: { description: 'They should.', ...state(['ready']) },
          503: { description: 'Not yet, or no more.', ...state(['not ready']) },
          ...problemAnswers(405, 500),
        },
      },
    },
    async (_, reply) => {
      if (isReady()) return { status: 'ready' };
      return reply.code(503).send({ status: 'not ready' });
    },
  );

  app.get(
    '/metrics',
    {
      config: { scope: 'admin', rateLimit: false },
      schema: {
        operationId: 'getMetrics',
        summary: 'Figures for Prometheus',
        tags: ['Operation'],
        response: {
          200: { description: 'The figures.', content: { 'text/plain': { schema: { type: 'string' } } } },
          ...problemAnswers(401, 403, 405, 500),
        },
      },
    },
    async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );

  app.post(
    '/v1/reload',
    {
      config: { scope: 'admin', changes: true },
      schema: {
        operationId: 'reload',
        summary: 'Take over models and vocabularies that changed on the disk, now',
        tags: ['Operation'],
        response: {
          204: { description: 'Done.', type: 'null' },
          ...problemAnswers(401, 403, 405, 415, 429, 500, 503),
        },
      },
    },
    async (_, reply) => {
      await projects.refresh();
      return reply.code(204).send();
    },
  );
}
