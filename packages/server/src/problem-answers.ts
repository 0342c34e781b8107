import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Metrics } from './operation/metrics.js';
import { Problem, problemOf } from './problem.js';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

interface KnownRoute {
  readonly method: string;
  readonly pattern: RegExp;
}

/** Answers every error with a problem document, also where no route is found. */
export function addProblemAnswers(app: FastifyInstance, metrics: Metrics): void {
  const routes: KnownRoute[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    const pattern = new RegExp(`^${url.replace(/[.+*]/g, '\\$&').replace(/:\w+/g, '[^/]+')}/?$`);
    for (const each of [method].flat()) routes.push({ method: each, pattern });
  });
  const send = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const isUnread = (error as { code?: string }).code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE';
    const problem = (isUnread && wantedType(request)) || problemOf(error);
    const { status } = problem;
    if (status >= 500 && status !== 503) request.log.error({ err: error }, 'an error that was not foreseen');
    const reason = REASONS[status];
    if (reason) metrics.onRejected(problem.code === 'overloaded' ? 'overloaded' : reason);
    return reply.code(status).headers(problem.headers).type(PROBLEM_TYPE).send(JSON.stringify(problem.document));
  };
  app.setErrorHandler(send);
  const notFound = ({ url, method }: FastifyRequest): Problem => {
    const path = url.split('?', 1)[0] as string;
    const methods = routes.filter(({ pattern }) => pattern.test(path)).map((route) => route.method);
    if (methods.length === 0 || methods.includes(method)) return new Problem(404, 'There is nothing at this address');
    const allowed = [...new Set([...methods, 'OPTIONS'])].join(', ');
    return new Problem(405, `${allowed} are the methods here`, { headers: { Allow: allowed } });
  };
  app.setNotFoundHandler((request, reply) => send(notFound(request), request, reply));
  // Told before the body is looked at, and after all that other hooks add to an answer.
  app.addHook('preParsing', async (request) => {
    if (request.is404) throw notFound(request);
  });
  app.addHook('preValidation', async (request) => {
    const problem = wantedType(request);
    if (problem) throw problem;
  });
}

/** @returns what is wrong with the type of a body; undefined where nothing is, or any will do */
function wantedType({ routeOptions, headers }: FastifyRequest): Problem | undefined {
  const body = routeOptions.schema?.body as { content?: Readonly<Record<string, unknown>> } | undefined;
  if (!body?.content) return undefined;
  const types = Object.keys(body.content);
  const given = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (given !== undefined && types.includes(given)) return undefined;
  return new Problem(415, `A body of type ${types.join(' or ')} is wanted`);
}

const REASONS: Readonly<Record<number, string>> = {
  401: 'key',
  403: 'forbidden',
  413: 'too large',
  429: 'rate',
  503: 'unavailable',
};

/** Answers what is not even a request of HTTP, and what comes in too slowly. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const status = STATUS_OF_FAULT[error.code ?? ''] ?? 400;
  const { document, title } = new Problem(status, DETAILS[status] ?? 'This is not a request of HTTP');
  const body = JSON.stringify(document);
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Access-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n${body}`,
  );
}

const STATUS_OF_FAULT: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};
const DETAILS: Readonly<Record<number, string>> = {
  408: 'The request came in too slowly',
  431: 'The headers of the request are too large',
};
