import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.js';

/** Bounds the requests a minute of each key, or address; also those with wrong keys, and for what is not there. */
export async function addRateLimit(app: FastifyInstance, requestsAMinute: number): Promise<void> {
  const { default: rateLimit } = await import('@fastify/rate-limit');
  await app.register(rateLimit, {
    global: false, // or else it would look only at requests that have a route and were let pass
    max: requestsAMinute,
    timeWindow: 60_000,
    enableDraftSpec: true,
    keyGenerator: (request) => request.keyId ?? request.ip,
    errorResponseBuilder: (_, { after }) => new Problem(429, `Too many requests; go on in ${after}`),
  });
  const limit = app.rateLimit();
  app.addHook('onRequest', async function (request, reply) {
    if (request.routeOptions.config?.rateLimit !== false) await limit.call(this, request, reply);
  });
}
