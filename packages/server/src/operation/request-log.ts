import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** What may stand in an id that a client gives; anything else could forge lines or break tools. */
const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;

/** @returns the client's X-Request-Id where it is a decent one, else a new one */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * Writes one line for each request: who asked for what, how it ended, how long it took. Never a text, a query, an address
 * or a key. JSON escapes whatever control characters a path holds.
 */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('X-Request-Id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, keyId } = request;
    const { project_id } = (request.params ?? {}) as { project_id?: string };
    const line = {
      method,
      route: routeOptions.url ?? null,
      ...(routeOptions.url === undefined ? { path: request.url.split('?', 1)[0]?.slice(0, 200) } : undefined),
      ...(project_id === undefined ? undefined : { project: project_id.slice(0, 100) }),
      ...(keyId === undefined ? undefined : { key: keyId }),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      bytes: Number(reply.getHeader('content-length') ?? 0),
    };
    if (reply.statusCode >= 500 && reply.statusCode !== 503) request.log.error(line, 'request');
    else request.log.info(line, 'request');
  });
}
