import { readFileSync } from 'node:fs';
import { type Registry, ServingThreads } from '@catchword/project';
import cors from '@fastify/cors';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import { addApiDocuments } from './api-documents.js';
import type { CatchwordServer } from './create-server.js';
import { ServedProjects } from './models/served-projects.js';
import { ServedVocabularies } from './models/served-vocabularies.js';
import { addAccessControl, addKeys } from './operation/access.js';
import { ApiKeyStore } from './operation/api-keys.js';
import { addBodyBudget } from './operation/body-budget.js';
import { Connections } from './operation/connections.js';
import { addRequestMetrics, Metrics } from './operation/metrics.js';
import { addRateLimit } from './operation/rate-limit.js';
import { addRequestLog, escapeUnseen, requestId } from './operation/request-log.js';
import { TextExtraction } from './operation/text-extraction.js';
import { overloaded } from './problem.js';
import { addProblemAnswers, answerBrokenRequest } from './problem-answers.js';
import { addExplainRoutes } from './routes/explain-routes.js';
import { addFeedbackRoutes } from './routes/feedback-routes.js';
import { addFileRoutes } from './routes/file-routes.js';
import { addHealthRoutes } from './routes/health-routes.js';
import { addLanguageRoutes } from './routes/language-routes.js';
import { addLearnRoutes } from './routes/learn-routes.js';
import { addProjectRoutes } from './routes/project-routes.js';
import { addReconciliationRoutes } from './routes/reconciliation-routes.js';
import type { RouteContext } from './routes/route-context.js';
import { addSuggestRoutes } from './routes/suggest-routes.js';
import { addVocabularyRoutes } from './routes/vocabulary-routes.js';
import { DEFAULT_SERVER_OPTIONS, type ServerOptions } from './server-options.js';
import { addUploadForms } from './upload-form.js';
import { checkOf, parseForm, writerOf } from './validation.js';

/** How long a client with a kept connection may think; more than the minute that proxies are set to. */
const KEEP_ALIVE_MS = 72_000;
const HEADERS_MS = 15_000;
/** How often connections are looked at. */
const CHECK_MS = 5000;
const MAX_HEADER_BYTES = 16 << 10;
/** What is under way when the server ends has this long; then it is refused, which has to be read in so long. */
const FINISH_MS = 8000;
const REFUSE_MS = 1000;

/**
 * Puts a server together: hooks in the order in which a request meets them, then routes.
 *
 * @param beforeRoutes what is to know of every route
 */
export async function buildServer(
  registry: Registry,
  given: Partial<ServerOptions>,
  beforeRoutes?: (app: FastifyInstance) => Promise<void>,
): Promise<CatchwordServer> {
  const options: ServerOptions = { ...DEFAULT_SERVER_OPTIONS, ...given };
  const app = fastify({
    logger: options.log
      ? {
          level: options.logLevel,
          stream: { write: (line: string) => options.log?.write(escapeUnseen(line)) },
          base: null,
          timestamp: isoTime,
          formatters: { level: levelName },
        }
      : false,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request' }),
    genReqId: requestId,
    bodyLimit: options.bodyLimit,
    requestTimeout: options.requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    trustProxy: trustedProxies(options.trustProxy),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_HEADER_BYTES, querystringParser: parseForm },
    rewriteUrl: ({ url = '/' }) => readablePath(url),
    schemaController: { compilersFactory: { buildValidator: () => checkOf, buildSerializer: () => writerOf } },
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    forceCloseConnections: false,
    clientErrorHandler: answerBrokenRequest,
    http: {
      // Node.js checks neither where the headers have longer than the whole request.
      headersTimeout: Math.min(HEADERS_MS, options.requestTimeoutMs),
      requestTimeout: options.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(CHECK_MS, options.requestTimeoutMs),
      maxHeaderSize: MAX_HEADER_BYTES,
    },
  });
  const { log } = app;
  const metrics: Metrics = new Metrics(() => threads.nWaiting);
  const threads = new ServingThreads({
    nThreads: options.threads,
    maxWaiting: options.maxWaiting,
    timeoutMs: options.suggestTimeoutMs,
    onWork: (work) => metrics.onWork(work),
    onRestart: (error) => {
      metrics.onThreadRestart();
      log.error({ error: error.message }, 'a thread was replaced');
    },
  });
  const projects = new ServedProjects(registry, threads, {
    onLoaded: (model, seconds) => {
      metrics.onModelLoaded(model);
      log.info({ project: model.projectId, model: model.version, seconds }, 'a model serves');
    },
    onRetired: (model) => {
      metrics.onModelRetired(model);
      log.info({ project: model.projectId, model: model.version }, 'a model serves no more');
    },
    onLearnt: (model, before) => {
      metrics.onModelLearnt(model, before);
      log.info({ project: model.projectId, model: model.version, before }, 'a model has learnt');
    },
    onRefused: (project, error) => {
      metrics.onModelRefused(project);
      log.warn({ project, error: error.message }, 'a model cannot be used');
    },
  });
  const extraction = new TextExtraction(options.extraction);
  const connections = new Connections(app.server);
  let state: 'starting' | 'ready' | 'closing' | 'ending' = 'starting';
  const version = packageVersion();
  const vocabularies = new ServedVocabularies(projects, threads);
  const warn = (message: string) => log.warn(message);
  const context: RouteContext = { projects, vocabularies, metrics, options, version, warn };

  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, parseForm(body as string)),
  );
  addProblemAnswers(app, metrics);
  addRequestLog(app);
  addRequestMetrics(app, metrics);
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'HEAD', 'POST', 'OPTIONS'],
    exposedHeaders: [
      'Catchword-Model',
      'Catchword-Learnt',
      'Catchword-Warning',
      'Retry-After',
      'X-Request-Id',
      'RateLimit-Limit',
      'RateLimit-Remaining',
    ],
    maxAge: 86_400,
    strictPreflight: false,
  });
  addKeys(app, new ApiKeyStore(registry.dataDir));
  if (options.rateLimit > 0) await addRateLimit(app, options.rateLimit);
  addAccessControl(app, options);
  await addUploadForms(app, options.bodyLimit);
  addBodyBudget(app, options.totalBodyLimit, options.bodyLimit);
  // Only now that the body is there: whoever still sends may not read what it is answered.
  app.addHook('preValidation', async () => {
    if (state === 'ending') throw overloaded('The server is shutting down');
  });
  await beforeRoutes?.(app);
  addApiDocuments(app);
  await app.register(async (routes) => {
    addProjectRoutes(routes, context);
    addSuggestRoutes(routes, context);
    addExplainRoutes(routes, context);
    addLearnRoutes(routes, context);
    addFeedbackRoutes(routes, context);
    addFileRoutes(routes, context, extraction);
    addLanguageRoutes(routes);
    addVocabularyRoutes(routes, context);
    addReconciliationRoutes(routes, context);
    addHealthRoutes(routes, context, () => state === 'ready');
  });

  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> | undefined;
  const refresh = () => {
    refreshing ??= projects.refresh().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };
  app.addHook('onSend', async (_, reply) => {
    if (state === 'closing' || state === 'ending') reply.header('Connection', 'close');
  });
  await app.ready();
  return {
    app,
    refresh,
    async listen(host, port) {
      const address = await app.listen({ host, port, listenTextResolver: (address) => `listening at ${address}` });
      if (options.watchIntervalMs > 0) timer = setInterval(refresh, options.watchIntervalMs).unref();
      for (const id of projects.ids()) {
        const project = projects.project(id);
        if (state !== 'starting' || !options.preload.test(id) || !project.isTrained()) continue;
        await projects.model(id).catch(() => undefined); // told by onRefused; the others are to serve
      }
      if (state === 'starting') state = 'ready';
      return address;
    },
    async close(drainMs = 0) {
      state = 'closing';
      if (drainMs > 0) await new Promise((resolve) => setTimeout(resolve, drainMs));
      clearInterval(timer);
      state = 'ending';
      const end = performance.now() + FINISH_MS;
      await connections.stopListening();
      if (!(await connections.endQuiet(end - performance.now()))) {
        await threads.stop(); // what still waits is told so
        await connections.endQuiet(REFUSE_MS);
        connections.cutOff();
      }
      await app.close();
      await refreshing;
      await extraction.stop();
      await threads.stop();
      log.info('stopped');
    },
  };
}

/** Fastify takes a number of proxies for none. */
function trustedProxies(proxies: ServerOptions['trustProxy']) {
  if (typeof proxies !== 'number') return [...proxies];
  return proxies > 0 && ((_address: string, hop: number) => hop < proxies);
}

/** As in forms, `%` that stands for nothing stays: a path is none of ours then, which is answered like any other such path. */
function readablePath(url: string): string {
  if (!url.includes('%')) return url;
  const [path = '', ...query] = url.split('?');
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return [path.replaceAll('%', '%25'), ...query].join('?');
  }
}

function isoTime(): string {
  return `,"time":"${new Date().toISOString()}"`;
}

function levelName(level: string) {
  return { level };
}

function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
