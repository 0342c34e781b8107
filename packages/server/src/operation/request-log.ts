import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CLIENT_GONE } from '../problem.js';
import { onClientGone } from './request-signal.js';

/** What may stand in an id that a client gives; anything else could forge lines or break tools. */
const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;

/** @returns the client's X-Request-Id where it is a decent one, else a new one */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * Writes one line for each request: who asked for what, how it ended, how long it took. Never a text, a query, an address
 * or a key.
 */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('X-Request-Id', request.id);
    // Fastify tells of answers that were sent, not of those that nobody waited for.
    onClientGone(reply, () => log(request, reply, CLIENT_GONE));
  });
  app.addHook('onResponse', async (request, reply) => log(request, reply, reply.statusCode));
}

function log(request: FastifyRequest, reply: FastifyReply, status: number): void {
  const { method, routeOptions, keyId } = request;
  const { project_id } = (request.params ?? {}) as { project_id?: string };
  const line = {
    method,
    route: routeOptions.url ?? null,
    ...(routeOptions.url === undefined ? { path: request.url.split('?', 1)[0]?.slice(0, 200) } : undefined),
    ...(project_id === undefined ? undefined : { project: project_id.slice(0, 100) }),
    ...(keyId === undefined ? undefined : { key: keyId }),
    status,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    bytes: Number(reply.getHeader('content-length') ?? 0),
  };
  if (status >= 500 && status !== 503) request.log.error(line, 'request');
  else request.log.info(line, 'request');
}

/** Characters that JSON lets stand, and that a terminal obeys, turns the line around for, or does not show. */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** @returns a line of JSON that says the same with all such characters escaped */
export function escapeUnseen(line: string): string {
  return line.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
