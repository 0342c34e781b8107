import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { overloaded, Problem } from '../problem.js';

/**
 * Bounds the bytes of all bodies that are held at one time: many large requests at once are refused before they are read.
 * A body that does not state its length is charged as it comes in, and refused where it grows beyond what is left.
 *
 * A refused request still reads its answer: its body is let run into the void, so that the connection is not reset.
 */
export function addBodyBudget(app: FastifyInstance, totalBytes: number, bodyLimit: number): void {
  let held = 0;
  /** Whether so much more is too much for a request that holds some already; one alone may be as large as any. */
  const isTooMuch = (nBytes: number, own: number) => held > own && held + nBytes > totalBytes;
  const refused = new WeakSet<FastifyReply>();
  // Fastify would close the connection, on which the client still sends: that resets it, and with it the answer.
  app.addHook('onSend', async (_, reply) => {
    if (refused.has(reply)) reply.removeHeader('Connection');
  });
  app.addHook('onRequest', async (request, reply) => {
    const { headers } = request;
    const stated = headers['content-length'];
    if (stated === undefined && headers['transfer-encoding'] === undefined) return;
    let own = 0;
    const charge = (nBytes: number) => {
      if (isTooMuch(nBytes, own)) return false;
      own += nBytes;
      held += nBytes;
      return true;
    };
    const release = () => {
      held -= own;
      own = 0;
    };
    reply.raw.once('close', release);
    if (stated === undefined) {
      chargeAsItComes(request.raw, charge, () => {
        refused.add(reply);
        release();
      });
      return;
    }
    const nBytes = Number(stated);
    if (nBytes > bodyLimit) {
      throw new Problem(413, `The body has ${nBytes} bytes, ${bodyLimit} are allowed`, {
        headers: { Connection: 'close' },
      });
    }
    if (!charge(nBytes)) throw full();
  });
}

/** Whoever reads the body meets an error where it cannot be charged; what it has read so far is let go of. */
function chargeAsItComes(body: IncomingMessage, charge: (nBytes: number) => boolean, release: () => void): void {
  let isRefused = false;
  body.pause(); // to listen is not to read: that begins with the parser of the body
  body.on('data', (chunk: Buffer) => {
    if (isRefused || charge(chunk.length)) return;
    isRefused = true;
    release();
    if (body.listenerCount('error') > 0) body.emit('error', full());
    body.resume();
  });
}

function full(): Problem {
  return overloaded('The server holds as many requests as it can');
}
