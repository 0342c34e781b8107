import type { FastifyReply } from 'fastify';

/** What a request ends with whose client does not wait for the answer. */
export class ClientGone extends Error {
  constructor() {
    super('The client has gone');
    this.name = 'ClientGone';
  }
}

/** Tells when the client has gone before it had all of its answer. */
export function onClientGone({ raw }: FastifyReply, tell: () => void): void {
  raw.once('close', () => {
    if (!raw.writableFinished && (!raw.writableEnded || raw.socket?.destroyed)) tell();
  });
}

/** @returns a signal that aborts then, with `ClientGone` */
export function requestSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  onClientGone(reply, () => controller.abort(new ClientGone()));
  return controller.signal;
}
