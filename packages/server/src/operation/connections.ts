import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';

/** A connection that says nothing for so long, once the server takes no more, has no request on its way. */
const GRACE_MS = 300;
const CHECK_MS = 50;
/** Where others never cease to connect, they are accepted for so long. */
const ACCEPT_MS = 4000;

interface State {
  nUnderWay: number;
  nBytes: number;
  /** Since when nothing has come in and nothing is under way. */
  quietSince: number;
}

/**
 * The connections of a server, so that it can end without cutting off what has been sent already: that may lie in the line
 * of connections which were not accepted yet, or in one that is idle as far as Node.js knows.
 */
export class Connections {
  private readonly server: Server;
  private readonly all = new Map<Socket, State>();
  private nAccepted = 0;

  constructor(server: Server) {
    this.server = server;
    server.on('connection', (socket: Socket) => {
      this.nAccepted++;
      this.all.set(socket, { nUnderWay: 0, nBytes: 0, quietSince: performance.now() });
      socket.once('close', () => this.all.delete(socket));
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const state = this.all.get(request.socket);
      if (!state) return;
      state.nUnderWay++;
      response.once('close', () => {
        state.nUnderWay--;
        state.quietSince = performance.now();
      });
    });
  }

  /** Accepts those that have come so far, and no more. */
  async stopListening(): Promise<void> {
    if (!this.server.listening) return;
    // One is accepted in a turn of the event loop.
    const end = performance.now() + ACCEPT_MS;
    for (let n = -1; n !== this.nAccepted && performance.now() < end; ) {
      n = this.nAccepted;
      await eventsHandled();
    }
    // The method of HTTP servers would also cut off what seems idle.
    NetServer.prototype.close.call(this.server);
  }

  /**
   * Ends each connection once it is quiet.
   *
   * @returns whether all have ended in time
   */
  async endQuiet(timeoutMs: number): Promise<boolean> {
    const begun = performance.now();
    while (this.all.size > 0) {
      if (performance.now() - begun > timeoutMs) return false;
      const quiet = [...this.all].filter(([socket, state]) => isQuiet(socket, state, begun));
      // Time may have passed without anything being read: what has come in meanwhile is looked at first.
      if (quiet.length > 0) await eventsHandled();
      for (const [socket, state] of quiet) {
        if (isQuiet(socket, state, begun)) socket.destroySoon();
      }
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
    }
    return true;
  }

  cutOff(): void {
    for (const socket of this.all.keys()) socket.destroy();
  }
}

/** @param begun quiet counts from then at the earliest */
function isQuiet(socket: Socket, state: State, begun: number): boolean {
  const now = performance.now();
  if (socket.bytesRead !== state.nBytes) {
    state.nBytes = socket.bytesRead;
    state.quietSince = now;
    return false;
  }
  return state.nUnderWay === 0 && now - Math.max(begun, state.quietSince) > GRACE_MS;
}

/** A few turns of the event loop: connections and bytes that were there at the beginning have been told of. */
async function eventsHandled(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
