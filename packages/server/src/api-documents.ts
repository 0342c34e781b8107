import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.js';

/** Nothing from elsewhere, and no https where the server is asked over http. */
const PAGE_CSP =
  "default-src 'self'; base-uri 'self'; font-src 'self' data:; img-src 'self' data:; object-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'";
const PAGE = '/v1/ui';
const DOCUMENT = new URL('../openapi.json', import.meta.url);

/**
 * Serves the OpenAPI document that was made of the schemas that check requests, and a page to read and try it; nothing from
 * elsewhere. Few ask for either, so neither is in memory until then.
 */
export function addApiDocuments(app: FastifyInstance): void {
  app.get('/v1/openapi.json', { schema: { hide: true } }, async (_, reply) =>
    reply.type('application/json; charset=utf-8').send(await readFile(DOCUMENT)),
  );
  let opening: Promise<FastifyInstance> | undefined;
  app.addHook('onClose', async () => (await opening)?.close());
  for (const url of [PAGE, `${PAGE}/*`]) {
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      opening ??= openPage();
      const { statusCode, headers, rawPayload } = await (await opening).inject(request.raw.url as string);
      if (statusCode === 404) return reply.callNotFound();
      if (statusCode >= 400) throw new Problem(statusCode, 'The page has nothing of this name');
      for (const name of PASSED_ON) if (headers[name] !== undefined) reply.header(name, headers[name]);
      return reply.code(statusCode).send(rawPayload);
    });
  }
}

const PASSED_ON = ['content-type', 'content-security-policy', 'location'];

async function openPage(): Promise<FastifyInstance> {
  const [{ fastify }, { default: swagger }, { default: swaggerUi }, document] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
    readFile(DOCUMENT, 'utf8'),
  ]);
  const page = fastify({ routerOptions: { ignoreTrailingSlash: true } });
  await page.register(swagger, { mode: 'static', specification: { document: JSON.parse(document) } });
  await page.register(swaggerUi, {
    routePrefix: PAGE,
    staticCSP: PAGE_CSP,
    uiConfig: { tryItOutEnabled: true, validatorUrl: null },
  });
  return page;
}
