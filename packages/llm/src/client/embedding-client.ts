import { type AnswerMemory, answerKey } from './answer-memory.js';
import { EndpointError } from './endpoint-error.js';
import type { CallOptions, EndpointService } from './endpoint-service.js';
import { estimateTokens } from './token-estimate.js';

/** Texts of one request. */
const MOST_TEXTS = 64;

/** Vectors of texts: shape (nTexts, dimensions), row-major, as the model gives them. */
export interface Embeddings {
  readonly dimensions: number;
  readonly values: Float32Array;
}

/** A model at an endpoint that turns texts into vectors. */
export class EmbeddingClient {
  readonly name: string;
  private readonly service: EndpointService;
  private readonly memory: AnswerMemory;

  constructor(service: EndpointService, memory: AnswerMemory) {
    this.name = service.endpoint.model;
    this.service = service;
    this.memory = memory;
  }

  /**
   * Embeds texts, those that it has not at hand in requests of `MOST_TEXTS`.
   *
   * @param texts at least one
   * @throws {EndpointError} as `EndpointService.call`; `unreadable` where a text has no vector, or they differ in length
   */
  async embed(texts: readonly string[], options: CallOptions): Promise<Embeddings> {
    const keys = texts.map((text) => answerKey(['embedding', this.name, text]));
    const rows = await Promise.all(keys.map(async (key) => readVector(await this.memory.get(key))));
    const missing = rows.flatMap((row, i) => (row ? [] : [i]));
    if (missing.length < texts.length) options.budget.noteCached();
    for (let from = 0; from < missing.length; from += MOST_TEXTS) {
      const some = missing.slice(from, from + MOST_TEXTS);
      const vectors = await this.request(
        some.map((i) => texts[i] as string),
        options,
      );
      for (const [k, i] of some.entries()) {
        const vector = vectors[k] as Float32Array;
        rows[i] = vector;
        await this.memory.put(keys[i] as string, Buffer.from(vector.buffer).toString('base64'));
      }
    }
    const dimensions = rows[0]?.length ?? 0;
    const values = new Float32Array(texts.length * dimensions);
    for (const [i, row] of rows.entries()) {
      if (row?.length !== dimensions) throw this.unreadable('vectors of different lengths');
      values.set(row, i * dimensions);
    }
    return { dimensions, values };
  }

  private async request(texts: readonly string[], options: CallOptions): Promise<Float32Array[]> {
    const body = { model: this.name, input: texts, encoding_format: 'float' };
    const promptTokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
    const { json } = await this.service.call('embeddings', body, { promptTokens, answerTokens: 0 }, options);
    const { data } = (json ?? {}) as { data?: unknown };
    const vectors: (Float32Array | undefined)[] = texts.map(() => undefined);
    if (Array.isArray(data)) {
      for (const [place, each] of (data as unknown[]).entries()) {
        const { index = place, embedding } = (each ?? {}) as { index?: unknown; embedding?: unknown };
        if (typeof index !== 'number' || !(index in vectors) || vectors[index]) continue;
        vectors[index] = vectorOf(embedding);
      }
    }
    return vectors.map((vector) => {
      if (!vector) throw this.unreadable('JSON that lacks vectors of some texts');
      return vector;
    });
  }

  private unreadable(what: string): EndpointError {
    return new EndpointError('unreadable', `${this.service.endpoint.origin} answered with ${what}`, { status: 200 });
  }
}

/** Numbers, or base64 of 32-bit floats. */
function vectorOf(embedding: unknown): Float32Array | undefined {
  if (typeof embedding === 'string') return readVector(embedding);
  if (!Array.isArray(embedding) || embedding.length === 0) return undefined;
  const areNumbers = embedding.every((value) => typeof value === 'number' && Number.isFinite(value));
  return areNumbers ? Float32Array.from(embedding as number[]) : undefined;
}

function readVector(base64: string | undefined): Float32Array | undefined {
  if (base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0) return undefined;
  const vector = new Float32Array(bytes.length / 4);
  new Uint8Array(vector.buffer).set(bytes);
  return vector.every(Number.isFinite) ? vector : undefined;
}
