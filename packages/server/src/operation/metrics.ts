import type { ServedWork } from '@catchword/project';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServedModel } from '../models/served-model.js';
import { CLIENT_GONE } from '../problem.js';
import { onClientGone } from './request-signal.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What Prometheus is told. Labels are bounded: routes, not addresses; projects, never texts, URIs or ids of documents. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the first byte of a request to the last of its answer.',
    labelNames: ['route', 'method', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly work = new Histogram({
    name: 'catchword_suggest_duration_seconds',
    help: 'For a piece of a request, of at most 8 documents: waiting for a thread, and suggesting.',
    labelNames: ['project', 'stage'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly documents = new Counter({
    name: 'catchword_documents_total',
    help: 'Documents by outcome.',
    labelNames: ['project', 'outcome'],
    registers: [this.registry],
  });
  private readonly rejected = new Counter({
    name: 'catchword_rejected_total',
    help: 'Requests that were refused, by reason.',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  private readonly models = new Gauge({
    name: 'catchword_model_info',
    help: '1 for each model that serves.',
    labelNames: ['project', 'model', 'vocab'],
    registers: [this.registry],
  });
  private readonly loaded = new Gauge({
    name: 'catchword_model_loaded_timestamp_seconds',
    help: 'When the model that serves was opened.',
    labelNames: ['project'],
    registers: [this.registry],
  });
  private readonly refusedModels = new Counter({
    name: 'catchword_model_refused_total',
    help: 'Models that were found on the disk and could not be used.',
    labelNames: ['project'],
    registers: [this.registry],
  });
  private readonly restarts = new Counter({
    name: 'catchword_thread_restarts_total',
    help: 'Threads that died or hung, and were replaced.',
    registers: [this.registry],
  });
  private readonly feedback = new Counter({
    name: 'catchword_feedback_total',
    help: 'Decisions of cataloguers, by action.',
    labelNames: ['project', 'action'],
    registers: [this.registry],
  });

  private readonly llmRequests = new Counter({
    name: 'catchword_llm_requests_total',
    help: 'Requests to language models: sent, failed ones included, or answered by what was kept.',
    labelNames: ['project', 'outcome'],
    registers: [this.registry],
  });
  private readonly llmTokens = new Counter({
    name: 'catchword_llm_tokens_total',
    help: 'Tokens of what language models read and wrote.',
    labelNames: ['project', 'kind'],
    registers: [this.registry],
  });

  /** @param nWaiting documents that wait for a thread */
  constructor(nWaiting: () => number) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'catchword_queue_depth',
      help: 'Documents that wait for a thread.',
      registers: [this.registry],
      collect() {
        this.set(nWaiting());
      },
    });
  }

  onRequest(route: string, method: string, status: number, seconds: number): void {
    this.requests.observe({ route, method, status: String(status) }, seconds);
  }

  onWork({ key, waitedMs, workedMs, nDocs, usage }: ServedWork): void {
    const project = key.slice(0, key.lastIndexOf('#'));
    this.work.observe({ project, stage: 'wait' }, waitedMs / 1000);
    this.work.observe({ project, stage: 'suggest' }, workedMs / 1000);
    this.documents.inc({ project, outcome: 'answered' }, nDocs);
    if (!usage) return;
    this.llmRequests.inc({ project, outcome: 'sent' }, usage.calls);
    this.llmRequests.inc({ project, outcome: 'kept' }, usage.cached);
    this.llmTokens.inc({ project, kind: 'prompt' }, usage.promptTokens);
    this.llmTokens.inc({ project, kind: 'answer' }, usage.answerTokens);
  }

  onDocumentsFailed(project: string, nDocs: number): void {
    this.documents.inc({ project, outcome: 'failed' }, nDocs);
  }

  onRejected(reason: string): void {
    this.rejected.inc({ reason });
  }

  onModelLoaded({ projectId, version, snapshot, loadedAt }: ServedModel): void {
    this.models.set({ project: projectId, model: version, vocab: snapshot.vocabulary.id }, 1);
    this.loaded.set({ project: projectId }, loadedAt.getTime() / 1000);
  }

  onModelRetired({ projectId, version, snapshot }: ServedModel): void {
    this.models.remove({ project: projectId, model: version, vocab: snapshot.vocabulary.id });
  }

  /** @param before what the model was called before it learnt */
  onModelLearnt({ projectId, version, snapshot }: ServedModel, before: string): void {
    this.models.remove({ project: projectId, model: before, vocab: snapshot.vocabulary.id });
    this.models.set({ project: projectId, model: version, vocab: snapshot.vocabulary.id }, 1);
  }

  onModelRefused(project: string): void {
    this.refusedModels.inc({ project });
  }

  onThreadRestart(): void {
    this.restarts.inc();
  }

  onFeedback(project: string, action: string, n: number): void {
    this.feedback.inc({ project, action }, n);
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** @returns all figures in the text format of Prometheus */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}

/** Measures every request. */
export function addRequestMetrics(app: FastifyInstance, metrics: Metrics): void {
  const measure = (request: FastifyRequest, reply: FastifyReply, status: number) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.onRequest(route, request.method, status, reply.elapsedTime / 1000);
  };
  app.addHook('onRequest', async (request, reply) => {
    onClientGone(reply, () => measure(request, reply, CLIENT_GONE));
  });
  app.addHook('onResponse', async (request, reply) => measure(request, reply, reply.statusCode));
}
