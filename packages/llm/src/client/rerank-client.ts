import { type AnswerMemory, answerKey } from './answer-memory.js';
import { EndpointError } from './endpoint-error.js';
import type { CallOptions, EndpointService } from './endpoint-service.js';
import { estimateTokens } from './token-estimate.js';

/** A cross-encoder at an endpoint: reads a query and a document together and says how well they fit. */
export class RerankClient {
  readonly name: string;
  private readonly service: EndpointService;
  private readonly memory: AnswerMemory;

  constructor(service: EndpointService, memory: AnswerMemory) {
    this.name = service.endpoint.model;
    this.service = service;
    this.memory = memory;
  }

  /**
   * @returns shape (nDocuments): as the model scores, on whatever scale; NaN where the answer has none
   * @throws {EndpointError} as `EndpointService.call`; `unreadable` where the answer has no score at all
   */
  async rerank(query: string, documents: readonly string[], options: CallOptions): Promise<Float64Array> {
    const key = answerKey(['rerank', this.name, query, documents]);
    const kept = readKept(await this.memory.get(key), documents.length);
    if (kept) {
      options.budget.noteCached();
      return kept;
    }
    const body = {
      model: this.name,
      query,
      documents,
      texts: documents,
      top_n: documents.length,
      return_documents: false,
    };
    const promptTokens = documents.reduce((sum, each) => sum + estimateTokens(query) + estimateTokens(each), 0);
    const { json } = await this.service.call('rerank', body, { promptTokens, answerTokens: 0 }, options);
    const scores = readScores(json, documents.length);
    if (scores.every(Number.isNaN)) {
      const { origin } = this.service.endpoint;
      throw new EndpointError('unreadable', `${origin} answered with JSON that holds no scores`, { status: 200 });
    }
    await this.memory.put(key, JSON.stringify(Array.from(scores, (score) => (Number.isNaN(score) ? null : score))));
    return scores;
  }
}

/** Reads what Cohere, Jina, vLLM and llama.cpp (`results`, `relevance_score`) or TEI (a list, `score`) answer. */
function readScores(json: unknown, n: number): Float64Array {
  const scores = new Float64Array(n).fill(Number.NaN);
  const { results, data } = (Array.isArray(json) ? { results: json } : (json ?? {})) as {
    results?: unknown;
    data?: unknown;
  };
  const list = Array.isArray(results) ? results : data;
  if (!Array.isArray(list)) return scores;
  for (const each of list as unknown[]) {
    const { index, relevance_score, score } = (each ?? {}) as Record<string, unknown>;
    const value = relevance_score ?? score;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= n) continue;
    if (typeof value !== 'number' || !Number.isFinite(value) || !Number.isNaN(scores[index])) continue;
    scores[index] = value;
  }
  return scores;
}

function readKept(text: string | undefined, n: number): Float64Array | undefined {
  if (text === undefined) return undefined;
  try {
    const values: unknown = JSON.parse(text);
    if (!Array.isArray(values) || values.length !== n) return undefined;
    return Float64Array.from(values, (value) => (typeof value === 'number' ? value : Number.NaN));
  } catch {
    return undefined;
  }
}
