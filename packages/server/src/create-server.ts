import type { Registry } from '@catchword/project';
import type { FastifyInstance } from 'fastify';
import type { ServerOptions } from './server-options.js';

/** A server of projects; it answers once it listens. */
export interface CatchwordServer {
  /** For tests and embedding: every route, also without a port. */
  readonly app: FastifyInstance;
  /**
   * Opens a port, then the projects that are to be opened at the start.
   *
   * @returns the address, as `http://127.0.0.1:5000`
   */
  listen(host: string, port: number): Promise<string>;
  /** Takes over what has changed on the disk. */
  refresh(): Promise<void>;
  /**
   * Refuses new requests, finishes those that are under way, and stops all threads.
   *
   * @param drainMs how long to go on serving before, while `/health/ready` says no
   */
  close(drainMs?: number): Promise<void>;
}

/** Makes a server over the projects of a registry; what it needs is loaded now. */
export async function createServer(registry: Registry, options: Partial<ServerOptions> = {}): Promise<CatchwordServer> {
  const { buildServer } = await import('./build-server.js');
  return buildServer(registry, options);
}
