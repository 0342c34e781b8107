import { backendConformance, LlmServer } from '@catchword/testing';
import { afterAll } from 'vitest';
import { embeddingScript } from '../embedding/embedding.test.fixture.js';
import { copyingScript, keywordCase } from './keywords.test.fixture.js';

const server = await LlmServer.start((request) =>
  (request.path === 'embeddings' ? embeddingScript : copyingScript)(request),
);
afterAll(() => server.close());

for (const language of ['en', 'de']) {
  backendConformance(`llm_keywords in ${language}`, () => keywordCase(server.url, language));
}
backendConformance('llm_keywords with labels near in meaning', () =>
  keywordCase(server.url, 'en', { embedding_model: 'trigrams', similarity: 0.6 }),
);
backendConformance('llm_keywords with a fixed rule', () => keywordCase(server.url, 'en', { trees: 0 }));
