import { backendConformance, LlmServer, TINY_LANGUAGES } from '@catchword/testing';
import { afterAll } from 'vitest';
import { embeddingCase, embeddingScript } from './embedding.test.fixture.js';

const server = await LlmServer.start(embeddingScript);
afterAll(() => server.close());

for (const language of TINY_LANGUAGES) {
  backendConformance(`embedding in ${language}`, () => embeddingCase(server.url, language));
}
backendConformance('embedding without trees', () => embeddingCase(server.url, 'en', { trees: 0 }));
