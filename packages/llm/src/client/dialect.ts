import type { ChatRequest } from './chat-model.js';
import type { EndpointError } from './endpoint-error.js';

/** How strictly the form of an answer can be asked for, from strict to not at all. */
export const ANSWER_FORMATS = ['json_schema', 'json_object', 'plain'] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

/** What a service understands of OpenAI's chat API; it is found out by asking. */
export interface Dialect {
  readonly format: AnswerFormat;
  /** Newer models of OpenAI refuse the old name, most other services do not know the new one. */
  readonly limitName: 'max_tokens' | 'max_completion_tokens';
  readonly hasTemperature: boolean;
  readonly hasSeed: boolean;
  readonly hasLogprobs: boolean;
}

export const FULL_DIALECT: Dialect = {
  format: 'json_schema',
  limitName: 'max_tokens',
  hasTemperature: true,
  hasSeed: true,
  hasLogprobs: true,
};

/** Dialects found out, by the id of the endpoint: asked once in a thread, not for each document. */
export const knownDialects = new Map<string, Dialect>();

/** @returns the body of a chat request in the dialect */
export function chatBody(model: string, request: ChatRequest, dialect: Dialect): Record<string, unknown> {
  const { messages, mostTokens, schema, words, seed } = request;
  const body: Record<string, unknown> = { model, messages, stream: false, [dialect.limitName]: mostTokens };
  if (dialect.hasTemperature) body.temperature = 0;
  if (dialect.hasSeed) body.seed = seed;
  if (schema && dialect.format === 'json_schema') {
    body.response_format = { type: 'json_schema', json_schema: { ...schema, strict: true } };
  }
  if (schema && dialect.format === 'json_object') body.response_format = { type: 'json_object' };
  if (words && dialect.hasLogprobs) {
    body.logprobs = true;
    body.top_logprobs = 20;
  }
  return body;
}

/**
 * @returns the dialect to try after a service has refused a request, or undefined where the refusal is about something else
 *   or nothing is left to do without
 */
export function simplerDialect(dialect: Dialect, request: ChatRequest, refusal: EndpointError): Dialect | undefined {
  const { status, detail } = refusal;
  if (status !== 400 && status !== 404 && status !== 422 && status !== 501) return undefined;
  const text = detail.toLowerCase();
  if (/context.{0,20}(length|window|size)|too long|maximum context|exceeds?.{0,30}tokens/.test(text)) return undefined;
  if (request.words && dialect.hasLogprobs && text.includes('logprob')) return { ...dialect, hasLogprobs: false };
  if (text.includes('max_tokens') && dialect.limitName === 'max_tokens') {
    return { ...dialect, limitName: 'max_completion_tokens' };
  }
  if (text.includes('temperature') && dialect.hasTemperature) return { ...dialect, hasTemperature: false };
  if (/\bseed\b/.test(text) && dialect.hasSeed) return { ...dialect, hasSeed: false };
  if (status === 404) return undefined; // a model or a path that is not there
  const asksForForm = request.schema !== undefined && dialect.format !== 'plain';
  if (asksForForm) return { ...dialect, format: dialect.format === 'json_schema' ? 'json_object' : 'plain' };
  // It does not say what it dislikes: do without all that not every service knows.
  if (request.words && dialect.hasLogprobs) return { ...dialect, hasLogprobs: false };
  if (dialect.hasSeed) return { ...dialect, hasSeed: false };
  return undefined;
}
