import { type BackendCase, type LlmRequest, type LlmScript, LlmServer, tinyCase } from '@catchword/testing';
import { onTestFinished } from 'vitest';
import { llmKeywords } from './backend.js';
import type { KeywordParams } from './params.js';

/** What stands between the marks of a question. */
export function shownTextOf({ body }: LlmRequest): string {
  const content = body.messages?.find(({ role }) => role === 'user')?.content ?? '';
  return content.split('\n').slice(1, -1).join('\n');
}

/** A model that copies words and pairs of words out of the text: simple, but a function of the text alone. */
export const copyingScript: LlmScript = (request) => {
  const words = shownTextOf(request)
    .split(/[^\p{L}]+/u)
    .filter((word) => word.length > 2)
    .slice(0, 12);
  const keywords = words.flatMap((word, i) => (i > 0 ? [`${words[i - 1]} ${word}`, word] : [word]));
  return { kind: 'text', text: JSON.stringify({ keywords: keywords.length > 0 ? keywords : ['nothing'] }) };
};

/** Starts a service that ends with the test. */
export async function startModel(script: LlmScript = copyingScript): Promise<LlmServer> {
  const server = await LlmServer.start(script);
  onTestFinished(() => server.close());
  return server;
}

export function keywordCase(
  url: string,
  language = 'en',
  params: Readonly<Record<string, string | number>> = {},
): Promise<BackendCase<KeywordParams>> {
  return tinyCase(llmKeywords, {
    language,
    analyzer: { en: 'snowball(english)', de: 'snowball(german)', fi: 'snowball(finnish)' }[language] ?? 'simple',
    params: { endpoint: url, model: 'copier', keywords: 30, cache: 'false', retries: 0, ...params },
    badParams: {
      keywords: 0,
      style_examples: -1,
      text_characters: 'all',
      trees: -1,
      train_documents: 0,
      seed: 'x',
      endpoint: 'nowhere',
      key_env: 'sk-123',
      api_version: 'a b',
      format: 'xml',
      thinking_tokens: -1,
      timeout: 'long',
      retries: -1,
      concurrency: 0,
      document_calls: -1,
      document_tokens: -1,
      document_seconds: -1,
      batch_calls: -1,
      batch_tokens: -1,
      batch_seconds: -1,
      total_calls: -1,
      total_tokens: -1,
      cache: 'perhaps',
      embedding_model: 'onnx:here',
      embedding_endpoint: 'nowhere',
      similarity: 'near',
    },
    reachesUntrained: true,
  });
}
