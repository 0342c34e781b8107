import type { FastifyInstance } from 'fastify';
import { overloaded, Problem } from '../problem.js';

/** What a body of unknown length is taken for until it is there. */
const UNKNOWN_BYTES = 1 << 20;

/**
 * Bounds the bytes of all bodies that are held at one time: many large requests at once are refused before they are read.
 *
 * A refused request still reads its answer: its body is let run into the void, so that the connection is not reset.
 */
export function addBodyBudget(app: FastifyInstance, totalBytes: number, bodyLimit: number): void {
  let held = 0;
  app.addHook('onRequest', async (request, reply) => {
    const { headers } = request;
    const stated = headers['content-length'];
    if (stated === undefined && headers['transfer-encoding'] === undefined) return;
    const nBytes = stated === undefined ? UNKNOWN_BYTES : Number(stated);
    if (nBytes > bodyLimit) {
      throw new Problem(413, `The body has ${nBytes} bytes, ${bodyLimit} are allowed`, {
        headers: { Connection: 'close' },
      });
    }
    if (held > 0 && held + nBytes > totalBytes) throw overloaded('The server holds as many requests as it can');
    held += nBytes;
    reply.raw.once('close', () => {
      held -= nBytes;
    });
  });
}
