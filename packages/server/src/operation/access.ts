import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problem.js';
import type { ServerOptions } from '../server-options.js';
import type { ApiKeyStore, Scope } from './api-keys.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The id of the key that the request came with. */
    keyId: string | undefined;
    /** Of that key; `none` where what was given is no key, undefined where none was given. */
    scopes: readonly Scope[] | 'none' | undefined;
  }
  interface FastifyContextConfig {
    /** What a caller needs; absent: nothing. */
    scope?: Scope;
    /** Requests that need no key although others of the route do. */
    isOpen?: (request: FastifyRequest) => boolean;
    /** Whether the route changes something on the server. */
    changes?: boolean;
  }
}

/** What may be done without a key. */
const ANONYMOUS: Readonly<Record<ServerOptions['access'], readonly Scope[]>> = {
  everything: ['suggest', 'learn', 'admin'],
  suggest: ['suggest'],
  nothing: [],
};

/** Finds out whose key a request comes with. A wrong one is told of later: until then it counts for its address. */
export function addKeys(app: FastifyInstance, keys: ApiKeyStore): void {
  app.decorateRequest('keyId', undefined);
  app.decorateRequest('scopes', undefined);
  app.addHook('onRequest', async (request) => {
    const given = givenKey(request);
    if (given === undefined) return;
    try {
      const key = keys.verify(given);
      request.keyId = key?.id;
      request.scopes = key?.scopes ?? 'none';
    } catch (cause) {
      request.log.error({ error: (cause as Error).message }, 'keys cannot be checked');
      throw new Problem(503, 'Keys cannot be checked at the moment', { title: 'Service unavailable', cause });
    }
  });
}

/**
 * Lets a request pass that has a key with the route's scope, or needs none.
 *
 * A browser sends keys only where a page gives it one; what needs no key could be asked for by any page that the user
 * happens to look at. So what changes something, and what is an operator's to read, is refused without a key if it comes
 * from a page of another origin.
 */
export function addAccessControl(app: FastifyInstance, options: ServerOptions): void {
  app.addHook('onRequest', async (request) => {
    const { scope, changes, isOpen } = request.routeOptions.config;
    const { scopes } = request;
    if (scopes === 'none') throw needsKey('This is no key, or one that was revoked');
    if (scopes !== undefined) {
      if (scope === undefined || scopes.includes(scope) || scopes.includes('admin')) return;
      throw new Problem(403, `The key has not the scope "${scope}"`);
    }
    if (scope === undefined || isOpen?.(request)) return;
    if (!ANONYMOUS[options.access].includes(scope)) throw needsKey(`A key with the scope "${scope}" is needed`);
    const isGuarded = changes || scope === 'admin';
    if (isGuarded && !isOwnOrigin(request, options.allowedOrigins)) {
      const what = changes ? 'change nothing here' : 'not read this';
      throw new Problem(403, `Pages of other origins may ${what} without a key`);
    }
  });
}

/** Another scheme of Authorization is meant for a proxy in between. */
function givenKey({ headers }: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  const plain = headers['x-api-key'];
  return bearer ?? (typeof plain === 'string' ? plain : undefined);
}

/**
 * A name that leads here by somebody's DNS is not the server's own: without keys it goes by the names of this machine. A page
 * under such a name need not tell its origin when it reads.
 */
function isOwnOrigin({ headers, method }: FastifyRequest, allowed: readonly string[]): boolean {
  const { origin, host = '' } = headers;
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(host);
  if (origin === undefined) return isHere || !READING.has(method) || allowed.some((each) => hostOf(each) === host);
  if (allowed.includes(origin)) return true;
  return isHere && hostOf(origin) === host;
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function needsKey(detail: string): Problem {
  return new Problem(401, detail, {
    headers: { 'WWW-Authenticate': 'Bearer realm="Catchword"' },
    hint: 'Send the key as Authorization: Bearer KEY; whoever runs the server makes one with: catchword create-key NAME',
  });
}
