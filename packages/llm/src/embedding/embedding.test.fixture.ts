import type { BackendContext } from '@catchword/core';
import { hashString } from '@catchword/math';
import { type BackendCase, type LlmScript, LlmServer, tinyCase } from '@catchword/testing';
import { onTestFinished } from 'vitest';
import { embedding } from './backend.js';
import type { EmbeddingParams } from './params.js';

const DIMENSIONS = 40;

/** A vector that texts with the same parts of words have nearly in common: a real, if simple, embedding by hashed trigrams. */
export function trigramVector(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const word of text.toLowerCase().split(/[^\p{L}]+/u)) {
    const padded = ` ${word} `;
    for (let i = 0; i + 3 <= padded.length; i++) {
      const hash = hashString(padded.slice(i, i + 3));
      const d = hash % DIMENSIONS;
      vector[d] = (vector[d] as number) + (hash & 0x10000 ? 1 : -1);
    }
  }
  return vector.some((value) => value !== 0) ? vector : vector.fill(1);
}

/** What a service of embeddings answers. */
export const embeddingScript: LlmScript = ({ body }) => ({
  kind: 'json',
  json: {
    data: (body.input ?? []).map((text, index) => ({ index, embedding: trigramVector(text) })),
    usage: { prompt_tokens: 7, total_tokens: 7 },
  },
});

/** Starts a service that ends with the test. */
export async function startEmbeddings(script: LlmScript = embeddingScript): Promise<LlmServer> {
  const server = await LlmServer.start(script);
  onTestFinished(() => server.close());
  return server;
}

export async function embeddingCase(
  url: string,
  language = 'en',
  params: Readonly<Record<string, string | number>> = {},
): Promise<BackendCase<EmbeddingParams>> {
  return tinyCase(embedding, {
    language,
    analyzer: 'simple',
    params: { endpoint: url, model: 'trigrams', trees: 20, cache: 'false', ...params },
    badParams: {
      endpoint: 'ftp://example.org',
      model: 'onnx:here',
      languages: 'German, English',
      chunk_words: 0,
      chunks: 'many',
      trees: -1,
      train_documents: 0,
      timeout: 'long',
      retries: -1,
      concurrency: 0,
      batch_calls: -1,
      batch_tokens: -1,
      batch_seconds: -1,
      total_calls: -1,
      total_tokens: -1,
      cache: 'perhaps',
      key_env: 'sk-123',
      api_version: 'a b',
    },
    reachesUntrained: true,
  });
}

/** Answers in memory. */
export function memoryCache(): NonNullable<BackendContext['answers']> & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (key) => kept.get(key),
    put: async (key, answer) => {
      kept.set(key, answer);
    },
  };
}
